"""Service tokens: what scripts and probes show, who belong to no issuer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gridmask.domain.rights import Grant

LONGEST_TERM = timedelta(days=366)
"""How long a service token may count at most."""


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """A token as it is kept: its secret is not.

    Attributes:
        id: what it is called where it is shown or logged.
        name: what who shows it is called.
        grants: what that may do.
        revoked_at: when it ceased to count before its time.
        reason: what it is for.
    """

    id: str
    name: str
    grants: frozenset[Grant]
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    reason: str
    revoked_at: datetime | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it opens anything at ``now``."""
        return self.revoked_at is None and now < self.expires_at

"""Tokens: a row in the hands of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DEFAULT_DURATION = timedelta(days=1)
"""How long a token lasts unless told otherwise; DIRAC's number."""


@dataclass(frozen=True, slots=True)
class Token:
    """Ownership of a row by ``owner`` until ``expires_at`` (None: until released). Automation computes, but does not act."""

    owner: str
    expires_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it still lasts."""
        return self.expires_at is None or now < self.expires_at

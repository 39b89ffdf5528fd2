"""Sessions: who logged in, kept by their browser under our seal.

Nothing of them is kept here, so any process with the same key knows them, and a restart ends none. What ends early is noted in
the process that was told so; elsewhere it counts until it is over.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gridmask.access.identity import Identity
from gridmask.access.sealing import LONGEST
from gridmask.access.spent import Spent
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.rights import Grant, Role

if TYPE_CHECKING:
    from datetime import timedelta

    from gridmask.access.bearer import Issuer
    from gridmask.access.sealing import Seals
    from gridmask.clock import Clock

_PURPOSE = "gridmask-session"


class Sessions:
    """The sessions of those for whom ``issuers`` vouch, under ``seals``; each ends after ``lasting``."""

    def __init__(self, seals: Seals, issuers: Iterable[Issuer], lasting: timedelta, clock: Clock) -> None:
        self.seals = seals
        self._terms = {issuer.url: _terms(issuer) for issuer in issuers}
        self._lasting = lasting
        self._clock = clock
        self._ended = Spent(clock)

    @property
    def seconds(self) -> int:
        """How long one lasts."""
        return int(self._lasting.total_seconds())

    def begin(self, identity: Identity) -> str:
        """A new session of somebody who just proved who they are, as their browser is to keep it.

        Raises:
            InvalidRequest: it has more grants than a browser keeps.
        """
        content = {
            "id": secrets.token_urlsafe(16),
            "name": identity.name,
            "issuer": identity.issuer,
            "grants": [f"{grant.role}:{grant.vo}" for grant in sorted(identity.grants)],
            "terms": self._terms[identity.issuer],
            "until": (self._clock() + self._lasting).timestamp(),
        }
        sealed = self.seals.seal(_PURPOSE, content)
        if len(sealed) > LONGEST:
            raise InvalidRequest(
                f"{identity.name} is granted {len(identity.grants)} roles, more than a browser can keep. "
                "Have the grants of the issuer ([[issuer.grant]]) name what is needed here."
            )
        return sealed

    def identify(self, kept: str) -> Identity | None:
        """Who has the session that a browser ``kept``; None if it is none, or none any more.

        It ends before its time when it is ended, and when what the issuer's word is good for changes in the settings.
        """
        content = self._open(kept)
        if content is None or content["id"] in self._ended or self._terms.get(content["issuer"]) != content["terms"]:
            return None
        return Identity(content["name"], content["issuer"], _grants(content["grants"]), expires_at=content["until"])

    def end(self, kept: str) -> Identity | None:
        """End the session that a browser ``kept``, and tell whose it was."""
        identity, content = self.identify(kept), self._open(kept)
        if content is not None:
            self._ended.add(content["id"], content["until"])
        return identity

    def _open(self, kept: str) -> Mapping[str, Any] | None:
        content = self.seals.open(_PURPOSE, kept)
        return content if content is not None and self._clock().timestamp() < content["until"] else None


def _terms(issuer: Issuer) -> str:
    """What changes when anything does that decides whom an issuer's word makes somebody, and what that may do."""
    said = (
        issuer.name,
        issuer.url,
        issuer.name_claim,
        [(rule.role, rule.vo, sorted(rule.when.items())) for rule in issuer.rules],
    )
    return sha256(repr(said).encode()).hexdigest()[:16]


def _grants(written: Iterable[str]) -> frozenset[Grant]:
    pairs = (grant.split(":", 1) for grant in written)
    return frozenset(Grant(Role(role), vo) for role, vo in pairs)

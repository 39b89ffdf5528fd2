"""Bearer tokens that issuers sign."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from joserfc import jwt

from gridmask.access.granting import GrantRule, granted
from gridmask.access.identity import LONGEST_NAME, Claims, Identity
from gridmask.access.keys import PublishedKeys
from gridmask.access.remembering import Remembered
from gridmask.access.signed import LEEWAY, Unchecked, refusing, short
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.vo import VoRegistry

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.http import Client

REMEMBERED_FOR = 60
"""Seconds for which a token that was checked counts without being checked again."""

_MOST_REMEMBERED = 4096

Registry = Callable[[], Awaitable[VoRegistry]]
"""Tells which VOs there are."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody who vouches for others.

    Attributes:
        name: what it is called here; it ends the names of all for whom it vouches.
        url: as tokens have it in ``iss``, to the letter.
        audiences: of which a token must name one; none: tokens of this issuer name nobody, and one that does is refused.
        name_claim: the claim that names somebody.
        rules: what it takes to be granted something.
    """

    name: str
    url: str
    audiences: frozenset[str]
    name_claim: str
    rules: tuple[GrantRule, ...]


class Bearers:
    """Checks tokens of ``issuers``."""

    def __init__(self, issuers: Iterable[Issuer], client: Client, clock: Clock, registry: Registry) -> None:
        self._issuers = {issuer.url: (issuer, PublishedKeys(issuer.url, client, clock)) for issuer in issuers}
        self._clock = clock
        self._registry = registry
        self._known = Remembered[Identity](_MOST_REMEMBERED)

    def takes(self, token: str) -> bool:
        """Whether ``token`` looks like one."""
        return token.count(".") == 2

    async def identify(self, token: str) -> Identity:
        """Whom ``token`` is about.

        Raises:
            Unauthenticated: it proves nothing; the text says why, and nothing of the token.
            KeysUnavailable: nobody can tell, for now.
        """
        now = self._clock().timestamp()
        digest = sha256(token.encode(errors="replace")).digest()
        if (known := self._known.at(digest, now)) is not None:
            return known
        identity = await self._check(token, int(now))
        self._known.keep(digest, min(now + REMEMBERED_FOR, (identity.expires_at or 0) + LEEWAY), identity)
        return identity

    async def _check(self, token: str, now: int) -> Identity:
        shown = Unchecked.of(token)
        issuer, keys = self._issuer(shown.claims.get("iss"))
        claims = await shown.checked(issuer.url, keys)
        with refusing():
            _checks(issuer, now).validate(dict(claims))
        _require_for_us(issuer, claims)
        return identity_of(issuer, claims, await self._registry())

    def _issuer(self, url: object) -> tuple[Issuer, PublishedKeys]:
        found = self._issuers.get(url) if isinstance(url, str) else None
        if found is None:
            raise Unauthenticated(f"Tokens of the issuer {short(url)} are not accepted.")
        return found


def identity_of(issuer: Issuer, claims: Claims, vos: VoRegistry) -> Identity:
    """Whom ``claims``, which were checked, are about.

    Raises:
        Unauthenticated: they name nobody.
    """
    said = claims.get(issuer.name_claim)
    name = f"{said}@{issuer.name}"
    if not isinstance(said, str) or not said.isprintable() or not said.strip() or len(name) > LONGEST_NAME:
        raise Unauthenticated(f"The token names nobody: its {issuer.name_claim} should be a text that can be shown.")
    expires_at = claims["exp"]
    assert isinstance(expires_at, int | float)  # it was checked
    return Identity(name, issuer.url, granted(issuer.rules, claims, vos), expires_at=expires_at)


def _checks(issuer: Issuer, now: int) -> jwt.JWTClaimsRegistry:
    audience: jwt.ClaimsOption = {"essential": True, "values": sorted(issuer.audiences)}
    return jwt.JWTClaimsRegistry(
        now,
        LEEWAY,
        iss={"essential": True, "value": issuer.url},
        exp={"essential": True},
        **({"aud": audience} if issuer.audiences else {}),
    )


def _require_for_us(issuer: Issuer, claims: Claims) -> None:
    if not issuer.audiences and claims.get("aud"):
        raise Unauthenticated(
            f"The token is for {short(claims['aud'])}. If that is this server, name it as an 'audience' of {issuer.name!r}."
        )

"""Bearer tokens that issuers sign: JSON Web Tokens (:rfc:`7519`), checked as :rfc:`8725` advises."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from gridmask.access.granting import GrantRule, granted
from gridmask.access.identity import LONGEST_NAME, Claims, Identity
from gridmask.access.keys import PublishedKeys
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.vo import VoRegistry

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.http import Client

LONGEST = 16 * 1024
"""Bytes of a token that is looked at."""

LEEWAY = 60
"""Seconds by which the clocks of issuers may be wrong."""

REMEMBERED_FOR = 60
"""Seconds for which a token that was checked counts without being checked again."""

_MOST_REMEMBERED = 4096

Registry = Callable[[], Awaitable[VoRegistry]]
"""Tells which VOs there are."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""What tokens may be signed with: public keys alone. Whoever can check a secret one could also make it."""


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
        self._known: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()

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
        until, known = self._known.get(digest, (0.0, None))
        if known is not None and now < until:
            return known
        identity = await self._check(token, int(now))
        self._remember(digest, min(now + REMEMBERED_FOR, (identity.expires_at or 0) + LEEWAY), identity)
        return identity

    def _remember(self, digest: bytes, until: float, identity: Identity) -> None:
        self._known[digest] = until, identity
        self._known.move_to_end(digest)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)

    async def _check(self, token: str, now: int) -> Identity:
        header, said = _unchecked(token)
        issuer, keys = self._issuer(said.get("iss"))
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise Unauthenticated(f"Tokens signed with {_short(algorithm)} are not accepted; {', '.join(ALGORITHMS)} are.")
        kid = header.get("kid")
        key = await keys.find(kid if isinstance(kid, str) else None)
        if key is None:
            raise Unauthenticated(f"{issuer.url} publishes no key called {_short(kid)}.")
        try:
            registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
            claims = jwt.decode(token, key, algorithms=[algorithm], registry=registry).claims
            _checks(issuer, now).validate(claims)
            _require_for_us(issuer, claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated(f"The token does not count: {_why(error)}.") from error
        return _identity(issuer, claims, await self._registry())

    def _issuer(self, url: object) -> tuple[Issuer, PublishedKeys]:
        found = self._issuers.get(url) if isinstance(url, str) else None
        if found is None:
            raise Unauthenticated(f"Tokens of the issuer {_short(url)} are not accepted.")
        return found


def _identity(issuer: Issuer, claims: Claims, vos: VoRegistry) -> Identity:
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
            f"The token is for {_short(claims['aud'])}. If that is this server, name it as an 'audience' of {issuer.name!r}."
        )


def _unchecked(token: str) -> tuple[Mapping[str, object], Claims]:
    """What ``token`` says, before anybody knows whether that is true: to know whose key to check it with."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        raise Unauthenticated("What was sent as a token is none.")
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, RecursionError) as error:
        raise Unauthenticated("What was sent as a token is none.") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Unauthenticated("What was sent as a token is none.")
    return header, claims


def _why(error: Exception) -> str:
    return str(getattr(error, "error", "") or type(error).__name__).replace("_", " ")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."

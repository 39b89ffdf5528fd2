"""What issuers sign: JSON Web Tokens (:rfc:`7519`), read as :rfc:`8725` advises. Whom they are for, others check."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from gridmask.domain.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.access.identity import Claims
    from gridmask.access.keys import PublishedKeys

LONGEST = 16 * 1024
"""Bytes of a token that is looked at."""

LEEWAY = 60
"""Seconds by which the clocks of issuers may be wrong."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""What tokens may be signed with: public keys alone. Whoever can check a secret one could also make it."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What a token says, before anybody knows whether that is true: to know whose key to check it with."""

    token: str
    header: Mapping[str, object]
    claims: Claims

    @classmethod
    def of(cls, token: str) -> Unchecked:
        """What ``token`` says.

        Raises:
            Unauthenticated: it is none.
        """
        parts = token.split(".")
        if len(token) > LONGEST or len(parts) != 3:
            raise Unauthenticated("What was sent as a token is none.")
        try:
            header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
        except (ValueError, RecursionError) as error:
            raise Unauthenticated("What was sent as a token is none.") from error
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise Unauthenticated("What was sent as a token is none.")
        return cls(token, header, claims)

    async def checked(self, url: str, keys: PublishedKeys) -> Claims:
        """The same claims, if the issuer at ``url``, which has ``keys``, signed them. What they say is not looked at.

        Raises:
            Unauthenticated: it did not. KeysUnavailable: nobody can tell, for now.
        """
        algorithm = self.header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise Unauthenticated(f"Tokens signed with {short(algorithm)} are not accepted; {', '.join(ALGORITHMS)} are.")
        if "crit" in self.header:
            told = short(self.header["crit"])
            raise Unauthenticated(f"The token wants {told} to be understood ('crit'), of which nothing is known here.")
        kid = self.header.get("kid")
        key = await keys.find(kid if isinstance(kid, str) else None)
        if key is None:
            raise Unauthenticated(f"{url} publishes no key called {short(kid)}.")
        with refusing():
            registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
            return jwt.decode(self.token, key, algorithms=[algorithm], registry=registry).claims


@contextmanager
def refusing() -> Iterator[None]:
    """Refuses a token for whatever is wrong with it.

    Raises:
        Unauthenticated: something is.
    """
    try:
        yield
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Unauthenticated(f"The token does not count: {_why(error)}.") from error


def short(value: object) -> str:
    """``value``, which a stranger sent, as it can be told."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."


def _why(error: Exception) -> str:
    return str(getattr(error, "error", "") or type(error).__name__).replace("_", " ")

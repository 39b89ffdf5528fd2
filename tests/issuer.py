"""An issuer for tests: publishes keys as OpenID Connect wants it, and signs whatever it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gridmask.http import Backoff, Client

if TYPE_CHECKING:
    from datetime import datetime

    from joserfc.jwk import Key
    from starlette.types import Receive, Scope, Send

    from gridmask.clock import Clock

URL = "https://iam.example.org/"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed", "alg": "Ed25519", "key_ops": ["sign", "verify"]})
OTHER = ECKey.generate_key("P-256", {"kid": "other"})
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}


@dataclass
class Signer:
    """What it publishes can be changed at any time; ``asked`` counts how often somebody read its keys."""

    url: str = URL
    keys: list[Key] = field(default_factory=lambda: [EC, RSA, ED])
    about: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    def token(self, now: datetime, key: Key = EC, header: dict[str, Any] | None = None, **claims: Any) -> str:  # noqa: ANN401
        """A token for an hour; a claim that is None is left out."""
        said = {"iss": self.url, "sub": "1234", "exp": int(now.timestamp()) + 3600, **claims}
        told = {"alg": _ALGORITHMS[key.key_type], "kid": key.kid, **(header or {})}
        return jwt.encode(
            {name: value for name, value in told.items() if value is not None},
            {name: value for name, value in said.items() if value is not None},
            key,
            algorithms=[told["alg"]],
        )

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as a server does."""
        del receive
        body = b"" if self.away else json.dumps(self._told(scope["path"])).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 503 if self.away else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _told(self, path: str) -> dict[str, Any]:
        if path.endswith("/.well-known/openid-configuration"):
            return {"issuer": self.url, "jwks_uri": self.url.rstrip("/") + "/jwks", **self.about}
        self.asked += 1
        return {"keys": list(published(self.keys))}

    def client(self, clock: Clock) -> Client:
        """Somebody who can reach it, and does not wait long where it is away."""
        return Client(clock, backoff=Backoff(first=0.001), transport=httpx2.ASGITransport(self.app))


def published(keys: Iterable[Key]) -> Iterable[dict[str, Any]]:
    """The keys as an issuer shows them to everybody."""
    return ({**key.as_dict(private=False)} for key in keys)

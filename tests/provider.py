"""An issuer that people log in by, for tests: a small OpenID provider, strict where a real one is."""

from __future__ import annotations

import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.clocks import NOW
from tests.issuer import EC, Signer

if TYPE_CHECKING:
    from joserfc.jwk import Key
    from starlette.types import Receive, Scope, Send

CLIENT, SECRET = "gridmask", "s3cret"


@dataclass
class Provider(Signer):
    """Whoever comes is let in as whom the test says; ``claims`` are put into ID tokens, ``told`` is what userinfo says."""

    key: Key = field(default_factory=lambda: EC)
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    says_who: bool = True
    farewell: object = None
    method: str = "client_secret_basic"
    refusing: object = "invalid_grant"
    instead: Response | None = None
    redeemed: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        base = self.url.rstrip("/")
        self.about |= {
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "token_endpoint_auth_methods_supported": [self.method],
            "authorization_response_iss_parameter_supported": self.says_who,
            **({"end_session_endpoint": self.farewell} if self.farewell else {}),
        }

    def let_in(self, address: str, **claims: Any) -> str:  # noqa: ANN401
        """Where a browser that was sent to ``address`` is sent back to, once somebody logged in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.about['authorization_endpoint']}?")
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        self.claims |= claims
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"], **({"iss": self.url} if self.says_who else {}), "session_state": "x"}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as a server does."""
        if scope["path"].endswith("/token") and self.instead:
            await self.instead(scope, receive, send)
        elif scope["path"].endswith("/token"):
            form = dict(parse_qsl((await Request(scope, receive).body()).decode()))
            response = self._redeem(form, dict(scope["headers"]))
            await response(scope, receive, send)
        elif scope["path"].endswith("/userinfo"):
            await JSONResponse(self.told)(scope, receive, send)
        else:
            await super().app(scope, receive, send)

    def _redeem(self, form: dict[str, str], headers: dict[bytes, bytes]) -> JSONResponse:
        basic = b64decode(headers.get(b"authorization", b"").removeprefix(b"Basic ")).decode()
        posted = f"{form.get('client_id')}:{form.get('client_secret')}"
        shown = {"client_secret_basic": basic, "client_secret_post": posted, "none": form.get("client_id")}[self.method]
        if shown != (CLIENT if self.method == "none" else f"{CLIENT}:{SECRET}"):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form["code"], None)
        proven = asked and create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
        if not asked or not proven or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": self.refusing, "error_description": "<b>no</b>"}, 400)
        self.redeemed.append(form["code"])
        said = {"aud": CLIENT, "nonce": asked["nonce"], "iat": int(NOW.timestamp()), **self.claims}
        token = self.token(NOW, self.key, self.header or None, **said)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "expires_in": 600, "id_token": token})

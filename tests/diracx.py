"""A DiracX that answers as its documentation says: what a VO may use, to whoever holds the right token."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator


def token(**claims: str) -> str:
    """An access token with these claims, signed by nobody."""
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


def allowed(warnings: str | None = None) -> dict[str, Any]:
    """That something may be used."""
    return {"allowed": True, "warnings": warnings}


def banned(reason: str) -> dict[str, Any]:
    """That something may not be used."""
    return {"allowed": False, "reason": reason}


@dataclass
class DiracX:
    """What it says, by route, and to whom; an ASGI application."""

    token: str
    says: dict[str, Any] = field(default_factory=lambda: {route: {} for route in ("storage", "compute", "site", "fts")})

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
        del receive
        status, body = self._answer(scope["path"], dict(scope["headers"]).get(b"authorization", b"").decode())
        headers = [(b"content-type", b"application/json"), (b"etag", b"2026-06-01T00:00:00-5-lhcb")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    def _answer(self, path: str, authorization: str) -> tuple[int, Any]:
        if authorization != f"Bearer {self.token}":
            return 401, {"detail": "Invalid JWT"}
        route = path.removeprefix("/api/rss/")
        return (200, self.says[route]) if route in self.says else (404, {"detail": "Not Found"})


@contextmanager
def serving(app: DiracX) -> Iterator[str]:
    """The address at which ``app`` answers, on loopback, in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="error"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        deadline = monotonic() + 30
        while not server.started and thread.is_alive() and monotonic() < deadline:
            sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)

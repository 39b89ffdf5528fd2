"""A browser in which people log in to the portal, with issuers that let them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.http import Backoff, Client
from tests.provider import CLIENT, SECRET, Provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from tests.grid import Grid

AT = "https://rss.example.org"
OPS = [
    {"role": "operator", "vo": "{1}", "when": {"groups": "/*/ops"}},
    {"role": "reader", "vo": "{1}", "when": {"groups": "/*"}},
]
SAME = {"Origin": AT, "Sec-Fetch-Site": "same-origin"}
GOING = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SET = {"rows": [{"name": "CE1", "vo": "cms"}], "status": "Banned", "reason": "a try"}


class Browser:
    """A browser, without its eyes: keeps cookies, and is sent from one server to the other."""

    def __init__(self, client: httpx2.AsyncClient, grid: Grid, *providers: Provider) -> None:
        self.client = client
        self.grid = grid
        self.iam, *self.others = providers

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.client.get(path, headers={"Accept": "text/html", **headers})

    async def log_in(self, path: str = "/login", **claims: Any) -> httpx2.Response:  # noqa: ANN401
        sent = await self.get(path)
        return await self.get(self.iam.let_in(sent.headers["Location"], **claims), **GOING)

    async def whoami(self, **headers: str) -> str:
        return str((await self.client.get("/api/v1/access", headers=headers)).json()["name"])

    @property
    def session(self) -> str:
        return self.client.cookies.get("__Host-gridmask") or ""


@asynccontextmanager
async def browsing(
    grid: Grid,
    *providers: Provider,
    access: dict[str, Any] | None = None,
    **more: Any,  # noqa: ANN401 - whatever settings hold
) -> AsyncIterator[Browser]:
    secret = grid.folder / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    issuers = [
        {
            "name": f"iam{n or ''}",
            "url": one.url,
            "client_id": CLIENT,
            "client_secret_file": secret,
            "grant": OPS,
            **more,
        }
        for n, one in enumerate(providers)
    ]
    settings = grid.settings(access={"reading": "vo", "url": AT, **(access or {})}, issuer=issuers)
    outside = Client(grid.clock, backoff=Backoff(first=0.001), transport=httpx2.ASGITransport(_web(providers)))
    async with outside, installation(settings, clock=grid.clock, client=outside) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=settings.access.url if settings.access else AT) as client:
            yield Browser(client, grid, *providers)


def _web(providers: tuple[Provider, ...]) -> Any:  # noqa: ANN401
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"])[b"host"].decode()
        await next(one for one in providers if urlsplit(one.url).netloc == asked).app(scope, receive, send)

    return app

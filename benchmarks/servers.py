"""The servers that reads are measured on; each prints its port and a token, then serves until it is ended.

``python -m benchmarks.servers gridmask ROWS`` or ``python -m benchmarks.servers bare BYTES``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn

from benchmarks.evaluation import elements
from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.domain.actor import Actor
from gridmask.domain.events import InventoryChanged
from gridmask.domain.rights import Grant, Role
from gridmask.inspection.inspector import Plan
from gridmask.settings import Settings
from gridmask.store.database import EPHEMERAL
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

ADMIN = Actor.administrator("benchmark")
ETAG = b'"0123456789abcdef0123456789abcdef"'


@asynccontextmanager
async def _gridmask(rows: int) -> AsyncIterator[Any]:
    made_of = elements(rows)

    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(InventoryChanged("inventory", made_of), Scope.of(e.key for e in made_of), "benchmark")

    settings = Settings(database=EPHEMERAL, vo={"vo": {}}, diracx_rest={"enabled": True}, access={"reading": "public"})
    async with installation(settings) as made:
        await made.inspector.happen(prepare)
        _, shown = await made.service_tokens.issue(ADMIN, "reader", [Grant(Role.READER, "vo")], timedelta(days=1), "benchmark")
        yield create_app(made), shown


@asynccontextmanager
async def _bare(size: int) -> AsyncIterator[Any]:
    body = b"x" * size

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401, ARG001 - the signature is given
        conditional = any(name == b"if-none-match" for name, _ in scope["headers"])
        length = [] if conditional else [(b"content-length", str(size).encode())]
        headers = [(b"content-type", b"application/json"), (b"etag", ETAG), *length]
        await send({"type": "http.response.start", "status": 304 if conditional else 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if conditional else body})

    yield app, ""


async def _serve(kind: str, size: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    async with (_gridmask if kind == "gridmask" else _bare)(size) as made:
        app, token = made
        listener = socket.create_server(("127.0.0.1", 0))
        print(json.dumps({"port": listener.getsockname()[1], "token": token}), flush=True)
        config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))

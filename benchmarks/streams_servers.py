"""The servers that streams are measured on; each prints its port, then does what stdin says until that ends.

``python -m benchmarks.streams_servers gridmask FOLDER ROWS [REDIS]`` has its database in ``FOLDER``; with ``writer`` instead of
the second word it is another process on the same database, which serves nothing; ``... bare - BYTES`` is the bare app.

A line of stdin has one change made, or as much told by the bare app; ``at`` is when that was, by the clock that all processes
share. The line ``memory`` asks for ``processor`` and ``memory`` of this process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import socket
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from sqlalchemy import event

from benchmarks.evaluation import elements
from gridmask.api.server import serve
from gridmask.bootstrap import installation
from gridmask.clock import Clock, system_clock
from gridmask.domain.actor import Actor
from gridmask.domain.events import InventoryChanged
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.memory import relax_collector
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store.engines import as_writer
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation

    Do = Callable[[], Awaitable[float]]

_ADMIN = Actor.administrator("benchmark")


def say(**facts: Any) -> None:  # noqa: ANN401 - of any kind
    """Tell them to who started this."""
    print(json.dumps(facts), flush=True)


def memory() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def heed(do: Do) -> None:
    """Do it for each line of stdin, unless that asks how this process fares."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        if line == b"memory\n":
            say(memory=memory(), processor=time.process_time())
        else:
            say(at=await do())


class Changes:
    """Statuses that a person sets, one at a time; and when each was committed."""

    def __init__(self, made: Installation, row: RowName) -> None:
        self._made = made
        self._row = row
        self._written = 0.0
        self._at = 0.0
        self._number = 0
        self._writes = as_writer(made.database.url).items()
        event.listen(made.database.engine.sync_engine, "commit", self._note)
        made.watch.heeding.append(self._committed)

    def _note(self, connection: Connection) -> None:
        if self._writes <= connection.get_execution_options().items():
            self._written = time.monotonic()

    def _committed(self) -> None:
        if not self._at:
            self._at = self._written

    async def one(self) -> float:
        """Make one, and tell when: just before the database was told to commit it."""
        self._number += 1
        self._at = 0.0
        status = (Status.BANNED, Status.DEGRADED)[self._number % 2]
        await self._made.statuses.set(_ADMIN, [self._row], status, f"change {self._number}")
        return self._at


@asynccontextmanager
async def _opening(settings: Settings, *, clock: Clock = system_clock, rows: int) -> AsyncIterator[Installation]:
    listed = tuple(elements(rows))

    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(InventoryChanged("inventory", listed), Scope.of(one.key for one in listed), "benchmark")

    async with installation(settings, clock=clock) as made:
        if not await made.masks.revisions() or (await made.masks.serve("vo")).revision < 1:
            await made.inspector.happen(prepare)
        row = RowName(ElementName(listed[0].key.name, listed[0].key.type))
        heeding = asyncio.create_task(heed(Changes(made, row).one))
        yield made
        heeding.cancel()


async def _gridmask(rows: int, settings: Settings) -> None:
    await serve(
        settings,
        port=0,
        announce=lambda address: say(port=int(address.rstrip("/").rpartition(":")[2])),
        opening=lambda settings, *, clock: _opening(settings, clock=clock, rows=rows),
    )


async def _writer(rows: int, settings: Settings) -> None:
    async with _opening(settings, rows=rows) as made:
        say(port=0)
        await made.watch.ring()


async def _bare(size: int) -> None:
    told, body = asyncio.Event(), b"event: delta\nid: 1\ndata: %s\n\n" % (b"x" * size)

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401, ARG001 - the signature is given
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"retry: 1000\n\n", "more_body": True})
        while True:
            await told.wait()
            await send({"type": "http.response.body", "body": body, "more_body": True})

    async def tell() -> float:
        nonlocal told
        now, told = told, asyncio.Event()
        at = time.monotonic()
        now.set()
        return at

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    say(port=listener.getsockname()[1])
    heeding = asyncio.create_task(heed(tell))
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
    await uvicorn.Server(config).serve(sockets=[listener])
    await heeding


def _settings(folder: str, redis: str = "") -> Settings:
    return Settings(database=f"sqlite:///{folder}/gridmask.db", vo={"vo": {}}, server={"redis": redis})


if __name__ == "__main__":
    relax_collector()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    what, folder, number, *bell = sys.argv[1:]
    if what == "bare":
        asyncio.run(_bare(int(number)))
    else:
        asyncio.run((_writer if what == "writer" else _gridmask)(int(number), _settings(folder, *bell)))

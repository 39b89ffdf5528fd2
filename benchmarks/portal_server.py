"""The servers that the portal is measured on; each prints its address, then serves until it is ended.

``python -m benchmarks.portal_server grid ROWS``: so many elements with eight status types each, eight at a site.
``python -m benchmarks.portal_server osg FILE``: what OSG's topology lists in ``FILE``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.domain.actor import Actor
from gridmask.domain.element import RESOURCE, Element, ElementKey
from gridmask.domain.events import InventoryChanged
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.memory import relax_collector
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation

ASPECTS = ("Read", "Write", "Check", "Remove", "Stage", "Pin", "Copy", "List")
"""The columns: as many aspects as an element of a type can well have."""

AT_A_SITE = 8
TYPE = "Vault"
VO = "vo"
ILL = {3: Status.BANNED, 11: Status.DEGRADED, 19: Status.PROBING}
"""Every 32nd element, from each of these on, has a row with this status."""


def elements(rows: int) -> Iterator[Element]:
    """So many elements, at so many sites as that takes."""
    for number in range(rows):
        site = number // AT_A_SITE
        key = ElementKey(RESOURCE, TYPE, f"vault{number % AT_A_SITE}.site{site:03}.example.org")
        yield Element(key, f"SITE-{site:03}", category="storage", source="inventory", facts={"country": f"C{site % 30:02}"})


async def _grid(made: Installation, rows: int) -> None:
    listed = tuple(elements(rows))

    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(InventoryChanged("inventory", listed), Scope.of(one.key for one in listed), "benchmark")

    await made.inspector.happen(prepare)
    admin = Actor.administrator("benchmark")
    for offset, status in ILL.items():
        ill = [RowName(ElementName(one.key.name), ASPECTS[1]) for one in listed[offset::32]]
        await made.statuses.set(admin, ill, status, "The disks of this one are full.")


async def _read(made: Installation) -> None:
    async for _ in made.sources.sync(Actor.administrator("benchmark")):
        pass


async def _serve(kind: str, what: str) -> None:
    # its usual tracebacks show what every variable holds, which can be a matrix
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure([plain], wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        async with installation(_settings(kind, what, Path(folder))) as made:
            await (_grid(made, int(what)) if kind == "grid" else _read(made))
            listener = socket.create_server(("127.0.0.1", 0))
            print(json.dumps({"address": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
            config = uvicorn.Config(create_app(made), log_level="error", access_log=False, lifespan="on")
            await uvicorn.Server(config).serve(sockets=[listener])


def _settings(kind: str, what: str, folder: Path) -> Settings:
    (folder / "policies").mkdir()
    (folder / "policies" / "all.toml").write_text('[policy.well]\ntype = "always"\narguments = { status = "Active" }\n')
    given: dict[str, Any] = {"database": f"sqlite:///{folder / 'gridmask.db'}", "policies": folder / "policies"}
    if kind == "grid":
        return Settings(**given, vo={VO: {}}, type={TYPE: {"category": "storage", "status_types": ASPECTS}})
    return Settings(**given, source=[{"name": "osg", "kind": "osg-topology", "url": Path(what).resolve().as_uri()}])


if __name__ == "__main__":
    relax_collector()
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))

"""The rows that all doors tell of: Gridmask's, and the same in tables as DIRAC's and DiracX's own software makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from gridmask.bootstrap import Installation, installation
from gridmask.domain.actor import Actor
from gridmask.domain.element import ACCESS, RESOURCE, SITE, WHOLE, Element, ElementKey
from gridmask.domain.events import InventoryChanged
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store.database import Database
from gridmask.store.dirac_views import keeper
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.servers import MariaDB

VOS = ("vo1", "vo2", "vo3", "vo4")
COMPUTING, STORAGE, TRANSFER = "ComputingElement", "StorageElement", "FTS"
OWN = 0.05
"""Which part of the elements has rows of its own for a VO."""

AT_ONCE = 1000
ADMIN = Actor.administrator("admin")
_STATUSES = {Status.ACTIVE: 90, Status.DEGRADED: 5, Status.BANNED: 4, Status.PROBING: 1}
_COLUMNS = "Name, StatusType, VO, Status, Reason, DateEffective, TokenExpiration, ElementType, LastCheckTime, TokenOwner"


def elements(size: int) -> tuple[Element, ...]:
    """So many: a tenth is sites, a quarter is storage, a hundredth FTS servers, the rest computing elements."""
    return tuple(_element(number, max(size // 10, 1)) for number in range(size))


def _element(number: int, sites: int) -> Element:
    site = f"LCG.Site{number % sites:05}.org"
    if number < sites:
        return Element(ElementKey(SITE, SITE, site), site, category="site", source="inventory")
    kind = number % 100
    if kind < 25:
        type_, category, name = STORAGE, "storage", f"SE-{number:05}"
    elif kind == 25:
        type_, category, name = TRANSFER, "transfer", f"fts{number:05}.example.org"
    else:
        type_, category, name = COMPUTING, "computing", f"ce{number:05}.example.org"
    return Element(ElementKey(RESOURCE, type_, name), site, category=category, source="inventory")


async def fill(url: str, made_of: Sequence[Element]) -> None:
    """Have Gridmask's rows in a new database at ``url``, and views of them as DIRAC's and as DiracX's tables."""
    async with Database(url) as database:
        await database.upgrade()
    async with installation(Settings(database=url, vo={name: {} for name in VOS})) as made:
        await _bring_in(made, made_of)
        for status, rows in _wanted(made_of):
            for first in range(0, len(rows), AT_ONCE):
                reason = f"{status.label} since the last review of the site."
                await made.statuses.set(ADMIN, rows[first : first + AT_ONCE], status, reason)
        async with made.database.engine.begin() as connection:
            await keeper.create(connection, "as_dirac", "ComputingElement")
            await keeper.create(connection, "as_diracx", "ComputeElement")


async def _bring_in(made: Installation, made_of: Sequence[Element]) -> None:
    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        scope = Scope.of((element.key for element in made_of), coming=tuple(made_of))
        return Plan(InventoryChanged("inventory", tuple(made_of)), scope, "benchmark")

    await made.inspector.happen(prepare)


def _wanted(made_of: Sequence[Element]) -> Iterator[tuple[Status, list[RowName]]]:
    """Which rows are to have which status: those of all, and of each VO a few."""
    chance = Random(1)
    statuses, weights = list(_STATUSES), list(_STATUSES.values())
    wanted: dict[Status, list[RowName]] = {status: [] for status in statuses}
    for vo in ("all", *VOS):
        for element in made_of:
            if vo == "all" or chance.random() < OWN:
                for row in _rows(element, vo):
                    wanted[chance.choices(statuses, weights)[0]].append(row)
    yield from wanted.items()


def _rows(element: Element, vo: str) -> Iterator[RowName]:
    key = element.key
    for status_type in ACCESS if key.type == STORAGE else (WHOLE,):
        yield RowName(ElementName(key.name, key.type, key.family), status_type, vo)


def copy(server: MariaDB, views: str, database: str) -> None:
    """Have the tables of ``database`` say what the ``views`` upon Gridmask's say."""
    for table in ("SiteStatus", "ResourceStatus"):
        server.execute(f"INSERT INTO {database}.{table} ({_COLUMNS}) SELECT {_COLUMNS} FROM {views}.{table}")
        server.execute(f"ANALYZE TABLE {database}.{table}")

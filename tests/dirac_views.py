"""Views as DIRAC's tables, upon a world that a test writes down, and readers of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, delete, select, table
from sqlalchemy.sql import quoted_name

from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.store import elements, statuses, vos
from gridmask.store.dirac_views import keeper, shape
from gridmask.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.element import Element
    from gridmask.domain.mask import Holding
    from gridmask.domain.row import Row
    from gridmask.store.database import Database

COLUMNS = ("Name", "StatusType", "VO", "Status", "Reason", "DateEffective", "TokenExpiration", "ElementType", "LastCheckTime")
VOS = ("atlas", "cms", "lhcb")
KNOWN_SINCE = datetime(2026, 1, 1, tzinfo=UTC)

SINCE = KNOWN_SINCE.replace(tzinfo=None)
"""As rows begin, in the words of the views."""

Seen = dict[tuple[str, str, str], str]
"""Statuses by name, type and status type."""


@dataclass(frozen=True)
class Viewed:
    """A database with its views in the schema ``schema``."""

    database: Database
    schema: str

    async def rows(self, view: str = "ResourceStatus", **where: object) -> list[dict[str, Any]]:
        """The records of ``view`` with these columns."""
        names = [*(["ID"] if not view.endswith(shape.PRESENT) else []), *COLUMNS, "TokenOwner"]
        of: Any = table(quoted_name(view, quote=True), *map(column, names), schema=self.schema)
        question = select(of)
        for name, value in where.items():
            question = question.where(of.c[name] == value)
        async with self.database.reading() as connection:
            return [dict(row._mapping) for row in await connection.execute(question)]

    async def row(self, name: str, vo: str = ALL, status_type: str = "all") -> dict[str, Any]:
        """The one record of the present with this key."""
        [found] = await self.rows(Name=name, VO=vo, StatusType=status_type)
        return found

    async def create(self, computing_type: str = shape.COMPUTING_TYPES[0]) -> None:
        """Make the views."""
        async with self.database.engine.begin() as connection:
            await keeper.create(connection, self.schema, computing_type)

    async def keep(self, *holdings: Holding) -> None:
        """Let these elements and rows be all that there are."""
        async with self.database.engine.begin() as connection:
            for one in reversed(metadata.sorted_tables):
                await connection.execute(delete(one))
        await self.know(*VOS)
        await self.add([one.element for one in holdings], [row for one in holdings for row in one.rows.values()])

    async def add(self, new: Iterable[Element], rows: Iterable[Row]) -> None:
        """Let there be these as well."""
        async with self.database.engine.begin() as connection:
            await elements.save(connection, new, KNOWN_SINCE)
            kept = list(rows)
            await statuses.save(connection, kept, await elements.ids(connection, {row.key.element for row in kept}))

    async def know(self, *names: str) -> None:
        """Let there be these VOs."""
        async with self.database.engine.begin() as connection:
            await vos.register(connection, names, 0, KNOWN_SINCE)


def by_row(rows: Iterable[dict[str, Any]], vo: str) -> Seen:
    """What a reader makes of ``rows`` that puts those of ``vo`` upon those of all, one by one."""
    chosen = [row for row in rows if row["VO"] == ALL] + [row for row in rows if row["VO"] == vo]
    return {(row["Name"], row["ElementType"], row["StatusType"]): row["Status"] for row in chosen}


def by_element(rows: Iterable[dict[str, Any]], vo: str, needed: dict[str, int]) -> Seen:
    """... that puts whole elements of ``vo`` upon those of all, and passes over those with fewer rows than ``needed``."""
    seen: dict[tuple[str, str], Seen] = {}
    for whom in (ALL, vo):
        whole: dict[tuple[str, str], Seen] = {}
        for row in (row for row in rows if row["VO"] == whom):
            key = row["Name"], row["ElementType"]
            whole.setdefault(key, {})[(*key, row["StatusType"])] = row["Status"]
        seen |= {key: found for key, found in whole.items() if len(found) == needed.get(key[1], 1)}
    return {key: status for found in seen.values() for key, status in found.items()}


BANNED = Status.BANNED.label

"""Which of DIRAC's tables a database has, and how they look: they differ between versions of DIRAC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from gridmask.domain.element import NODE, RESOURCE, SITE
from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from sqlalchemy import Connection

FAMILIES = (SITE, RESOURCE, NODE)
"""Whose tables there may be. DIRAC 9.1 has none of nodes any more."""


class Part(StrEnum):
    """What a table of a family is, in the order in which their records came about."""

    HISTORY = "History"
    LOG = "Log"
    STATUS = "Status"


JOURNALS = (Part.HISTORY, Part.LOG)
"""The tables that tell of the past; each record has an ``ID``."""

COLUMNS = (
    *("Name", "StatusType", "Status", "Reason", "DateEffective"),
    *("TokenExpiration", "ElementType", "LastCheckTime", "TokenOwner"),
)
"""What every version has. The VO came in 2020."""

_OWNER_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Table:
    """One of the tables.

    Attributes:
        family, part: what it holds.
        has_vo: whether it tells for which VO a status is; where it does not, each is everyone's.
        owner_length: how long the name of an owner can be; a longer one was cut.
    """

    family: str
    part: Part
    has_vo: bool = True
    owner_length: int = _OWNER_LENGTH

    @property
    def name(self) -> str:
        """What DIRAC calls it."""
        return f"{self.family}{self.part}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables that there are, by family and part."""

    tables: Mapping[tuple[str, Part], Table]

    @property
    def families(self) -> tuple[str, ...]:
        """The families that there are tables of."""
        return tuple(family for family in FAMILIES if (family, Part.STATUS) in self.tables)

    @property
    def has_vo(self) -> bool:
        """Whether the current statuses are told apart by VO."""
        return any(table.has_vo for table in self.tables.values() if table.part is Part.STATUS)

    def journals(self, family: str) -> tuple[Table, ...]:
        """The tables that tell of the past of a family, oldest first."""
        return tuple(self.tables[family, part] for part in JOURNALS if (family, part) in self.tables)


def detect(connection: Connection) -> Layout:
    """The layout of the database that ``connection`` is to.

    Raises:
        InvalidRequest: it has not the tables of a ResourceStatusDB, or one of them lacks a column.
    """
    inspector = inspect(connection)
    # where the server does not tell letters apart, it may write all names small
    there = {name.casefold(): name for name in inspector.get_table_names()}
    wanted = [Table(family, part) for family in FAMILIES for part in Part]
    found = [_looked_at(table, inspector.get_columns(there[folded])) for table in wanted if (folded := _folded(table)) in there]
    if not any(table.part is Part.STATUS for table in found):
        raise InvalidRequest(
            "That database has neither SiteStatus nor ResourceStatus: it is no ResourceStatusDB of DIRAC. "
            "The URL ends with the database's name, as in mysql://user@host/ResourceStatusDB."
        )
    return Layout({(table.family, table.part): table for table in found})


def _folded(table: Table) -> str:
    return table.name.casefold()


def _looked_at(table: Table, columns: Any) -> Table:  # noqa: ANN401 - what SQLAlchemy reflects
    by_name = {column["name"]: column["type"] for column in columns}
    needed = {*COLUMNS, *(("ID",) if table.part in JOURNALS else ())}
    if missing := sorted(needed - by_name.keys()):
        raise InvalidRequest(f"{table.name} has no column {missing[0]}: that is no layout of DIRAC's that is known here.")
    length = getattr(by_name["TokenOwner"], "length", None) or _OWNER_LENGTH
    return Table(table.family, table.part, "VO" in by_name, length)

"""Which of DIRAC's tables a database has, and how they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from gridmask.dirac_db.tables import COLUMNS, FAMILIES, JOURNALS, OWNER_LENGTH, Layout, Part, Table
from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
    length = getattr(by_name["TokenOwner"], "length", None) or OWNER_LENGTH
    return Table(table.family, table.part, "VO" in by_name, length)

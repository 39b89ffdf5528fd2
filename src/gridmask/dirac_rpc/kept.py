"""Tables that nothing here follows from: what clients put there is kept in memory, as a cache is, and told as it was put."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.encoding import naive
from gridmask.dirac_rpc.selection import Record, Selection, value_of
from gridmask.dirac_rpc.tables import MAIL_QUEUE, Kind, Table
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.clock import Clock

MAIL = MAIL_QUEUE.name
MOST = 100_000
"""So many records a table may have."""

_NUMBERED = "ID"
_NOTED = ("LastCheckTime", "DateEffective", "Time")
_LONGEST = 16_000


Row = dict[str, Any]
"""A record, by column."""


class Kept:
    """A table in memory."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self.table = table
        self._clock = clock
        self._rows: dict[tuple[Any, ...], Row] = {}
        self._numbers = count(1)

    def records(self) -> list[Record]:
        """All that there are."""
        columns = self.table.columns
        return [tuple(row[column] for column in columns) for row in self._rows.values()]

    def new(self, params: object) -> Row | None:
        """The record that ``params`` ask for, which is not kept yet; None: there is one with its key.

        Raises:
            InvalidRequest: it is none of this table, or there are too many.
        """
        said = self.said(params)
        if _NUMBERED in self.table.columns:
            said = {**said, _NUMBERED: next(self._numbers)}
        row = {**_blank(self.table), **self._noted(), **said}
        if self._key(row) in self._rows:
            return None
        if len(self._rows) >= MOST:
            raise InvalidRequest(f"{self.table.name} has {MOST:,} records already; delete some.")
        return row

    def changed(self, params: object) -> list[Row]:
        """The records whose key has all that ``params`` say of it, as they are to be, or else a new one; not kept yet.

        Raises:
            InvalidRequest: as above; or nothing is said of the key.
        """
        said = self.said(params)
        meant = {column: said[column] for column in self.table.key if column in said}
        if not meant:
            raise InvalidRequest(f"{self.table.name}: say which record is meant, by {', '.join(self.table.key)}.")
        found = [row for row in self._rows.values() if all(row[column] == value for column, value in meant.items())]
        return [{**row, **self._noted(), **said} for row in found] or [row for row in [self.new(params)] if row is not None]

    def keep(self, rows: Iterable[Row]) -> None:
        """Keep records, in place of those with their keys."""
        for row in rows:
            self._rows[self._key(row)] = row

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in self.table.key)

    def remove(self, chosen: Selection) -> int:
        """Forget the records that ``chosen`` means. Returns how many."""
        columns = self.table.columns
        gone = [key for key, row in self._rows.items() if chosen.accepts(tuple(row[column] for column in columns))]
        for key in gone:
            del self._rows[key]
        return len(gone)

    def said(self, params: object) -> dict[str, Any]:
        """What ``params`` say of a record, by column.

        Raises:
            InvalidRequest: there is no such column, or it cannot have such a value.
        """
        return said_of(self.table, params)

    def _noted(self) -> dict[str, Any]:
        now = naive(self._clock())
        return {column: now for column in _NOTED if column in self.table.columns}


def said_of(table: Table, params: object) -> dict[str, Any]:
    """What ``params`` say of a record of ``table``, by column.

    Raises:
        InvalidRequest: there is no such column, or it cannot have such a value.
    """
    if not isinstance(params, Mapping):
        raise InvalidRequest("The parameters are no dictionary.")
    said = {}
    for called, value in params.items():
        if value is not None:
            column = table.column(called)
            said[column] = value_of(table, column, value)
            if isinstance(value, str) and len(value) > _LONGEST:
                raise InvalidRequest(f"{column} of {table.name} has {_LONGEST:,} characters at most.")
    return said


def _blank(table: Table) -> dict[str, Any]:
    """A record of which nothing is said."""
    blanks = {Kind.TEXT: "", Kind.NUMBER: 0, Kind.MOMENT: None}
    blank: dict[str, Any] = {column: blanks[table.kind(column)] for column in table.columns}
    return {**blank, "VO": ALL} if "VO" in blank else blank

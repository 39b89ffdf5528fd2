"""Tables that nothing here follows from: what clients put there is kept, and told as it was put."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from anyio import to_thread

from gridmask.dirac_rpc import encoding
from gridmask.dirac_rpc.encoding import naive
from gridmask.dirac_rpc.protocol import ThereAlready
from gridmask.dirac_rpc.selection import Record, Selection, once, value_of
from gridmask.dirac_rpc.tables import MAIL_QUEUE, Kind, Table
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.service.dirac_records import Edit
from gridmask.store.dirac_records import Record as Text
from gridmask.store.dirac_records import Wanted

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.service.dirac_records import DiracRecords

MAIL = MAIL_QUEUE.name

_ABOUT = {"SpaceTokenOccupancyCache": "Token", "PolicyResult": "Name"}
"""The column by which records are looked for, where it is not the first of their key."""

_NUMBERED = "ID"
_NOTED = ("LastCheckTime", "DateEffective", "Time")
_LONGEST = 16_000
_FEW = 500
"""So many records are looked for one by one; for more, all are looked through."""

Row = dict[str, Any]
"""A record, by column."""

Taken = Callable[[Row], "Iterable[Evidence]"]
"""Tells what a record says of the world."""


def nothing(row: Row) -> Iterable[Evidence]:
    """What a record says that is about nothing here."""
    del row
    return ()


class Kept:
    """A table of records that clients keep."""

    def __init__(self, table: Table, records: DiracRecords, clock: Clock) -> None:
        self.table = table
        self._records = records
        self._clock = clock
        self._about = _ABOUT.get(table.name, table.key[0])
        self._action = Action.SET_STATUSES if table is MAIL_QUEUE else Action.REPORT_EVIDENCE

    async def records(self, chosen: Selection) -> list[Record]:
        """Those that there are, and that ``chosen`` might mean."""
        asked = chosen.texts(self._about) if self.table is not MAIL_QUEUE else None
        about = None if asked is None or len(asked) > _FEW else {_digest(value) for value in asked}
        found = await self._records.some(Wanted(self.table.name, about=about))
        return await to_thread.run_sync(lambda: [self._record(self._row(text)) for text in found])

    async def insert(self, actor: Actor, params: object, taken: Taken = nothing) -> None:
        """Keep the record that ``params`` ask for.

        Raises:
            ThereAlready: there is one with its key. InvalidRequest: it is none of this table, or there are too many. Forbidden.
        """
        row = self._new(said_of(self.table, params))
        new = self._text(row)

        def decide(found: list[Text]) -> Edit:
            if found:
                raise ThereAlready(f"{self.table.name} has that record already; nothing was changed.")
            return Edit((new,), put=tuple(taken(row)))

        await self._records.edit(actor, Wanted(self.table.name, keys={new.key}), decide, self._action)

    async def add_or_modify(self, actor: Actor, params: object, taken: Taken = nothing) -> None:
        """Make the records whose key has all that ``params`` say of it as these say, or else keep a new one.

        Raises:
            InvalidRequest: as above; or nothing is said of the key. Forbidden.
        """
        said = said_of(self.table, params)
        meant = {column: said[column] for column in self.table.key if column in said}
        if not meant:
            raise InvalidRequest(f"{self.table.name}: say which record is meant, by {', '.join(self.table.key)}.")

        def decide(found: list[Text]) -> Edit:
            there = [row for row in map(self._row, found) if all(row[column] == value for column, value in meant.items())]
            rows = [{**row, **self._noted(), **said} for row in there] or [self._new(said)]
            return Edit([self._text(row) for row in rows], put=[one for row in rows for one in taken(row)])

        await self._records.edit(actor, self._wanted(meant), decide, self._action)

    async def remove(self, actor: Actor, chosen: Selection, taken: Taken = nothing) -> int:
        """Forget the records that ``chosen`` means. Returns how many.

        Raises:
            Forbidden.
        """
        gone: list[tuple[Text, Row]] = []

        def decide(found: list[Text]) -> Edit:
            rows = ((text, self._row(text)) for text in found)
            gone[:] = [(text, row) for text, row in rows if chosen.accepts(self._record(row))]
            told = [(one.kind, one.key.record) for _, row in gone for one in taken(row)]
            return Edit(drop=[text.number for text, _ in gone], gone=told)

        await self._records.edit(actor, Wanted(self.table.name), decide, self._action)
        return len(gone)

    def _new(self, said: Row) -> Row:
        return {**_blank(self.table), **self._noted(), **said}

    def _wanted(self, meant: Row) -> Wanted:
        key = self.table.key
        if len(meant) == len(key):
            return Wanted(self.table.name, keys={_digest(*(meant[column] for column in key))})
        return Wanted(self.table.name, about={_digest(meant[self._about])} if self._about in meant else None)

    def _text(self, row: Row) -> Text:
        if _NUMBERED in self.table.columns:
            # whatever it says: none is another's
            unique = uuid4().hex
            return Text(unique, unique, _written({**row, _NUMBERED: None}))
        return Text(_digest(*(row[column] for column in self.table.key)), _digest(row[self._about]), _written(row))

    def _row(self, text: Text) -> Row:
        row: Row = {**_blank(self.table), **encoding.decoded(text.text)}
        return {**row, _NUMBERED: text.number} if _NUMBERED in self.table.columns else row

    def _record(self, row: Row) -> Record:
        return tuple(row[column] for column in self.table.columns)

    def _noted(self) -> Row:
        now = naive(self._clock())
        return {column: now for column in _NOTED if column in self.table.columns}


def _written(row: Row) -> str:
    return encoding.encoded(row).decode("ascii")


def _digest(*values: object) -> str:
    return sha256(encoding.encoded(values)).hexdigest()


def said_of(table: Table, params: object) -> Row:
    """What ``params`` say of a record of ``table``, by column.

    Raises:
        InvalidRequest: there is no such column, or it cannot have such a value.
    """
    if not isinstance(params, Mapping):
        raise InvalidRequest("The parameters are no dictionary.")
    said = {}
    for called, value in once(params).items():
        if value is not None:
            column = table.column(called)
            said[column] = value_of(table, column, value)
            if isinstance(value, str) and len(value) > _LONGEST:
                raise InvalidRequest(f"{column} of {table.name} has {_LONGEST:,} characters at most.")
    return said


def _blank(table: Table) -> Row:
    """A record of which nothing is said."""
    blanks = {Kind.TEXT: "", Kind.NUMBER: 0, Kind.MOMENT: None}
    blank: Row = {column: blanks[table.kind(column)] for column in table.columns}
    return {**blank, "VO": ALL} if "VO" in blank else blank

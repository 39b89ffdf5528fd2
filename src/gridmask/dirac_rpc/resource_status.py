"""The service ``ResourceStatus/ResourceStatus``: the tables of statuses, their logs and histories."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from gridmask.dirac_rpc import rows
from gridmask.dirac_rpc.encoding import aware
from gridmask.dirac_rpc.hidden import HiddenRecords
from gridmask.dirac_rpc.kept import MAIL, Kept
from gridmask.dirac_rpc.protocol import ThereAlready, ok
from gridmask.dirac_rpc.rights import require_reader
from gridmask.dirac_rpc.rows import REPLICATED, Whose
from gridmask.dirac_rpc.selection import Selection, selection
from gridmask.dirac_rpc.tables import MAIL_QUEUE, Part, status_table
from gridmask.dirac_rpc.told import Told
from gridmask.dirac_rpc.writes import wish
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.state import group

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.clock import Clock
    from gridmask.dirac_rpc.protocol import Caller
    from gridmask.dirac_rpc.selection import Record
    from gridmask.dirac_rpc.told import Method
    from gridmask.domain.mask import Holding
    from gridmask.service.dirac_reads import DiracReads
    from gridmask.service.dirac_records import DiracRecords
    from gridmask.service.dirac_writes import DiracWrites
    from gridmask.service.vos import Vos
    from gridmask.store.dirac_views.names import Names


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a table of statuses."""

    family: str
    part: Part
    chosen: Selection
    names: Names

    @property
    def kept(self) -> set[str] | None:
        """The names of the elements that might be meant; None: any."""
        called = self.chosen.texts("Name")
        return None if called is None else self.names.kept(self.family, called)


class ResourceStatus:
    """The service."""

    def __init__(self, reads: DiracReads, writes: DiracWrites, records: DiracRecords, vos: Vos, clock: Clock) -> None:
        self._reads = reads
        self._writes = writes
        self._vos = vos
        self._clock = clock
        self._hidden = HiddenRecords(reads)
        self._mail = Kept(MAIL_QUEUE, records, clock)

    @property
    def methods(self) -> dict[str, Method]:
        """What can be called, by name."""
        return {
            "select": self.select,
            "insert": self.insert,
            "delete": self.delete,
            "addOrModify": self.add_or_modify,
            "addIfNotThere": self.add_if_not_there,
        }

    async def select(self, caller: Caller, table: object, params: object) -> Told:
        """``select(table, params)``."""
        if table == MAIL:
            require_reader(caller.actor, None)
            chosen = selection(MAIL_QUEUE, params)
            return Told(chosen.answer(await self._mail.records(chosen)))
        asked = await self._asked(table, params)
        if asked.part is not Part.STATUS:
            require_reader(caller.actor, asked.chosen.texts("VO"))
            return Told(asked.chosen.answer(await self._past(asked)))
        whose = Whose(asked.chosen.texts("VO"), caller.vo)
        require_reader(caller.actor, whose.readers)
        if asked.chosen.needed <= REPLICATED:
            state = await self._reads.state()
            shown = await self._reads.shown(asked.kept)
            work = partial(_of_replica, asked, shown, whose, self._clock())
            return Told(await to_thread.run_sync(work), state)
        return Told(_without_vo(asked.chosen).answer(await self._present(asked, whose)))

    async def insert(self, caller: Caller, table: object, params: object) -> Told:
        """``insert(table, params)``: a row that is there already is an error, and not lost."""
        if table == MAIL:
            await self._mail.insert(caller.actor, params)
            return Told(ok())
        family, known = _writable(table)
        if not await self._writes.insert(caller.actor, wish(family, known, params, self._clock())):
            raise ThereAlready(f"{known.name} has that row already; nothing was changed. addOrModify changes it.")
        return Told(ok())

    async def add_if_not_there(self, caller: Caller, table: object, params: object) -> Told:
        """``addIfNotThere(table, params)``."""
        family, known = _writable(table)
        await self._writes.insert(caller.actor, wish(family, known, params, self._clock()))
        return Told(ok())

    async def add_or_modify(self, caller: Caller, table: object, params: object) -> Told:
        """``addOrModify(table, params)``."""
        family, known = _writable(table)
        await self._writes.modify(caller.actor, wish(family, known, params, self._clock()))
        return Told(ok())

    async def delete(self, caller: Caller, table: object, params: object) -> Told:
        """``delete(table, params)``: of a log, records are hidden; of statuses, what a client brought in leaves."""
        if table == MAIL:
            return Told(ok(await self._mail.remove(caller.actor, selection(MAIL_QUEUE, params, strict=True))))
        asked = await self._asked(table, params, strict=True)
        if not asked.chosen.says_something:
            raise InvalidRequest(f"That would delete all of {asked.chosen.table.name}. Say what is meant.")
        if asked.part is not Part.STATUS:
            gone = asked.chosen.chosen(await self._past(asked))
            assert isinstance(params, dict)
            told = {column: list(asked.chosen.where[column]) for column in ("Name", "VO") if column in asked.chosen.where}
            said = {called: value for called, value in params.items() if called.casefold() not in {"name", "vo"}}
            await self._hidden.hide(caller.actor, asked.chosen, {**said, **told})
            return Told(ok(len(gone)))
        found = asked.chosen.chosen(await self._present(asked, Whose(None)))
        keys = [RowKey(_element(asked, record), record[1], record[9]) for record in found]
        return Told(ok(await self._writes.remove(caller.actor, keys)))

    async def _asked(self, table: object, params: object, *, strict: bool = False) -> _Asked:
        """What is asked, with the canonical names of VOs; one that nobody knows has no rows, and spoils nothing for others."""
        family, part, known = status_table(table)
        chosen, names = selection(known, params, strict=strict), await self._reads.names()
        where = dict(chosen.where)
        if "Name" in where:
            where["Name"] = names.with_types(family, where["Name"], where.get("ElementType", ()))
        if "VO" in where:
            found = []
            for vo in where["VO"]:
                with suppress(NotKnown):
                    found.append(await self._vos.resolve(vo))
            where["VO"] = tuple(dict.fromkeys(found))
        return _Asked(family, part, replace(chosen, where=where), names)

    async def _past(self, asked: _Asked) -> list[Record]:
        """The records of a log or history that might be meant."""
        # what a history tells of a change depends on the one before it, whenever that was
        newer = asked.chosen.newer if asked.part is Part.LOG else None
        since = aware(newer[1]) if newer is not None and newer[0] == "DateEffective" else None
        changes = await self._reads.changes(asked.family, asked.kept, since)
        records = rows.log_records if asked.part is Part.LOG else rows.history_records
        return await self._hidden.without(asked.chosen.table.name, records(changes, asked.names))

    async def _present(self, asked: _Asked, whose: Whose) -> list[Record]:
        """The records of a table of statuses that might be meant."""
        names = asked.kept
        written = await self._reads.written(asked.family, names)
        kept = group(one.row for one in written)
        times = {one.row.key: one.at for one in written if one.at is not None}
        elements = {holding.element.key: holding.element for holding in await self._reads.shown(names)}
        held = ((elements[key], its) for key, its in kept.items() if key in elements)
        return rows.status_records(held, whose, times, self._clock(), asked.names)


def _element(asked: _Asked, record: Record) -> ElementKey:
    """The element that a record of a table of statuses is about."""
    told, key = ElementKey(asked.family, record[6], record[0]), asked.names.found(asked.family, record[0])
    return key if key is not None and key.type == told.type else told


def _of_replica(asked: _Asked, shown: Iterable[Holding], whose: Whose, now: datetime) -> dict[str, Any]:
    held = ((element, its) for element, its in shown if element.key.family == asked.family)
    return _without_vo(asked.chosen).answer(rows.status_records(held, whose, {}, now, asked.names))


def _without_vo(chosen: Selection) -> Selection:
    """``chosen`` for rows that were picked by their VO already: what a VO gets may be a row of all."""
    return replace(chosen, where={column: values for column, values in chosen.where.items() if column != "VO"})


def _writable(table: object) -> tuple[str, Any]:
    family, part, known = status_table(table)
    if part is not Part.STATUS:
        raise InvalidRequest(f"{known.name} follows from what is done with rows, and nobody can write it.")
    return family, known

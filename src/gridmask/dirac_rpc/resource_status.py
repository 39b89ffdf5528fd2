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
from gridmask.dirac_rpc.rows import REPLICATED, Telling, Whose
from gridmask.dirac_rpc.selection import Selection, selection
from gridmask.dirac_rpc.tables import MAIL_QUEUE, Part, status_table
from gridmask.dirac_rpc.told import Told
from gridmask.dirac_rpc.writes import wish
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.service.dirac_reads import MOST_NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gridmask.clock import Clock
    from gridmask.dirac_rpc.protocol import Answer, Caller
    from gridmask.dirac_rpc.selection import Record
    from gridmask.dirac_rpc.told import Method
    from gridmask.domain.mask import Holding
    from gridmask.service.dirac_reads import DiracReads
    from gridmask.service.dirac_records import DiracRecords
    from gridmask.service.dirac_writes import DiracWrites
    from gridmask.service.row_book import Edition
    from gridmask.service.vos import Vos
    from gridmask.store.dirac_views.names import Names
    from gridmask.store.journal import Written


LONGEST_NAME = 255
"""Characters that the name of an element may have."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a table of statuses."""

    family: str
    part: Part
    chosen: Selection
    names: Names

    @property
    def is_narrow(self) -> bool:
        """Whether few elements are meant, by their names."""
        called = self.chosen.texts("Name")
        return called is not None and len(called) <= MOST_NAMED

    @property
    def kept(self) -> set[str] | None:
        """The names of the elements that might be meant; None: any."""
        called = self.chosen.texts("Name")
        if called is None:
            return None
        # no element is called so, and databases refuse to look
        return {name for name in self.names.kept(self.family, called) if len(name) <= LONGEST_NAME}


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
        # before anything that an answer is made of
        state = await self._reads.state()
        asked = await self._asked(table, params)
        if asked.part is not Part.STATUS:
            require_reader(caller.actor, asked.chosen.texts("VO"))
            return Told(asked.chosen.answer(await self._past(asked)))
        whose = Whose(asked.chosen.texts("VO"), caller.vo)
        require_reader(caller.actor, whose.readers)
        telling = Telling(whose, self._clock(), asked.names, asked.chosen.needed)
        if asked.chosen.needed <= REPLICATED:
            work = partial(_of_replica, asked, await self._reads.shown(asked.kept), telling)
            return Told(await _done(asked, work), state)
        edition = await self._reads.edition(whole=not asked.is_narrow)
        if edition is None:
            return Told(_without_vo(asked.chosen).answer(await self._present(asked, telling)))
        work = partial(_of_book, asked, await self._reads.shown(asked.kept), telling, edition)
        return Told(await _done(asked, work), state.told_of(edition, telling.now))

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
        found = asked.chosen.chosen(await self._present(asked, Telling(Whose(None), self._clock(), asked.names)))
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

    async def _present(self, asked: _Asked, telling: Telling) -> list[Record]:
        """The records of a table of statuses that might be meant, as they are in the database."""
        pages: dict[ElementKey, list[Written]] = {}
        for one in await self._reads.written(asked.family, asked.kept):
            pages.setdefault(one.row.key.element, []).append(one)
        return _records(await self._reads.shown(asked.kept), pages, telling)


def _element(asked: _Asked, record: Record) -> ElementKey:
    """The element that a record of a table of statuses is about."""
    told, key = ElementKey(asked.family, record[6], record[0]), asked.names.found(asked.family, record[0])
    return key if key is not None and key.type == told.type else told


async def _done(asked: _Asked, work: Callable[[], Answer]) -> Answer:
    """What ``work`` makes. To have a thread do it costs more than to tell of a few elements."""
    return work() if asked.is_narrow else await to_thread.run_sync(work)


def _of_replica(asked: _Asked, shown: Iterable[Holding], telling: Telling) -> Answer:
    held = ((element, its) for element, its in shown if element.key.family == asked.family)
    return _without_vo(asked.chosen).answer(rows.status_records(held, telling, {}))


def _of_book(asked: _Asked, shown: Iterable[Holding], telling: Telling, edition: Edition) -> Answer:
    of_family = (holding for holding in shown if holding.element.key.family == asked.family)
    return _without_vo(asked.chosen).answer(_records(of_family, edition.pages, telling))


def _records(shown: Iterable[Holding], pages: Mapping[ElementKey, Iterable[Written]], telling: Telling) -> list[Record]:
    """The records of the elements that are ``shown``, of what is written of them."""
    found = [(element, pages.get(element.key, ())) for element, _ in shown]
    times = {one.row.key: one.at for _, its in found for one in its if one.at is not None}
    held = ((element, {one.row.key[1:]: one.row for one in its}) for element, its in found)
    return rows.status_records(held, telling, times)


def _without_vo(chosen: Selection) -> Selection:
    """``chosen`` for rows that were picked by their VO already: what a VO gets may be a row of all."""
    return replace(chosen, where={column: values for column, values in chosen.where.items() if column != "VO"})


def _writable(table: object) -> tuple[str, Any]:
    family, part, known = status_table(table)
    if part is not Part.STATUS:
        raise InvalidRequest(f"{known.name} follows from what is done with rows, and nobody can write it.")
    return family, known

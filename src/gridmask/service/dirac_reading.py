"""DIRAC's database, looked at beside ours: what its rows are, what they were, and how they stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.dirac_db.naming import Naming
from gridmask.dirac_db.present import formers, key_of
from gridmask.dirac_db.report import Report
from gridmask.dirac_db.tables import Part
from gridmask.dirac_db.timeline import Timeline
from gridmask.dirac_db.told import statements, turn
from gridmask.store import elements, vos

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmask.dirac_db.record import Record
    from gridmask.dirac_db.source import Source
    from gridmask.domain.comparison import Said
    from gridmask.domain.disputes import Turn
    from gridmask.domain.element import RowKey, TypeRegistry
    from gridmask.inspection.inspector import Inspector

    Progress = Callable[[str, int, int], None]


def _unheard(what: str, done: int, total: int) -> None:
    """Nobody listens."""
    del what, done, total


class DiracReading:
    """Reads DIRAC's database in the words of an installation. ``report`` remarks on what there are no words for."""

    def __init__(self, inspector: Inspector, source: Source, progress: Progress = _unheard) -> None:
        self._inspector = inspector
        self._source = source
        self._progress = progress
        self.report = Report()

    async def present(self) -> dict[RowKey, Said]:
        """What DIRAC says now.

        Raises:
            InvalidRequest: the database is not one of DIRAC's. StoreUnavailable: it does not answer.
        """
        records = await self._current()
        naming, types = await self._words(records)
        return statements(formers(records, naming, types, self._inspector.clock(), self.report))

    async def standing(self) -> list[tuple[RowKey, Record]]:
        """The records of what rows are now, each with the row that it means here.

        Raises:
            As :meth:`present`.
        """
        records = await self._current()
        naming, types = await self._words(records)
        found = ((key_of(record, naming, types, self.report), record) for record in records)
        return [(key, record) for key, record in found if key is not None]

    async def past(self) -> dict[RowKey, list[Turn]]:
        """What DIRAC said when, as far as it kept that: all of its logs and histories are read.

        Raises:
            As :meth:`present`.
        """
        layout = await self._source.layout()
        records = await self._current()
        naming, _ = await self._words(records)
        timeline = Timeline(naming, self._inspector.clock(), self.report)
        found: dict[RowKey, list[Turn]] = {}
        for family in layout.families:
            for table in layout.journals(family):
                last = await self._source.last(table)
                async for page in self._source.journal(table, 0):
                    self._take(found, timeline, page)
                    self._progress(table.name, page[-1].number, last)
            self._take(found, timeline, [record for record in records if record.table.family == family])
        return found

    @staticmethod
    def _take(found: dict[RowKey, list[Turn]], timeline: Timeline, records: list[Record]) -> None:
        for past in timeline.take(records):
            found.setdefault(past.key, []).append(turn(past))

    async def _current(self) -> list[Record]:
        layout = await self._source.layout()
        tables = [layout.tables[family, Part.STATUS] for family in layout.families]
        return [record for table in tables for record in await self._source.current(table)]

    async def _words(self, records: list[Record]) -> tuple[Naming, TypeRegistry]:
        async with self._inspector.database.reading() as connection:
            known = await elements.ids(connection, None)
            registry = self._inspector.registry.with_names(await vos.load(connection))
            types = await self._inspector.types(connection)
        naming = Naming(known, registry, {})
        for record in records:
            naming.learn(record.table.family, {record.name: record.element_type})
        return naming, types

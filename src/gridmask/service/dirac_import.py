"""Taking over from DIRAC: the history of its rows, and what they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.dirac_db.naming import Naming
from gridmask.dirac_db.present import formers
from gridmask.dirac_db.report import Report
from gridmask.dirac_db.tables import Part
from gridmask.dirac_db.timeline import SOURCE, Timeline, Track
from gridmask.domain.element import ElementKey, RowKey, TypeRegistry
from gridmask.domain.errors import Conflict
from gridmask.domain.rights import Action
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.service.dirac_caches import Caches
from gridmask.service.dirac_return import GIVEN_BACK
from gridmask.service.dirac_rows import ACTION, Taken, Takeover, unlisted
from gridmask.store import elements, imported, vos

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.dirac_db.source import Source
    from gridmask.dirac_db.tables import Layout, Table
    from gridmask.domain.actor import Actor
    from gridmask.domain.takeover import Former, Past
    from gridmask.inspection.inspector import Inspector

BEGUN, FINISHED = f"{ACTION} begun", f"{ACTION} finished"
"""How an import goes into the books, beside the revisions that it makes."""

ELEMENTS_AT_ONCE = 250
"""So many elements' rows are taken in one transaction."""

Progress = Callable[[str, int, int], None]
"""Told what is being read, how far it is, and how far it goes."""


def _unheard(what: str, done: int, total: int) -> None:
    """Nobody listens."""
    del what, done, total


@dataclass
class _Ground:
    """What an import starts from.

    Attributes:
        naming: what DIRAC's names mean.
        types: the element types.
        tracks: the last imported change of each row.
        resumed: whether the last import of the same database was interrupted.
        repeated: whether an import was finished before.
        last: the id of the last imported change.
        given_back: when what was so here was written for DIRAC's tables.
        ids: the numbers of elements, as far as they were needed.
    """

    naming: Naming
    types: TypeRegistry
    tracks: list[Track]
    resumed: bool
    repeated: bool
    last: int
    given_back: list[datetime]
    ids: dict[ElementKey, int] = field(default_factory=dict)


class DiracImport:
    """One import. It can be interrupted at any moment and begun anew, and twice gives the same as once."""

    def __init__(
        self,
        inspector: Inspector,
        actor: Actor,
        source: Source,
        *,
        management: Source | None = None,
        owners: Mapping[str, str] | None = None,
        progress: Progress = _unheard,
    ) -> None:
        """``management``: the ResourceManagementDB. ``owners``: by what DIRAC cut them to, names as they were.

        Raises:
            Forbidden: ``actor`` does not administer the installation.
        """
        actor.require(Action.IMPORT_HISTORY, ALL)
        self._inspector = inspector
        self._actor = actor
        self._source = source
        self._management = management
        self._owners = owners or {}
        self._progress = progress
        self.report = Report()

    async def run(self) -> Report:
        """Take everything; what was taken before is passed over.

        Raises:
            InvalidRequest: the database is not one of DIRAC's. StoreUnavailable: one of the two does not answer.
            Conflict: somebody else imports at the same time.
        """
        async with self._source.one_moment():
            await self._statuses()
        if self._management is not None:
            await Caches(self._inspector, self._actor, self._management, self.report).run()
        await self._note(FINISHED, f"{self._source}: {self.report.entries} entries, {self.report.rows} rows")
        return self.report

    async def _statuses(self) -> None:
        """Take the statuses and their history."""
        layout = await self._source.layout()
        current = [record for table in _present(layout) for record in await self._source.current(table)]
        now = self._inspector.clock()
        ground = await self._ground()
        for record in current:
            ground.naming.learn(record.table.family, {record.name: record.element_type})
        await self._note(BEGUN, str(self._source))
        before = {track.key: (track.status, track.owner) for track in ground.tracks} if ground.repeated else {}
        timeline = Timeline(ground.naming, now, self.report, ground.tracks, ground.given_back)
        for family in layout.families:
            await self._past(layout, family, timeline, ground)
            await self._keep(timeline.take(record for record in current if record.table.family == family), ground)
        rows = formers(current, ground.naming, ground.types, now, self.report)
        await self._rows(rows, before, ground)
        self.report.read.update(record.table.name for record in current)

    async def _ground(self) -> _Ground:
        async with self._inspector.database.reading() as connection:
            known = await elements.ids(connection, None)
            registry = self._inspector.registry.with_names(await vos.load(connection))
            noted = await imported.last_noted(connection, (BEGUN, FINISHED))
            return _Ground(
                Naming(known, registry, self._owners),
                await self._inspector.types(connection),
                list(map(_track, await imported.newest(connection))),
                resumed=noted == (BEGUN, str(self._source)),
                repeated=noted is not None and noted[0] == FINISHED,
                last=await imported.last(connection),
                given_back=await imported.noted(connection, GIVEN_BACK),
                ids=known,
            )

    async def _past(self, layout: Layout, family: str, timeline: Timeline, ground: _Ground) -> None:
        """Take the history of a family."""
        learnt = False
        for table in layout.journals(family):
            last = await self._source.last(table)
            # behind it, all was taken or passed over before the import was interrupted; but what we wrote there is not kept
            reached = timeline.reached(table.name) if ground.resumed and not ground.given_back else 0
            after = reached if reached <= last else 0
            async for page in self._source.journal(table, after):
                if not learnt and any(ground.naming.element(record) is None for record in page):
                    await self._learn(layout, family, ground.naming)
                    learnt = True
                past = timeline.take(page)
                await self._keep(past, ground)
                self.report.read[table.name] += len(page)
                self._progress(table.name, page[-1].number, last)

    async def _learn(self, layout: Layout, family: str, naming: Naming) -> None:
        """Find out what the elements are that nothing but the history knows."""
        for table in layout.journals(family):
            naming.learn(family, await self._source.element_types(table))

    async def _keep(self, past: list[Past], ground: _Ground) -> None:
        """Keep changes, all of them or none."""
        if not past:
            return

        async def work(connection: AsyncConnection, _: int) -> tuple[dict[ElementKey, int], int, int]:
            if await imported.last(connection) != ground.last:
                raise Conflict("Somebody else imports at the same time. Wait until that is done, and import again.")
            wanted = {one.key.element for one in past}
            new = wanted - ground.ids.keys()
            await imported.make_known(connection, (unlisted(key, ground.types) for key in new), self._inspector.clock())
            ids = await elements.ids(connection, wanted)
            await imported.add(connection, past, ids, SOURCE)
            return ids, await imported.last(connection), len(new)

        ids, ground.last, new = await self._inspector.database.change(work)
        self.report.kept.update(one.reason.record.partition("/")[0] for one in past)
        ground.ids.update(ids)
        self.report.elements += new

    async def _rows(self, rows: list[Former], before: Mapping[RowKey, tuple[Status, str | None]], ground: _Ground) -> None:
        """Have rows go on as they are in DIRAC."""
        gave_back = bool(ground.given_back)
        takeover = Takeover(self._inspector, self._actor, str(self._source), before, ground.types, gave_back=gave_back)
        for start, part in _by_element(rows):
            self._report_on(await takeover.take(part))
            self._progress("rows", start + len(part), len(rows))

    def _report_on(self, taken: Taken) -> None:
        report = self.report
        report.rows += len(taken.rows)
        report.unchanged += taken.unchanged
        report.tokens += sum(former.owner is not None for former in taken.rows)
        report.elements += taken.made_known
        report.revisions += [taken.revision] if taken.revision is not None else []
        for about, name in taken.remarks:
            report.remark(about, name)

    async def _note(self, action: str, comment: str) -> None:
        now = self._inspector.clock()

        async def work(connection: AsyncConnection, before: int) -> None:
            # there may be nothing yet but the schema
            await vos.register(connection, (), before, now)
            await imported.note(connection, self._actor, action, comment, now)

        await self._inspector.database.change(work)


def _present(layout: Layout) -> list[Table]:
    return [layout.tables[family, Part.STATUS] for family in layout.families]


def _track(record: sa.Row[tuple[object, ...]]) -> Track:
    key = RowKey(ElementKey(record.family, record.type, record.name), record.status_type, record.vo)
    table, _, number = record.reasons[0].record.partition("/")
    return Track(key, record.at, Status(record.new), record.token_owner, table, int(number or 0))


def _by_element(rows: Iterable[Former]) -> Iterable[tuple[int, list[Former]]]:
    """Parts of ``rows``, none of which divides those of an element, with where each begins."""
    together: dict[ElementKey, list[Former]] = {}
    for row in rows:
        together.setdefault(row.key.element, []).append(row)
    keys, done = sorted(together), 0
    for start in range(0, len(keys), ELEMENTS_AT_ONCE):
        part = [row for key in keys[start : start + ELEMENTS_AT_ONCE] for row in together[key]]
        yield done, part
        done += len(part)

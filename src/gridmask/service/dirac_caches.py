"""Taking over what DIRAC remembers beside its statuses: downtimes, and how full storage is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from gridmask.dirac_db import management
from gridmask.dirac_db.management import COLUMNS, DOWNTIMES, OCCUPANCY, VERDICTS
from gridmask.dirac_db.report import About, Report
from gridmask.dirac_db.timeline import SOURCE
from gridmask.domain.downtime import MANUAL, Difference, Downtime, DowntimeKey, is_over
from gridmask.domain.errors import StoreUnavailable
from gridmask.domain.events import DowntimesChanged, EvidenceChanged
from gridmask.domain.evidence import DOWNTIME, Evidence
from gridmask.domain.measurements import SPACE
from gridmask.domain.naming import handle
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.service.dirac_rows import ACTION
from gridmask.store import downtimes, evidence, sources
from gridmask.store import tables as store_tables
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.dirac_db.source import Source
    from gridmask.domain.actor import Actor
    from gridmask.inspection.inspector import Inspector

AT_ONCE = 200


class Caches:
    """Takes over a ResourceManagementDB. Twice gives the same as once."""

    def __init__(self, inspector: Inspector, actor: Actor, source: Source, report: Report) -> None:
        """``source``: that database, wherever it is."""
        self._inspector = inspector
        self._actor = actor
        self._source = source
        self._report = report

    async def run(self) -> None:
        """Take what there is; that there is nothing, or that it cannot be read, is told."""
        try:
            there = await self._source.columns()
        except StoreUnavailable as error:
            self._report.remark(About.NOT_TAKEN, str(error))
            return
        if VERDICTS.casefold() in there:
            self._report.remark(About.NOT_TAKEN, VERDICTS)
        tables = [name for name, columns in COLUMNS.items() if set(columns) <= there.get(name.casefold(), frozenset())]
        now = self._inspector.clock()
        for name in tables:
            rows = await self._source.rows(name, COLUMNS[name])
            self._report.read[name] += len(rows)
            if name == DOWNTIMES:
                await self._downtimes(list(management.downtimes(rows, now, self._report)), now)
            elif name == OCCUPANCY:
                await self._spaces(list(management.spaces(rows, now, self._report)))

    async def _downtimes(self, found: Sequence[tuple[Downtime, datetime]], now: datetime) -> None:
        past = [(downtime, known_from) for downtime, known_from in found if is_over(downtime, now)]
        for start in range(0, len(past), AT_ONCE):
            keep = partial(_record, past[start : start + AT_ONCE])
            self._report.downtimes += await self._inspector.database.change(keep)
        ahead = [downtime for downtime, _ in found if not is_over(downtime, now)]
        if ahead:
            await self._declare(ahead)

    async def _declare(self, ahead: Sequence[Downtime]) -> None:
        """Take downtimes that are not over: as declared by people, so that people can cancel them."""
        added: tuple[Downtime, ...] = ()
        left = False

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            nonlocal added, left
            left = any(source.evidence == DOWNTIME for source in await sources.load(connection))
            known = await _known(connection, MANUAL, [downtime.key.record for downtime in ahead])
            ours = (replace(downtime, key=DowntimeKey(MANUAL, downtime.key.record), owner=SOURCE) for downtime in ahead)
            added = () if left else tuple(downtime for downtime in ours if downtime.key.record not in known)
            if not added:
                return NOTHING
            event = DowntimesChanged(MANUAL, Difference(added=added), actor=self._actor)
            targets = (target for downtime in added for target in downtime.targets)
            return Plan(event, Scope.meant_by(targets), f"{ACTION} downtimes", str(self._source))

        await self._inspector.happen(prepare)
        self._report.downtimes += len(added)
        for downtime in ahead if left else ():
            self._report.remark(About.LEFT_TO_SOURCES, f"{DOWNTIMES} {downtime.key.record}")

    async def _spaces(self, found: Sequence[Evidence]) -> None:
        put: tuple[Evidence, ...] = ()

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            nonlocal put
            known = await evidence.about(connection, {handle(item.key.about) for item in found})
            told = {item.key.about for item in known if item.kind == SPACE and item.key.source != SOURCE}
            ours = {item.key: item.observed_at for item in known}
            put = tuple(one for one in found if one.key.about not in told and ours.get(one.key) != one.observed_at)
            if not put:
                return NOTHING
            scope = Scope.meant_by(item.key.about for item in put)
            return Plan(EvidenceChanged(put, actor=self._actor), scope, f"{ACTION} occupancy", str(self._source))

        await self._inspector.happen(prepare)
        self._report.measurements += len(put)


async def _record(past: Sequence[tuple[Downtime, datetime]], connection: AsyncConnection, _: int) -> int:
    """Keep downtimes that are over, as known since then; returns how many were not kept before."""
    known = await _known(connection, SOURCE, [downtime.key.record for downtime, _ in past])
    known |= await _known(connection, MANUAL, [downtime.key.record for downtime, _ in past])
    new = [(downtime, known_from) for downtime, known_from in past if downtime.key.record not in known]
    for downtime, known_from in new:
        await downtimes.save(connection, [downtime], known_from)
    return len(new)


async def _known(connection: AsyncConnection, source: str, records: Sequence[str]) -> set[str]:
    """Those of ``records`` of which there ever was a version."""
    table = store_tables.downtimes
    found: set[str] = set()
    for start in range(0, len(records), AT_ONCE):
        which = (table.c.source == source) & table.c.record.in_(records[start : start + AT_ONCE])
        found |= {version.downtime.key.record for version in await downtimes.versions(connection, which)}
    return found

"""Evidence that is brought: measurements which scripts and people report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.collectors.measurements import reader
from gridmask.collectors.measurements.retired import Retired
from gridmask.domain.downtime import MANUAL
from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.evidence import EvidenceKey
from gridmask.domain.naming import names
from gridmask.domain.rights import Action
from gridmask.domain.state import NO_ROWS, group
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.inspection.keeping import keepable_observations
from gridmask.store import elements, sources, statuses
from gridmask.store import evidence as store
from gridmask.store.world import Scope

if TYPE_CHECKING:
    import msgspec
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.collectors.alertmanager.settings import Receiver
    from gridmask.collectors.observations import Observations
    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.inspection.inspector import Inspector
    from gridmask.probes.settings import Probe
    from gridmask.service.vos import Vos
    from gridmask.source import Source
    from gridmask.store.database import Database
    from gridmask.store.ledger import Outcome

MOST = 1000
"""So many measurements can be reported at once."""

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report.

    Attributes:
        outcome: what it led to.
        taken: how many measurements were taken in.
        unheard: the records that nothing hears: they are about nothing in the inventory, or about a VO without a row there.
        outdated: the records of which something later is known: that stands.
        gone: how many records there are no more.
    """

    outcome: Outcome
    taken: int
    unheard: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    gone: int = 0


class EvidenceDesk:
    """The use cases around evidence that is brought."""

    def __init__(self, inspector: Inspector, vos: Vos, configured: Sequence[Source | Probe | Receiver]) -> None:
        self._inspector = inspector
        self._vos = vos
        self._configured = frozenset(source.name for source in configured)

    async def report(
        self, actor: Actor, source: str, listed: Sequence[msgspec.Raw], gone: Sequence[msgspec.Raw] = ()
    ) -> Reported:
        """Take in measurements of ``source``, all of them or none. What the same record said before is replaced.

        Args:
            actor: who reports.
            source: who measured.
            listed: what was measured.
            gone: what is not measured any more.

        Raises:
            InvalidRequest: one of them is not as it should be, or too many. Conflict: the source is one that is read.
            Forbidden: the actor may not report about one of their VOs. NotKnown: there is no such VO.
        """
        self._check(source, listed, gone)
        observed, retired = self._observed(listed, source), Retired(gone)
        if observed.problems:
            raise InvalidRequest(f"{'; '.join(observed.problems[:5])}. Nothing was taken.")
        called = {vo: await self._vos.resolve(vo) for vo in sorted({item.vo for item in observed.evidence})}
        for vo in sorted({*called.values()}):
            actor.require(Action.REPORT_EVIDENCE, vo)
        evidence = tuple(replace(item, vo=called[item.vo]) for item in observed.evidence)
        outdated, dropped = frozenset[EvidenceKey](), tuple[EvidenceKey, ...]()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal outdated, dropped
            known = await store.of_source(connection, source)
            measured = frozenset(item.key for item in evidence)
            dropped = retired.among(known, measured)
            for vo in sorted({known[key].vo for key in known.keys() & {*measured, *dropped}}):
                actor.require(Action.REPLACE_EVIDENCE, vo)
            if late := observed.until(now + reader.AHEAD).problems:
                raise InvalidRequest(f"{late[0]} Nothing was taken.")
            outdated = frozenset(item.key for item in evidence if _is_outdated(item, known, now))
            left = {**known, **{item.key: item for item in evidence}}
            until = _last({key: item for key, item in left.items() if key not in dropped})
            await sources.note_brought(connection, sources.Brought(source, sources.REPORTS, len(evidence), until), now)
            vos = frozenset({item.vo for item in evidence} | {known[key].vo for key in dropped})
            scope = Scope.meant_by(key.about for key in (*measured, *dropped))
            event = EvidenceChanged(evidence, dropped, actor)
            return Plan(event, scope, "evidence", source, vos) if evidence or dropped else NOTHING

        outcome = await self._inspector.happen(prepare)
        late = tuple(item.key.record for item in evidence if item.key in outdated)
        heard = await unheard(self._inspector.database, evidence)
        return Reported(outcome, len(evidence) - len(late), heard, late, len(dropped))

    def _observed(self, listed: Sequence[msgspec.Raw], source: str) -> Observations:
        # by their aliases, VOs would have a record for each
        return keepable_observations(reader.observed(listed, source, aliases=self._inspector.registry.aliases))

    def _check(self, source: str, listed: Sequence[msgspec.Raw], gone: Sequence[msgspec.Raw]) -> None:
        if not _SOURCE.fullmatch(source) or source == MANUAL:
            raise InvalidRequest(f"{source!r} can name no source: up to 64 letters, digits and . _ - are allowed.")
        if source in self._configured:
            raise Conflict(f"Source {source!r} is read; nobody else can report in its name. Take another one.")
        if not listed and not gone:
            raise InvalidRequest("Report something: measurements, or what is gone.")
        if len(listed) > MOST or len(gone) > MOST:
            raise InvalidRequest(f"Report {MOST:,} measurements at a time; these are {max(len(listed), len(gone)):,}.")


async def unheard(database: Database, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The records of ``evidence`` that nothing hears."""
    async with database.reading() as connection:
        meant = await elements.meant_by(connection, {item.key.about for item in evidence})
        ids, present = await elements.find(connection, meant)
        rows = group(await statuses.load(connection, ids.values()))
    hearing = [(element, {vo for _, vo in rows.get(key, NO_ROWS)}) for key, element in present.items()]
    return tuple(
        item.key.record
        for item in evidence
        if not any(item.vo in vos and names(item.key.about, element) for element, vos in hearing)
    )


def _last(there: Mapping[EvidenceKey, Evidence]) -> datetime | None:
    """Until when any of it counts; None: for ever."""
    ends = [item.valid_until for item in there.values()]
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def _is_outdated(item: Evidence, known: Mapping[EvidenceKey, Evidence], now: datetime) -> bool:
    """Whether something later is known; what claims to be of the future is no reason to disbelieve what comes after it."""
    return item.key in known and item.observed_at < known[item.key].observed_at <= now

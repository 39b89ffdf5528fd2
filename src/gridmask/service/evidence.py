"""Evidence that is brought: measurements which scripts and people report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.collectors.measurements import reader
from gridmask.domain.downtime import MANUAL
from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.naming import names
from gridmask.domain.rights import Action
from gridmask.domain.state import NO_ROWS, group
from gridmask.inspection.inspector import Plan
from gridmask.store import elements, statuses
from gridmask.store import evidence as store
from gridmask.store.world import Scope

if TYPE_CHECKING:
    import msgspec
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.inspection.inspector import Inspector
    from gridmask.probes.settings import Probe
    from gridmask.service.vos import Vos
    from gridmask.source import Source
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
    """

    outcome: Outcome
    taken: int
    unheard: tuple[str, ...] = ()


class EvidenceDesk:
    """The use cases around evidence that is brought."""

    def __init__(self, inspector: Inspector, vos: Vos, configured: Sequence[Source | Probe]) -> None:
        self._inspector = inspector
        self._vos = vos
        self._configured = frozenset(source.name for source in configured)

    async def report(self, actor: Actor, source: str, listed: Sequence[msgspec.Raw]) -> Reported:
        """Take in measurements of ``source``, all of them or none. What the same record said before is replaced.

        Raises:
            InvalidRequest: one of them is not as it should be, or too many. Conflict: the source is one that is read.
            Forbidden: the actor may not report about one of their VOs. NotKnown: there is no such VO.
        """
        self._check(source, listed)
        observed = reader.observed(listed, source)
        if observed.problems:
            raise InvalidRequest(f"{'; '.join(observed.problems[:5])}. Nothing was taken.")
        for vo in sorted({item.vo for item in observed.evidence}):
            actor.require(Action.REPORT_EVIDENCE, await self._vos.resolve(vo))
        evidence = observed.evidence

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            known = await store.of_source(connection, source)
            for vo in sorted({known[item.key].vo for item in evidence if item.key in known}):
                actor.require(Action.REPLACE_EVIDENCE, vo)
            if late := observed.until(now + reader.AHEAD).problems:
                raise InvalidRequest(f"{late[0]} Nothing was taken.")
            return Plan(
                EvidenceChanged(evidence, actor=actor),
                _scope(evidence),
                "evidence",
                source,
                frozenset(item.vo for item in evidence),
            )

        outcome = await self._inspector.happen(prepare)
        return Reported(outcome, len(evidence), await self._unheard(evidence))

    async def _unheard(self, evidence: Sequence[Evidence]) -> tuple[str, ...]:
        async with self._inspector.database.reading() as connection:
            meant = await elements.meant_by(connection, {item.key.about for item in evidence})
            ids, present = await elements.find(connection, meant)
            rows = group(await statuses.load(connection, ids.values()))
        hearing = [(element, {vo for _, vo in rows.get(key, NO_ROWS)}) for key, element in present.items()]
        return tuple(
            item.key.record
            for item in evidence
            if not any(item.vo in vos and names(item.key.about, element) for element, vos in hearing)
        )

    def _check(self, source: str, listed: Sequence[msgspec.Raw]) -> None:
        if not _SOURCE.fullmatch(source) or source == MANUAL:
            raise InvalidRequest(f"{source!r} can name no source: up to 64 letters, digits and . _ - are allowed.")
        if source in self._configured:
            raise Conflict(f"Source {source!r} is read; nobody else can report in its name. Take another one.")
        if len(listed) > MOST:
            raise InvalidRequest(f"Report {MOST:,} measurements at a time; these are {len(listed):,}.")


def _scope(evidence: Sequence[Evidence]) -> Scope:
    return Scope.meant_by(item.key.about for item in evidence)

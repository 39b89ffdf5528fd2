"""What clients of DIRAC know of the world: downtimes, and what they measured. Here it is evidence of a source of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_

from gridmask.dirac_db.timeline import SOURCE
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey
from gridmask.domain.errors import Conflict
from gridmask.domain.events import DowntimesChanged, EvidenceChanged
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.store import downtimes, evidence
from gridmask.store.tables import downtimes as table
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.vo import VoRegistry
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos
    from gridmask.store.downtimes import Version

_FEW = 20


class DiracEvidence:
    """The use cases of clients of DIRAC around evidence."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def downtimes(self) -> list[Version]:
        """The downtimes of whichever source that are not over; of those that clients of DIRAC told of, all."""
        not_over = or_(table.c.ends_at.is_(None), table.c.ends_at > self._inspector.clock(), table.c.source == SOURCE)
        async with self._inspector.database.reading() as connection:
            return await downtimes.versions(connection, and_(table.c.known_to.is_(None), not_over))

    async def put_downtime(self, actor: Actor, told: Downtime) -> bool:
        """Take in a downtime, or what is new about it. Returns whether it was taken: not if another source tells of it.

        Raises:
            Forbidden.
        """
        actor.require(Action.DECLARE_DOWNTIMES, told.vo)
        taken = False

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal taken
            ours = replace(told, key=DowntimeKey(SOURCE, told.key.record))
            taken = not await _is_told_elsewhere(connection, told.key.record)
            before = (await downtimes.current(connection, SOURCE, now, [ours.key.record])).get(ours.key)
            if not taken or before == ours:
                return NOTHING
            if before is not None:
                actor.require(Action.DECLARE_DOWNTIMES, before.vo)
            change = Difference(added=(ours,)) if before is None else Difference(edited=(ours,))
            event = DowntimesChanged(SOURCE, change, {} if before is None else {ours.key: before}, actor=actor)
            targets = ours.targets | (before.targets if before else frozenset())
            return Plan(event, Scope.meant_by(targets), "dirac downtime", f"{ours.key.record}: {ours.description}")

        await self._inspector.happen(prepare)
        return taken

    async def withdraw(self, actor: Actor, records: Iterable[str]) -> int:
        """Have downtimes withdrawn that clients of DIRAC told of; those of other sources stay. Returns how many."""
        actor.require(Action.CANCEL_DOWNTIMES, ALL)
        wanted = sorted(set(records))
        gone = 0

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal gone
            known = await downtimes.current(connection, SOURCE, now, wanted)
            before = {key: one for key, one in known.items() if key.record in wanted}
            gone = len(before)
            if not before:
                return NOTHING
            event = DowntimesChanged(SOURCE, Difference(withdrawn=tuple(before)), before, actor=actor)
            scope = Scope.meant_by(target for one in before.values() for target in one.targets)
            return Plan(event, scope, "dirac downtime withdrawn", in_short(key.record for key in before))

        await self._inspector.happen(prepare)
        return gone

    async def measured(self, kind: str) -> list[Evidence]:
        """What was measured last, of a kind, by whichever source."""
        async with self._inspector.database.reading() as connection:
            return [item for item in await evidence.about(connection, None) if item.kind == kind]

    async def put(self, actor: Actor, told: Iterable[Evidence]) -> None:
        """Take in measurements.

        Raises:
            Forbidden. NotKnown: there is no such VO. Conflict: one is of the future.
        """
        put, registry = tuple(told), await self._vos.registry()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            return await putting(connection, now, actor, put, registry)

        await self._inspector.happen(prepare)

    async def drop(self, actor: Actor, kind: str, records: Iterable[str]) -> None:
        """Forget measurements of a kind that clients of DIRAC told of.

        Raises:
            Forbidden.
        """
        gone = [(kind, record) for record in records]

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            return await dropping(connection, actor, gone)

        await self._inspector.happen(prepare)


async def putting(
    connection: AsyncConnection, now: datetime, actor: Actor, told: Iterable[Evidence], registry: VoRegistry
) -> Plan:
    """That measurements are taken in.

    Raises:
        Forbidden. NotKnown: there is no such VO. Conflict: one is of the future.
    """
    put = tuple(replace(item, vo=registry.resolve(item.vo)) for item in told)
    if not put:
        return NOTHING
    for item in put:
        actor.require(Action.REPORT_EVIDENCE, item.vo)
    known = await evidence.of_source(connection, SOURCE)
    for vo in sorted({known[item.key].vo for item in put if item.key in known}):
        actor.require(Action.REPLACE_EVIDENCE, vo)
    if any(item.observed_at > now for item in put):
        raise Conflict("LastCheckTime is a time to come; nothing was taken.")
    scope = Scope.meant_by(item.key.about for item in put)
    return Plan(EvidenceChanged(put, actor=actor), scope, "dirac evidence", put[0].key.record)


async def dropping(connection: AsyncConnection, actor: Actor, records: Iterable[tuple[str, str]]) -> Plan:
    """That measurements are forgotten, of which kinds and records are given.

    Raises:
        Forbidden.
    """
    wanted = frozenset(records)
    known = await evidence.of_source(connection, SOURCE)
    gone = tuple(key for key, item in known.items() if (item.kind, key.record) in wanted)
    for vo in sorted({known[key].vo for key in gone}):
        actor.require(Action.REPLACE_EVIDENCE, vo)
    if not gone:
        return NOTHING
    scope = Scope.meant_by(key.about for key in gone)
    told = in_short(key.record for key in gone)
    return Plan(EvidenceChanged(gone=gone, actor=actor), scope, "dirac evidence dropped", told)


def in_short(names: Iterable[str]) -> str:
    """The first of ``names``, and how many more there are: for the books, which have no room for thousands."""
    told = sorted(names)
    more = f" and {len(told) - _FEW:,} more" if len(told) > _FEW else ""
    return f"{', '.join(told[:_FEW])}{more}"


async def _is_told_elsewhere(connection: AsyncConnection, record: str) -> bool:
    """Whether another source tells of the same downtime: GOCDB's key is the first word of DIRAC's."""
    same = table.c.record.in_({record, record.partition(" ")[0]}) & (table.c.source != SOURCE) & table.c.known_to.is_(None)
    return bool(await downtimes.versions(connection, same, 1))

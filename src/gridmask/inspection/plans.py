"""What a source's answer is about to change: worked out within the transaction that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.collectors.measurements.reader import AHEAD
from gridmask.domain.downtime import Announcement, Difference, DowntimeKey, difference
from gridmask.domain.events import DowntimesChanged, EvidenceChanged, InventoryChanged
from gridmask.domain.evidence import DOWNTIME, Coverage
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.inspection.quarantine import believed, judge
from gridmask.inspection.weighing import weigh_announcement, weigh_silence
from gridmask.inventory.reconcile import reconcile
from gridmask.inventory.weighing import Allowed, weigh
from gridmask.plugins import kind_of
from gridmask.store import downtimes, elements, evidence, sources, types, vos
from gridmask.store.world import EVERYTHING, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.collectors.observations import Observations
    from gridmask.domain.downtime import Downtime
    from gridmask.domain.guard import Guard
    from gridmask.domain.upheaval import Upheaval
    from gridmask.inventory.publication import Publication
    from gridmask.inventory.reconcile import Reconciliation
    from gridmask.source import Source


class Times(NamedTuple):
    """When an answer is taken in, and when it was said; from then on it counts."""

    now: datetime
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """How reading a source went.

    Attributes:
        source: its name.
        failure: why nothing was taken from it; None if it was read.
        unchanged: the answer was the same as the last one.
        records: how many elements or downtimes it lists.
        added, edited, removed: how many of them are new, other than before, or gone.
        problems: what could not be read.
        revision: the revision that it led to, if any.
        rows: how many rows that changed.
        change: all that it says otherwise than before.
        upheaval: what it would change, if that is too much: then it is in quarantine, and nothing was taken from it.
    """

    source: str
    failure: str | None = None
    unchanged: bool = False
    records: int = 0
    added: int = 0
    edited: int = 0
    removed: int = 0
    problems: tuple[str, ...] = ()
    revision: int | None = None
    rows: int = 0
    change: Reconciliation | Difference | None = None
    upheaval: Upheaval | None = None


async def plan_inventory(
    connection: AsyncConnection,
    now: datetime,
    source: Source,
    publication: Publication,
    *,
    precedence: Sequence[str] = (),
    force: bool = False,
) -> tuple[Plan, Report]:
    """What an inventory's ``publication`` changes; of what several sources list, ``precedence`` says whose it is.

    Raises:
        Quarantined: it would take out or alter more than ``source`` may, and is not forced to (promise D3).
    """
    known = await elements.load(connection)
    change = reconcile(known, publication, source.name, precedence)
    if not force:
        of_late = await sources.gone_of_late(connection, source.name, now)
        judge(source, weigh(change, known, Allowed(source.max_takeout, source.max_change), of_late))
    await vos.register(connection, publication.vos, await vos.last_revision(connection), now)
    await types.save(connection, publication.types)
    touched = (*(e.key for e in (*change.added, *change.edited)), *change.taken_out)
    event = InventoryChanged(source.name, change.added, change.edited, change.taken_out, change.renamed)
    retired = sorted(publication.vos & (await vos.retired(connection)).keys())
    report = Report(
        source.name,
        records=len(publication.elements),
        added=len(change.added) - len(change.renamed),
        edited=len(change.edited) + len(change.renamed),
        removed=len(change.lost) + len(change.merged),
        problems=(*change.problems, *map(_retired, retired)),
        change=change,
    )
    return Plan(event, Scope.of(touched, coming=(*change.added, *change.edited)), "inventory", source.name), report


async def plan_downtimes(
    connection: AsyncConnection, times: Times, source: Source, announcement: Announcement, guard: Guard, *, force: bool
) -> tuple[Plan, Report]:
    """What an ``announcement`` of downtimes changes. ``guard``: the one in force.

    Raises:
        Quarantined: it would take back or alter more than ``source`` may, and is not forced to (promise D3).
    """
    now = times.now
    listed = (key.record for key in (*announcement.downtimes, *announcement.unreadable))
    known = await downtimes.current(connection, source.name, now, listed)
    change = difference(known, announcement, now)
    if not force:
        trusted = await believed(connection, source, known, guard, now)
        judge(source, weigh_announcement(source, trusted, announcement, now))
    report = Report(
        source.name,
        records=len(announcement.downtimes),
        added=len(change.added),
        edited=len(change.edited),
        removed=len(change.withdrawn),
        problems=announcement.problems,
        change=change,
    )
    return await _plan(connection, times, source, change, known), report


async def plan_measurements(
    connection: AsyncConnection, now: datetime, source: Source, observations: Observations, *, force: bool
) -> tuple[Plan, Report]:
    """What the ``observations`` of a source change: what it does not tell of any more is not measured any more.

    Raises:
        Quarantined: it would be silent about more than ``source`` may, and is not forced to (promise D3).
    """
    known = await evidence.of_source(connection, source.name)
    observations = observations.until(now + AHEAD)
    listed = {item.key: item for item in observations.evidence}
    put = tuple(item for key, item in sorted(listed.items()) if known.get(key) != item)
    gone = tuple(sorted(known.keys() - listed.keys())) if observations.conclusive else ()
    if not force:
        news = [key for key in gone if known[key].value != observations.resting(known[key].value)]
        judge(source, weigh_silence(source, known, news, now, by_vo=observations.rest is None))
    resting = observations.at_rest((known[key] for key in gone), now, source.valid_for)
    if resting:
        put, gone = (*put, *resting), ()
    report = Report(
        source.name,
        records=len(listed),
        added=sum(item.key not in known for item in put),
        edited=sum(item.key in known for item in put),
        removed=len(gone),
        problems=(*observations.problems, *_stale(observations, now)),
    )
    if not put and not gone:
        return NOTHING, report
    about = (*(item.key.about for item in put), *(key.about for key in gone))
    return Plan(EvidenceChanged(put, gone), Scope.meant_by(about), "evidence", source.name), report


def _stale(observations: Observations, now: datetime) -> Iterator[str]:
    expired = sum(not item.counts(now) for item in observations.evidence)
    if expired:
        yield f"{expired:,} of {len(observations.evidence):,} measurements had stopped counting before they came."


async def plan_renewal(connection: AsyncConnection, now: datetime, source: Source) -> Plan:
    """What it changes that ``source`` still says the same."""
    if kind_of(source).evidence != DOWNTIME:
        return NOTHING
    return await _plan(connection, Times(now, now), source, Difference(), {})


async def _plan(
    connection: AsyncConnection,
    times: Times,
    source: Source,
    change: Difference,
    known: Mapping[DowntimeKey, Downtime],
) -> Plan:
    coverage = Coverage(source.name, DOWNTIME, times.said_at, times.said_at + source.valid_for, source.covers)
    replaced = (*(d.key for d in change.edited), *change.withdrawn)
    before = {key: known[key] for key in replaced}
    event = DowntimesChanged(source.name, change, before, coverage)
    held = (await sources.coverage(connection)).get((source.name, DOWNTIME))
    if not coverage.continues(held, times.now):
        return Plan(event, EVERYTHING, "downtimes", source.name)
    named = (*change.added, *change.edited, *before.values())
    return Plan(event, Scope.meant_by(target for downtime in named for target in downtime.targets), "downtimes", source.name)


def _retired(vo: str) -> str:
    return f"it names the VO {vo!r}, which was retired here and stays so. Should it come back: gridmask vo add {vo}"

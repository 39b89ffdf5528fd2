"""Probing: each target in its turn, and what is found there into the mask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter, Gauge, Histogram

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import NotKnown, StoreError
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import Probe as Probed
from gridmask.inspection.inspector import Plan
from gridmask.probes.aiming import aimed
from gridmask.probes.conducting import conducted
from gridmask.probes.doubt import Doubt
from gridmask.probes.schedule import Job, Key, Room, Schedule, Turn
from gridmask.probes.seen import Seen, key_of, record_of
from gridmask.probes.uplinks import Uplinks
from gridmask.store import elements, evidence, sources, vos
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.inspector import Inspector
    from gridmask.probes.env import Workshop
    from gridmask.probes.making import Made
    from gridmask.probes.settings import Probes
    from gridmask.probes.target import Target
    from gridmask.store.ledger import Outcome

log = structlog.get_logger()

MOST_PROBLEMS = 20
"""So many different problems of a probe are told."""

GATHERING = 0.25
"""Seconds for which results are gathered before they are taken in together."""

MOST_AT_ONCE = 1000
"""So many results are taken in together."""

BETWEEN_PLANS = 60.0
"""Seconds between two looks at what there is to probe."""

BETWEEN_CHECKS = 10.0
"""Seconds between two looks at our own uplinks."""

BETWEEN_NOTES = 5.0
"""Seconds after which how a probe fares is noted again, though nothing about it is new."""

WITHOUT_TARGETS = 2.0
"""Seconds between two looks where there is nothing to probe yet."""

MADE = Counter("gridmask_probes_total", "Probes made, by what they found.", ["probe", "result"])
HELD = Counter("gridmask_probes_held_total", "Failures of probes that were not believed, since it may have been us.", ["probe"])
LATE = Histogram("gridmask_probe_late_seconds", "How long after its turn a probe began.")
TOOK = Histogram("gridmask_probe_seconds", "How long a probe took.", ["probe"])
RUNNING = Gauge("gridmask_probes_running", "Probes that are under way.")
TARGETS = Gauge("gridmask_probe_targets", "Targets of a probe.", ["probe"])


@dataclass(slots=True)
class _Health:
    """How a probe fares. ``troubled``: the targets of which nothing is known now for a reason of ours; why, in words."""

    targets: int = 0
    problems: tuple[str, ...] = ()
    failure: str = ""
    troubled: dict[Key, str] = field(default_factory=dict)
    noted: float = float("-inf")
    told: tuple[object, ...] = ()

    @property
    def all_problems(self) -> tuple[str, ...]:
        """Why some elements are not probed, or could not be."""
        some = list(dict.fromkeys(self.troubled.values()))[:MOST_PROBLEMS]
        return (*self.problems, *some)

    @property
    def state(self) -> tuple[object, ...]:
        """What others are told of it."""
        return self.targets, self.all_problems, self.failure


@dataclass(frozen=True, slots=True)
class Batch:
    """Results that are taken in together, and why others of the same time are not."""

    seen: tuple[Seen, ...]
    held: tuple[Seen, ...] = ()
    why: str = ""


class Probing:
    """Makes probes as long as it runs. All that it must not forget is in the database."""

    def __init__(self, inspector: Inspector, probes: Sequence[Made], settings: Probes, workshop: Workshop) -> None:
        self._inspector = inspector
        self._probes = {probe.name: probe for probe in probes}
        self._workshop = workshop
        room = Room(settings.most, settings.per_host, settings.spacing.total_seconds())
        self._schedule = Schedule(room)
        self._doubt = Doubt(settings.doubt_share, settings.doubt_hosts)
        self._uplinks = Uplinks(settings.uplinks, workshop)
        self._health = {name: _Health() for name in self._probes}
        self.targets: Mapping[Key, tuple[Made, Target]] = {}
        self._results: dict[Key, Seen] = {}
        self._came = asyncio.Event()
        self._changed = asyncio.Event()
        # moments of the day, by a clock that nobody sets while we run
        self._since = inspector.clock().timestamp() - monotonic()

    def works(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What it does all the time, by what it is called."""
        if not self._probes:
            return
        yield from (("plan probes", self.plan), ("probe", self.probe), ("hear probes", self.deliver))
        yield "check uplinks", self._watch

    def named(self, names: Sequence[str]) -> list[Made]:
        """The probes called ``names``; none: all.

        Raises:
            NotKnown: there is no such probe.
        """
        for name in names:
            if name not in self._probes:
                raise NotKnown("probe", name, self._probes)
        return [self._probes[name] for name in names or self._probes]

    def problems_of(self, probe: Made) -> tuple[str, ...]:
        """Why some elements are not probed by ``probe``, or could not be."""
        return self._health[probe.name].all_problems

    def close(self) -> None:
        """Give back what it holds."""
        self._workshop.close()

    async def plan(self) -> None:
        """Look up what there is to probe, and wait."""
        await self.look()
        await asyncio.sleep(BETWEEN_PLANS if self.targets else WITHOUT_TARGETS)

    async def look(self) -> None:
        """Look up what there is to probe."""
        first = not self.targets
        async with self._inspector.database.reading() as connection:
            found = list((await elements.load(connection)).values())
            registry = self._inspector.registry.with_names(await vos.load(connection))
        targets: dict[Key, tuple[Made, Target]] = {}
        for name, probe in self._probes.items():
            aim = await asyncio.to_thread(aimed, probe, found, registry)
            targets.update({key_of(probe, target): (probe, target) for target in aim.targets})
            self._health[name].targets, self._health[name].problems = len(aim.targets), aim.problems
            TARGETS.labels(name).set(len(aim.targets))
        self._forget(self.targets.keys() - targets.keys())
        self.targets = targets
        jobs = [Job(key, target.host, probe.settings.every.total_seconds()) for key, (probe, target) in targets.items()]
        self._schedule.replace(jobs, self._now(), await self._remembered() if first else {})
        self._changed.set()

    async def last(self) -> dict[Key, Evidence]:
        """What was found last at each target, whoever found it, as far as that is kept."""
        async with self._inspector.database.reading() as connection:
            known = {name: await evidence.of_source(connection, name) for name in self._probes}
        records = {
            key: EvidenceKey(probe.name, record_of(probe, target), target.element)
            for key, (probe, target) in self.targets.items()
        }
        return {key: known[key.probe][record] for key, record in records.items() if record in known[key.probe]}

    async def _remembered(self) -> dict[Key, float]:
        """When each target was probed last, from what is known since before; whoever failed then is no news."""
        began = {}
        for key, told in (await self.last()).items():
            if isinstance(told.value, Probed) and told.value.result == "CRITICAL":
                self._doubt.recall([key])
            began[key] = told.observed_at.timestamp()
        return began

    def _forget(self, gone: Collection[Key]) -> None:
        self._doubt.forget(gone)
        for key in gone:
            self._health[key.probe].troubled.pop(key, None)

    async def probe(self) -> None:
        """Give each target its turn, as long as nobody stops it."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                for turn in self._schedule.begin(self._now()):
                    tasks.create_task(self._conduct(turn))
                RUNNING.set(self._schedule.running)
                following = self._schedule.next_at()
                wait = 1.0 if following is None else min(max(following - self._now(), 0.005), 1.0)
                await _until(self._changed, wait)

    async def _conduct(self, turn: Turn) -> None:
        key, host = turn.job.key, turn.job.host
        LATE.observe(max(self._now() - turn.due, 0))
        timed_out = False
        try:
            if key in self.targets:
                seen = await self.made(*self.targets[key])
                timed_out = seen.finding.timed_out
                self._results[key] = seen
                self._came.set()
        finally:
            self._schedule.end(key, host, timed_out=timed_out)
            self._changed.set()

    async def made(self, probe: Made, target: Target) -> Seen:
        """Probe ``target`` now."""
        began = monotonic()
        finding = await conducted(probe.kind, target, self._workshop, probe.settings.timeout.total_seconds())
        MADE.labels(probe.name, finding.result).inc()
        TOOK.labels(probe.name).observe(finding.metrics["seconds"])
        return Seen(probe, target, finding, self._inspector.clock(), began, monotonic())

    async def deliver(self) -> None:
        """Wait for results, and take in those that come within a moment."""
        await _until(self._came, BETWEEN_NOTES)
        if self._came.is_set():
            await asyncio.sleep(GATHERING)
        self._came.clear()
        taken = dict(list(self._results.items())[:MOST_AT_ONCE])
        for key in taken:
            del self._results[key]
        try:
            await self.take(await self.believed(list(taken.values())))
        except StoreError:
            self._results = taken | self._results  # what came since is newer
            self._came.set()
            raise
        if self._results:
            self._came.set()

    async def believed(self, seen: Sequence[Seen]) -> Batch:
        """Those of ``seen`` that may be concluded from: nothing bad, while it may be us who are cut off."""
        news = [one.ended for one in seen if self._doubt.is_news(one.outcome)]
        doubted = self._doubt.held([one.outcome for one in seen if one.finding.result != "UNKNOWN"], self._now())
        bad = [one for one in seen if one.finding.is_bad]
        if not bad:
            return Batch(tuple(seen))
        began = min(one.began for one in bad)
        if not await self._uplinks.answered_since(began, at_least=max(news, default=float("-inf"))):
            return _without(seen, {one.key for one in bad}, "none of our own uplinks answers")
        return _without(seen, doubted, "too many hosts began to fail at once")

    async def take(self, batch: Batch) -> Outcome | None:
        """Take in what was found, and note how the probes fare."""
        self._judge_health(batch)
        put = tuple(item for one in batch.seen for item in one.evidence())
        answered = {one.probe.name for one in batch.seen if one.finding.result != "UNKNOWN"}
        due = {name for name, health in self._health.items() if _is_due(health, answered=name in answered)}
        if not put and not due:
            return None

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            for name in sorted(due):
                await self._note(connection, name, now, answered=name in answered)
            keys = {about for item in put if isinstance(about := item.key.about, ElementKey)}
            event = EvidenceChanged(put) if put else None
            return Plan(event, Scope.of(keys), "evidence", ", ".join(sorted(answered)))

        outcome = await self._inspector.happen(prepare)
        for name in due:
            self._health[name].noted, self._health[name].told = monotonic(), self._health[name].state
        return outcome

    def _judge_health(self, batch: Batch) -> None:
        failing = {name: health.failure for name, health in self._health.items()}
        for one in batch.seen:
            health = self._health[one.probe.name]
            health.failure = ""
            if one.finding.result == "UNKNOWN":
                health.troubled[one.key] = f"{one.target.element.name} could not be probed: {one.finding.summary}."
            else:
                health.troubled.pop(one.key, None)
        for one in batch.held:
            HELD.labels(one.probe.name).inc()
            self._health[one.probe.name].failure = f"its failures are not believed: {batch.why}. Is it our network?"
        for name, health in self._health.items():
            if health.targets and len(health.troubled) >= health.targets:
                health.failure = next(iter(health.troubled.values()))
            if health.failure not in {"", failing[name]}:
                log.warning("results of a probe do not count", probe=name, problem=health.failure)

    async def _note(self, connection: AsyncConnection, name: str, now: datetime, *, answered: bool) -> None:
        """Note with its source how a probe fares."""
        health, settings = self._health[name], self._probes[name].settings
        noted: dict[str, object] = {"records": health.targets, "problems": health.all_problems}
        if answered:
            noted |= {"attempted_at": now, "answered_at": now, "valid_until": now + settings.periods * settings.every}
        if health.failure:
            await sources.note_failure(connection, name, now, health.failure)
        elif answered:
            noted |= {"failure": None, "failures": 0}
        await sources.note(connection, name, **noted)

    async def _watch(self) -> None:
        await self._uplinks.check()
        await asyncio.sleep(BETWEEN_CHECKS)

    def _now(self) -> float:
        return self._since + monotonic()


def _without(seen: Sequence[Seen], held: Collection[Key], why: str) -> Batch:
    kept = tuple(one for one in seen if one.key not in held)
    return Batch(kept, tuple(one for one in seen if one.key in held), why if held else "")


def _is_due(health: _Health, *, answered: bool) -> bool:
    """Whether how a probe fares is to be noted again."""
    return health.told != health.state or (answered and monotonic() - health.noted >= BETWEEN_NOTES)


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return

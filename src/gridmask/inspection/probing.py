"""Probing: each target in its turn, and what is found there into the mask.

Of several processes, one does it: no target is looked at more often than asked, however many processes there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter, Gauge, Histogram

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import LeaseLost, NotKnown, StoreError
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import Probe as Probed
from gridmask.inspection.believing import Believing
from gridmask.inspection.inspector import Plan
from gridmask.inspection.probe_health import BETWEEN_NOTES, Aims, Batch, Healths
from gridmask.inspection.tenure import Tenure
from gridmask.inspection.waiting import until
from gridmask.probes.aiming import aimed
from gridmask.probes.conducting import conducted
from gridmask.probes.hearing import unheard
from gridmask.probes.schedule import Job, Key, Room, Schedule, Turn
from gridmask.probes.seen import Seen, key_of, record_of
from gridmask.store import elements, evidence, fences, vos
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.engines.shares import Shares
    from gridmask.inspection.inspector import Inspector
    from gridmask.probes.env import Workshop
    from gridmask.probes.making import Made
    from gridmask.probes.settings import Probes
    from gridmask.probes.target import Target
    from gridmask.store.ledger import Outcome

log = structlog.get_logger()

GATHERING = 0.25
"""Seconds for which results are gathered before they are taken in together."""

MOST_AT_ONCE = 1000
"""So many results are taken in together."""

BETWEEN_PLANS = 60.0
"""Seconds between two looks at what there is to probe."""

BETWEEN_CHECKS = 10.0
"""Seconds between two looks at our own uplinks."""

WITHOUT_TARGETS = 2.0
"""Seconds between two looks where there is nothing to probe yet."""

BETWEEN_WORDS = 1.0
"""Seconds between two looks whether a person says that what was not believed is real."""

WORK = "probing"
"""What its work is called, which one process does at a time."""

MADE = Counter("gridmask_probes_total", "Probes made, by what they found.", ["probe", "result"])
HELD = Counter("gridmask_probes_held_total", "Failures of probes that were not believed, since it may have been us.", ["probe"])
LATE = Histogram("gridmask_probe_late_seconds", "How long after its turn a probe began.")
TOOK = Histogram("gridmask_probe_seconds", "How long a probe took.", ["probe"])
RUNNING = Gauge("gridmask_probes_running", "Probes that are under way.")
TARGETS = Gauge("gridmask_probe_targets", "Targets of a probe.", ["probe"])


class Probing:
    """Makes probes as long as it runs. All that it must not forget is in the database."""

    def __init__(
        self,
        inspector: Inspector,
        probes: Sequence[Made],
        settings: Probes,
        workshop: Workshop,
        share: Shares | None = None,
    ) -> None:
        """``share``: which hosts are this process's; None: all of them, while it is its turn."""
        self._inspector = inspector
        self._probes = {probe.name: probe for probe in probes}
        self._workshop = workshop
        self._room = Room(settings.most, settings.per_host, settings.spacing.total_seconds())
        self._schedule = Schedule(self._room)
        self._believing = Believing(inspector.database, inspector.clock, settings, workshop)
        self._tenure = share or Tenure(inspector.database, inspector.clock, WORK)
        if share is not None:
            share.under_way = lambda: self._schedule.hosts
        self._planned = 0
        self._health = Healths(self._probes)
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
        yield "have the probes", self._tenure.keep
        tasks = {"plan probes": self.plan, "probe": self.probe, "hear probes": self.deliver, "check uplinks": self._watch}
        for name, work in tasks.items():
            yield name, partial(self._in_turn, work)

    async def _in_turn(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work``, once it is ours."""
        await self._tenure.begun()
        await work()

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
        return self._health.problems_of(probe.name)

    def close(self) -> None:
        """Give back what it holds."""
        self._workshop.close()

    async def plan(self) -> None:
        """Look up what there is to probe, and wait."""
        times, again = self._tenure.times, self._tenure.again
        if anew := self._planned != times:
            # meanwhile others may have looked at them: what they found is in the database
            if not self._schedule.running:
                self._schedule, self.targets = Schedule(self._room), {}
            self._health = Healths(self._probes)
        await self.look(anew=anew)
        self._planned = times
        await until(again, BETWEEN_PLANS if self.targets else WITHOUT_TARGETS)

    async def look(self, *, anew: bool = False) -> None:
        """Look up what there is to probe; ``anew``: others may have probed some of it so far."""
        first = anew or not self.targets
        async with self._inspector.database.reading() as connection:
            found = await elements.load(connection)
            types = await self._inspector.types(connection)
            registry = self._inspector.registry.with_names(await vos.load(connection))
        targets: dict[Key, tuple[Made, Target]] = {}
        for name, probe in self._probes.items():
            aim = await asyncio.to_thread(aimed, probe, found.values(), registry)
            deaf = tuple(unheard(aim.targets, found, self._inspector.policies, types))
            mine = [target for target in aim.targets if self._tenure.covers(target.host)]
            targets.update({key_of(probe, target): (probe, target) for target in mine})
            problems = (*aim.problems, *deaf)
            speaks = self._tenure.speaks_for({target.host for target in aim.targets})
            self._health.planned(name, Aims(len(aim.targets), len(mine), speaks=speaks), problems)
            TARGETS.labels(name).set(len(mine))
        gone = self.targets.keys() - targets.keys()
        self._believing.forget(gone)
        self._health.forget(gone)
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
        known = await self.last()
        bad = (key for key, told in known.items() if isinstance(told.value, Probed) and told.value.result == "CRITICAL")
        self._believing.begin(bad)
        return {key: told.observed_at.timestamp() for key, told in known.items()}

    async def probe(self) -> None:
        """Give each target its turn, as long as that is ours, and nobody stops it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while self._tenure.is_held:
                    self._changed.clear()
                    for turn in self._turns():
                        tasks.create_task(self._conduct(turn))
                    RUNNING.set(self._schedule.running)
                    await until(self._changed, self._pause())
        finally:
            self._schedule.abandon()  # one that was stopped before it began does not tell
            self._measure_nothing()

    def _turns(self) -> list[Turn]:
        return self._schedule.begin(self._now()) if self._planned == self._tenure.times else []

    def _pause(self) -> float:
        """Seconds until the next one is due; not for too long, since clocks are not all alike."""
        following = self._schedule.next_at()
        return 1.0 if following is None else min(max(following - self._now(), 0.005), 1.0)

    async def _conduct(self, turn: Turn) -> None:
        key, schedule = turn.job.key, self._schedule
        LATE.observe(max(self._now() - turn.due, 0))
        timed_out = False
        try:
            if key in self.targets:
                seen = await self.made(*self.targets[key])
                timed_out = seen.finding.timed_out
                self._results[key] = seen
                self._came.set()
        finally:
            schedule.end(key, timed_out=timed_out)
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
        await until(self._came, BETWEEN_WORDS if self._believing.has_withheld else BETWEEN_NOTES)
        if self._came.is_set():
            await asyncio.sleep(GATHERING)
        self._came.clear()
        taken = dict(list(self._results.items())[:MOST_AT_ONCE])
        for key in taken:
            del self._results[key]
        try:
            with fences.within(fence) if (fence := self._tenure.fence()) else nullcontext():
                await self.take(await self.believed(list(taken.values())))
        except LeaseLost as error:
            log.warning("what was found by probes does not count", problem=str(error))  # another one looks there by now
        except StoreError:
            self._results = taken | self._results  # what came since is newer
            self._came.set()
            raise
        if self._results:
            self._came.set()

    async def believed(self, seen: Sequence[Seen]) -> Batch:
        """Those of ``seen`` that may be concluded from: nothing bad, while it may be us who are cut off."""
        return await self._believing.judged(seen, self._now())

    async def take(self, batch: Batch) -> Outcome | None:
        """Take in what was found, and note how the probes fare."""
        for one in batch.held:
            HELD.labels(one.probe.name).inc()
        self._health.judge(batch)
        put = tuple(item for one in batch.seen for item in one.evidence())
        answered = {one.probe.name for one in batch.seen if one.finding.result != "UNKNOWN"}
        due = self._health.due(answered)
        if not put and not due:
            return None

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            for name in sorted(due):
                await self._health.note(connection, name, now, answered=name in answered)
            keys = {about for item in put if isinstance(about := item.key.about, ElementKey)}
            event = EvidenceChanged(put) if put else None
            return Plan(event, Scope.of(keys), "evidence", ", ".join(sorted(answered)))

        outcome = await self._inspector.happen(prepare)
        self._health.noted(due)
        return outcome

    def _measure_nothing(self) -> None:
        RUNNING.set(0)
        for name in self._probes:
            TARGETS.labels(name).set(0)

    async def _watch(self) -> None:
        await self._believing.uplinks.check()
        await asyncio.sleep(BETWEEN_CHECKS)

    def _now(self) -> float:
        return self._since + monotonic()

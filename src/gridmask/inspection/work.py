"""Work: what is to be done again and again, as jobs that any process can do. Who does which when is for an engine to say.

Each is done whole, and can be done twice without harm. Sources are read apart from each other; rows that are due are evaluated
together, since what has one cause must come before the guard as one (promise D4), and changes come one after the other anyway.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from gridmask.domain.vo import ALL
from gridmask.store import statuses

if TYPE_CHECKING:
    from gridmask.inspection.housekeeping import Housekeeping
    from gridmask.inspection.inspector import Inspector
    from gridmask.inspection.intake import Intake
    from gridmask.inspection.worlds import Worlds
    from gridmask.settings import Loop as LoopSettings
    from gridmask.source import Source

log = structlog.get_logger()

READ, EVALUATE, SWEEP, TIDY, RECORD, PROBE, DELIVER = "read", "evaluate", "sweep", "tidy", "record", "probe", "deliver"

KINDS = (READ, EVALUATE, SWEEP, TIDY, RECORD, PROBE, DELIVER)
"""All kinds of work. Probing and delivering go on all the time: who does them says so in leases of their own."""

LONGEST_NAP = 5.0
"""Seconds after which the due times are looked up again, whether or not this process knows of anything new."""

AFTER_TROUBLE = 5.0
"""Seconds to wait after a failure of our own."""

BETWEEN_ROUNDS = 600.0
"""Seconds between two rounds of tidying up, or looks whether to write down how everything stands."""

AFTER_A_START = 60.0
"""Seconds until that is looked at first: it takes all that is known at once, and whoever waits for masks comes before it."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do: of what ``kind`` and ``key``, for which ``vo``, at which ``host``; empty: at nobody's."""

    kind: str
    key: str = ""
    vo: str = ALL
    host: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """What it is known by."""
        return self.kind, self.key

    @property
    def named(self) -> str:
        """What it is called."""
        return f"{self.kind} {self.key}".rstrip()


@dataclass(frozen=True, slots=True)
class Duty:
    """A job, and how it is done: ``do`` gives the seconds until it is due again; ``first`` are those until it first is."""

    job: Job
    do: Callable[[], Awaitable[float]]
    first: float = 0.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What keeps the database in order: tidies it up, and writes down how everything stands."""

    housekeeping: Housekeeping
    worlds: Worlds | None = None


class Workload:
    """All the work of an installation that is done at times."""

    def __init__(
        self, inspector: Inspector, intake: Intake, sources: tuple[Source, ...], settings: LoopSettings, upkeep: Upkeep
    ) -> None:
        self._inspector = inspector
        self._intake = intake
        self._sources = sources
        self._settings = settings
        self._housekeeping = upkeep.housekeeping
        self._worlds = upkeep.worlds

    def duties(self) -> Iterator[Duty]:
        """What there is to do."""
        for source in self._sources:
            yield Duty(Job(READ, source.name, _vo(source), _host(source)), partial(self._read, source))
        yield Duty(Job(EVALUATE), self._evaluate)
        yield Duty(Job(SWEEP), self._sweep, self._settings.sweep.total_seconds())
        yield Duty(Job(TIDY), self._tidy, _about(BETWEEN_ROUNDS, 0.5))
        if self._worlds is not None:
            yield Duty(Job(RECORD), self._record, AFTER_A_START)

    async def all_now(self) -> int:
        """Do now all that it would do in time, but for reading sources. Returns how many rows changed."""
        changed = 0
        while (outcome := await self._inspector.catch_up(self._settings.batch)).changed:
            changed += len(outcome.changed)
        return changed + await self._inspector.sweep(self._settings.batch)

    async def _read(self, source: Source) -> float:
        await self._intake.collect(source)
        # not all at once, and not in step with other installations
        return _about(source.every.total_seconds(), 0.1)

    async def _evaluate(self) -> float:
        outcome = await self._inspector.catch_up(self._settings.batch)
        if outcome.changed:
            return 0.0
        async with self._inspector.database.reading() as connection:
            due = await statuses.next_due(connection)
        nap = LONGEST_NAP if due is None else (due - self._inspector.clock()).total_seconds()
        return min(max(nap, 0.05), LONGEST_NAP)

    async def _sweep(self) -> float:
        await self._inspector.sweep(self._settings.batch)
        return self._settings.sweep.total_seconds()

    async def _tidy(self) -> float:
        done = await self._housekeeping.tidy()
        if done.snapshots or any(done.dropped.values()):
            log.info("tidied", snapshots=done.snapshots, **done.dropped)
        return _about(BETWEEN_ROUNDS, 0.5)

    async def _record(self) -> float:
        assert self._worlds is not None
        if await self._worlds.keep():
            log.info("wrote down how everything stands")
        return _about(BETWEEN_ROUNDS, 0.5)


def _about(seconds: float, part: float) -> float:
    """``seconds``, give or take a ``part`` of them."""
    return seconds * random.uniform(1 - part, 1 + part)  # noqa: S311 - no secret


def _vo(source: Source) -> str:
    """For whom ``source`` is read, as far as it says."""
    said = source.options.get("vo")
    return said if isinstance(said, str) and said else ALL


def _host(source: Source) -> str:
    """Whom it burdens to read ``source``; empty: nobody but this machine."""
    return (urlsplit(source.url).hostname or "")[:255]

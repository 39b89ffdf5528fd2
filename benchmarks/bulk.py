"""Bulk evaluation: many rows under ten policies each, of which a few or all hear something new.

The world is made of computing and storage elements (:func:`world`). Each row has ten policies of a realistic mix, a rule in CEL
among them. Where there are several VOs, each has thresholds of its own, and so rows of its own everywhere.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from time import process_time
from typing import TypeVar

from immutables import Map

from benchmarks.grid import COMPUTING, COVERAGE, HOUR, NOON, STORAGE, measured
from gridmask.domain.element import RESOURCE, Element, ElementKey
from gridmask.domain.events import Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.evidence import Evidence
from gridmask.domain.instructions import Instruction, SaveRow
from gridmask.domain.measurements import (
    JOBS,
    PILOTS,
    PROBE,
    SPACE,
    TICKETS,
    TRANSFERS,
    Jobs,
    Pilots,
    Probe,
    ProbeResult,
    Space,
    Tickets,
    Transfers,
)
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.quantities import Share
from gridmask.domain.state import State, with_evidence
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.rules import (
    Cel,
    DeclaredDowntime,
    FreeSpace,
    JobDoneRatio,
    JobEfficiency,
    JobRunningWaiting,
    PilotEfficiency,
    ProbeResults,
    TransferQuality,
)
from gridmask.rules import Tickets as TicketsRule
from gridmask.rules.cel import When

ROWS_OF_TEN = 7
"""So many elements have ten rows: six computing elements one each, and a storage element four."""

VOS = (1, 10, 100)

MOST_REPEATS, ENOUGH = 5, 2.0
"""A step is measured so many times, or for so many seconds; the least counts, since the machine has other things to do."""

SOON = NOON + timedelta(minutes=1)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One step.

    Attributes:
        rows: those of the whole world, all of which it leaves up to date.
        saved: how many of these it made others.
        seconds: of one processor; the baseline took ``baseline``.
    """

    vos: int
    what: str
    rows: int
    saved: int
    seconds: float
    baseline: float
    checksum: str

    @property
    def per_second(self) -> float:
        """Rows that were brought up to date in a second."""
        return self.rows / self.seconds

    @property
    def ratio(self) -> float:
        """How many times the baseline it took."""
        return self.seconds / self.baseline


def measure(rows: int, vos: int) -> Iterator[Figure]:
    """All figures for about so many rows."""
    elements, state = world(rows, vos)
    number, baseline = sum(map(len, state.rows.values())), _baseline(state)
    happening: dict[str, Event] = {
        "1 % changed": EvidenceChanged(tuple(news(elements[::100]))),
        "all changed": EvidenceChanged(tuple(news(elements))),
        "looked at, nothing new": TimePassed(),
    }
    for what, event in happening.items():
        (after, told), seconds = _least(partial(step, state, event, SOON))
        saved = sum(isinstance(instruction, SaveRow) for instruction in told)
        yield Figure(vos, what, number, saved, seconds, baseline, checksum(after, told))


def _least(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` comes to, and the least processor time that it took."""
    found, took = work(), list[float]()
    while len(took) < MOST_REPEATS and sum(took) < ENOUGH:
        gc.collect()
        started = process_time()
        found = work()
        took.append(process_time() - started)
    return found, min(took)


def world(rows: int, vos: int) -> tuple[Sequence[Element], State]:
    """About so many rows for so many VOs, evaluated once."""
    own = vos if vos > 1 else 0
    elements = tuple(_elements(max(rows * ROWS_OF_TEN // (10 * (own + 1)), ROWS_OF_TEN)))
    bare = State(
        vos=frozenset(f"vo{n}" for n in range(vos)),
        elements=Map({element.key: element for element in elements}),
        evidence=with_evidence(Map(), (item for number, element in enumerate(elements) for item in _told(element, number))),
        coverage={(COVERAGE.source, COVERAGE.kind): COVERAGE},
    )
    return elements, step(bare, PoliciesLoaded(policies([f"vo{n}" for n in range(own)])), NOON)[0]


def _elements(number: int) -> Iterator[Element]:
    for n in range(number):
        kind, category = ("StorageElement", "storage") if n % ROWS_OF_TEN == 0 else ("ComputingElement", "computing")
        name = f"{kind.lower()}{n}.example.org"
        yield Element(ElementKey(RESOURCE, kind, name), f"SITE-{n // 20}", category=category, hosts=(name,), source="inventory")


def news(elements: Sequence[Element]) -> Iterator[Evidence]:
    """What sources tell next about these elements: everything is a little other than before, and in one of fifty much is."""
    for number, element in enumerate(elements):
        yield from _told(element, number + 1, later=True)


def _told(element: Element, number: int, *, later: bool = False) -> Iterator[Evidence]:
    bad, at, some = number % 50 == 1, NOON - HOUR + timedelta(minutes=30 * later), number % 7 + later
    if element.category == "computing":
        jobs = Jobs(done=90 + some, completed=5, failed=200 if bad else 5 + some, running=40 + some, waiting=3)
        yield measured(element, JOBS, jobs, at)
        yield measured(element, PILOTS, Pilots(100 + some, 2), at)
        yield _probe(element, "submit", "CRITICAL" if bad else "OK", some, at)
    else:
        yield measured(element, SPACE, Space(10**15, 10**10 if bad else 10**14 + some * 10**12), at)
        yield measured(element, TRANSFERS, Transfers("source", 200 + some, 80 if bad else 3), at)
        yield measured(element, TRANSFERS, Transfers("destination", 200 + some, 4), at)
        yield _probe(element, "write", "CRITICAL" if bad else "OK", some, at)
    yield _probe(element, "ping", "OK", some, at)
    yield measured(element, TICKETS, Tickets(int(bad)), at)


def _probe(element: Element, metric: str, result: ProbeResult, milliseconds: int, at: datetime) -> Evidence:
    told = measured(element, PROBE, Probe(metric, result, f"answered within {milliseconds} ms"), at)
    return replace(told, key=told.key._replace(record=metric))


def policies(vos: Sequence[str]) -> PolicySet:
    """Ten policies for each row; each VO has other thresholds in two of them."""
    general = (
        Policy("declared", DeclaredDowntime()),
        Policy("drain", DeclaredDowntime(lead={"WriteAccess": 12 * HOUR})),
        Policy("ping", ProbeResults(("ping",))),
        Policy("tickets", TicketsRule(at_least=2)),
        Policy("submission", ProbeResults(("submit",)), COMPUTING),
        Policy("job-efficiency", JobEfficiency(), COMPUTING),
        Policy("jobs-done", JobDoneRatio(), COMPUTING),
        Policy("jobs-running", JobRunningWaiting(), COMPUTING),
        Policy("pilots", PilotEfficiency(), COMPUTING),
        Policy("failing", Cel((When("jobs.failed > jobs.done", Status.DEGRADED),), ("jobs",)), COMPUTING),
        Policy("writing", ProbeResults(("write",)), STORAGE),
        Policy("free-space", FreeSpace(), STORAGE),
        Policy(
            "full", FreeSpace(banned_below_fraction=Share(0.001), degraded_below_fraction=Share(0.01)), STORAGE, advisory=True
        ),
        Policy("transfers", TransferQuality(), STORAGE),
        Policy("many-transfers", TransferQuality(minimum=50), STORAGE),
        Policy("nearly-full", Cel((When("space.free * 50.0 < space.total", Status.DEGRADED),), ("space",)), STORAGE),
    )
    own = (
        policy
        for number, vo in enumerate(vos)
        for policy in (
            Policy("job-efficiency", JobEfficiency(minimum=10 + number), COMPUTING, vo),
            Policy("transfers", TransferQuality(minimum=10 + number), STORAGE, vo),
        )
    )
    return PolicySet((*general, *own), "bulk")


def _baseline(state: State) -> float:
    """Seconds that it takes to build a value as large as a row for each row."""
    rows = [row for rows in state.rows.values() for row in rows.values()]
    return _least(lambda: [replace(row, revision=1) for row in rows])[1]


def checksum(state: State, told: Sequence[Instruction]) -> str:
    """A digest of every row with all that it rests on, and of what was told: no figure may stand for work that was not done."""
    digest = sha256()
    for key in sorted(state.rows):
        for _, row in sorted(state.rows[key].items()):
            digest.update(repr(row).encode())
    for saved in sorted((i for i in told if isinstance(i, SaveRow)), key=lambda i: i.after.key):
        digest.update(repr((saved.after.key, sorted(item.key for item in saved.used))).encode())
    return digest.hexdigest()[:16]

"""Bulk and incremental evaluation, and how both grow with the number of VOs and of policies.

Each case is a whole grid of 2,000 elements (:mod:`benchmarks.grid`) that is evaluated once, and then finds that nothing is new;
after that something small happens to it. What a row costs in the smallest case is what all others are compared with.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import process_time
from typing import Any

from immutables import Map

from benchmarks import grid
from gridmask.domain import settling
from gridmask.domain.downtime import Difference
from gridmask.domain.element import Element
from gridmask.domain.events import DowntimesChanged, Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.instructions import EndRow, SaveRow
from gridmask.domain.measurements import JOBS, Jobs
from gridmask.domain.state import State, with_evidence
from gridmask.domain.step import step

VOS = (1, 10, 100)
POLICIES = (10, 100)

MOST_REPEATS, ENOUGH = 5, 1.0
"""A step is measured so many times, or for so many seconds, and the least counts: the machine has other things to do."""

SOON = grid.NOON + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Case:
    """So many VOs under so many policies of the installation, beside two of each VO."""

    vos: int
    policies: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One step of a case.

    Attributes:
        rows: how many rows there are.
        judged: how many of these were evaluated.
        saved: how many of these the step wanted remembered.
        seconds: processor time.
        per_row: how many times as long a row took that was evaluated, compared with a sweep of the smallest case.
        of_sweep: how much of the time of this case's sweep it took.
    """

    case: Case
    what: str
    rows: int
    judged: int
    saved: int
    seconds: float
    per_row: float = 1.0
    of_sweep: float = 1.0


def measure(vos: Sequence[int] = VOS, policies: Sequence[int] = POLICIES) -> Iterator[Figure]:
    """All figures, from the smallest case to the largest."""
    least = None
    for case in (Case(v, p) for p in policies for v in vos):
        figures = list(_measured(case))
        sweep = next(figure for figure in figures if figure.what == SWEEP)
        least = least or sweep.seconds / sweep.judged
        for figure in figures:
            per_row = figure.seconds / max(figure.judged, 1) / least
            yield replace(figure, per_row=per_row, of_sweep=figure.seconds / sweep.seconds)


LOADED, SWEEP = "policies loaded", "sweep, nothing new"


def _measured(case: Case) -> Iterator[Figure]:
    of = grid.vos(case.vos)
    elements = grid.elements(of)
    bare = State(
        vos=frozenset(of),
        elements=Map({element.key: element for element in elements}),
        evidence=with_evidence(Map(), grid.evidence(elements)),
        coverage={(grid.COVERAGE.source, grid.COVERAGE.kind): grid.COVERAGE},
    )
    first, state = _figure(case, LOADED, bare, lambda: PoliciesLoaded(_policies(case, "first")))
    yield first
    for what, event in (
        (SWEEP, TimePassed),
        ("one measurement", lambda: _measurement(elements)),
        ("one downtime", lambda: _downtime(elements)),
        ("one policy of a VO", lambda: PoliciesLoaded(_policies(case, "second", full=2e12), before=state.policies)),
        ("one policy of all", lambda: PoliciesLoaded(_policies(case, "third", little=6e12), before=state.policies)),
        ("the same policies", lambda: PoliciesLoaded(_policies(case, "fourth"), before=state.policies)),
    ):
        yield _figure(case, what, state, event)[0]


def _policies(case: Case, revision: str, **thresholds: float) -> Any:
    return grid.policies(case.policies, grid.vos(case.vos), revision=revision, **thresholds)


def _measurement(elements: Sequence[Element]) -> Event:
    worse = Jobs(done=10, failed=90)
    return EvidenceChanged((grid.measured(_one(elements, "computing"), JOBS, worse, SOON),))


def _downtime(elements: Sequence[Element]) -> Event:
    return DowntimesChanged(grid.FEED, Difference((grid.downtime(_one(elements, "storage")),)))


def _one(elements: Sequence[Element], category: str) -> Element:
    """One element that is open to all."""
    return next(e for e in elements if e.category == category and not e.offered)


def _figure(case: Case, what: str, state: State, event: Callable[[], Event]) -> tuple[Figure, State]:
    seconds, spent = float("inf"), 0.0
    for _ in range(MOST_REPEATS):
        happening = event()  # anew, with nothing worked out about it yet
        gc.collect()
        started = process_time()
        after, instructions = step(state, happening, SOON)
        took = process_time() - started
        seconds, spent = min(seconds, took), spent + took
        if spent > ENOUGH:
            break
    with _counting() as judged:
        step(state, event(), SOON)
    saved = sum(isinstance(instruction, SaveRow | EndRow) for instruction in instructions)
    return Figure(case, what, sum(map(len, after.rows.values())), judged[0], saved, seconds), after


@contextmanager
def _counting() -> Iterator[list[int]]:
    """Counts the rows that are evaluated."""
    count, evaluate = [0], settling.evaluate

    def counted(*args: Any, **named: Any) -> Any:
        count[0] += 1
        return evaluate(*args, **named)

    settling.evaluate = counted
    try:
        yield count
    finally:
        settling.evaluate = evaluate

"""Bulk and incremental evaluation, and how both grow with the number of VOs and of policies.

Each case is a whole grid of 2,000 elements (:mod:`benchmarks.grid`) that is evaluated once, and then finds that nothing is new;
after that, something small happens to it. The baseline is what a row costs in the sweep of the smallest case of the same run.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import process_time
from unittest.mock import patch

from immutables import Map

from benchmarks import grid
from gridmask.domain.downtime import Difference
from gridmask.domain.element import Element
from gridmask.domain.evaluation import evaluate
from gridmask.domain.events import DowntimesChanged, Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.instructions import EndRow, SaveRow
from gridmask.domain.measurements import JOBS, Jobs
from gridmask.domain.policy import PolicySet
from gridmask.domain.state import State, with_evidence
from gridmask.domain.step import step

VOS = (1, 10, 100)
POLICIES = (10, 100)

MOST_REPEATS, ENOUGH = 5, 2.0
"""A step is measured so many times, or for so many seconds; the least counts, since the machine has other things to do."""

SOON = grid.NOON + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Case:
    """So many VOs, under so many policies of the installation; each VO has two beside them."""

    vos: int
    policies: int

    def policy_set(self, revision: str, *, overdue: int = 2, full: float = 1e12) -> PolicySet:
        """Its policies, with nothing worked out about them yet."""
        return grid.policies(self.policies, grid.vos(self.vos), revision=revision, overdue=overdue, full=full)


@dataclass(frozen=True, slots=True)
class Figure:
    """One step of a case.

    Attributes:
        rows: how many rows there are.
        judged: how many of these were evaluated.
        saved: how many the step wanted remembered.
        seconds: processor time.
        per_row: by row that was evaluated, how many times the baseline it took.
        of_sweep: which part of the time of the case's sweep it took.
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
    baseline = None
    for case in (Case(v, p) for p in policies for v in vos):
        figures = list(_measured(case))
        sweep = next(figure for figure in figures if figure.what == SWEEP)
        baseline = baseline or sweep.seconds / sweep.judged
        for figure in figures:
            per_row = figure.seconds / max(figure.judged, 1) / baseline
            yield replace(figure, per_row=per_row, of_sweep=figure.seconds / sweep.seconds)


SWEEP = "a sweep, no news"


def _measured(case: Case) -> Iterator[Figure]:
    elements = grid.elements(grid.vos(case.vos))
    first, state = _figure(case, "policies loaded", _bare(case, elements), lambda: PoliciesLoaded(case.policy_set("first")))
    yield first
    happening: dict[str, Callable[[], Event]] = {
        SWEEP: TimePassed,
        "one measurement": lambda: _measurement(elements),
        "one downtime": lambda: _downtime(elements),
        "a VO's policy": lambda: PoliciesLoaded(case.policy_set("second", full=2e12), before=state.policies),
        "a policy of all": lambda: PoliciesLoaded(case.policy_set("third", overdue=1), before=state.policies),
        "the same policies": lambda: PoliciesLoaded(case.policy_set("fourth"), before=state.policies),
    }
    for what, event in happening.items():
        yield _figure(case, what, state, event)[0]


def _bare(case: Case, elements: Sequence[Element]) -> State:
    """The grid as it is before anything was evaluated."""
    return State(
        vos=frozenset(grid.vos(case.vos)),
        elements=Map({element.key: element for element in elements}),
        evidence=with_evidence(Map(), grid.evidence(elements)),
        coverage={(grid.COVERAGE.source, grid.COVERAGE.kind): grid.COVERAGE},
    )


def _measurement(elements: Sequence[Element]) -> Event:
    return EvidenceChanged((grid.measured(_one(elements, "computing"), JOBS, Jobs(done=10, failed=90), SOON),))


def _downtime(elements: Sequence[Element]) -> Event:
    return DowntimesChanged(grid.FEED, Difference((grid.downtime(_one(elements, "storage")),)))


def _one(elements: Sequence[Element], category: str) -> Element:
    """One element that is open to all VOs."""
    return next(e for e in elements if e.category == category and not e.offered)


def _figure(case: Case, what: str, state: State, event: Callable[[], Event]) -> tuple[Figure, State]:
    took: list[float] = []
    after, instructions = step(state, event(), SOON)
    while len(took) < MOST_REPEATS and sum(took) < ENOUGH:
        happening = event()
        gc.collect()
        started = process_time()
        after, instructions = step(state, happening, SOON)
        took.append(process_time() - started)
    saved = sum(isinstance(instruction, SaveRow | EndRow) for instruction in instructions)
    rows = sum(map(len, after.rows.values()))
    return Figure(case, what, rows, _judged(state, event()), saved, min(took)), after


def _judged(state: State, event: Event) -> int:
    """How many rows ``event`` has evaluated."""
    with patch("gridmask.domain.settling.evaluate", wraps=evaluate) as counted:
        step(state, event, SOON)
    return counted.call_count

"""Many small steps on one whole world, as a replay takes them: each touches one of many elements.

The world has 1,100 elements and 37 VOs, five of which have policies of their own, and so rows of their own. The baseline is the
same step on a world that has nothing but that element: what is beyond it does not depend on what was touched.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from time import process_time

from immutables import Map

from benchmarks import grid
from benchmarks.grid import COVERAGE, FEED, HOUR, NOON, STORAGE, WRITING, measured
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element
from gridmask.domain.events import DowntimesChanged, Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.measurements import PROBE, Probe, ProbeResult
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.state import State, with_evidence
from gridmask.domain.step import step
from gridmask.rules import DeclaredDowntime, FreeSpace, ProbeResults, Propagation

ELEMENTS, VOS, OWN = 1_100, 37, 5
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """``steps`` of one kind on a world of so many ``rows``.

    Attributes:
        each: microseconds of one processor that a step took.
        alone: microseconds where there is nothing else but the element that it touches.
    """

    what: str
    steps: int
    rows: int
    each: float
    alone: float


Happening = Callable[[Element, int], Event]


def measure(steps: int = 5_000) -> Iterator[Figure]:
    """All figures, with and without sites that follow their resources."""
    elements = grid.elements(grid.vos(VOS))[:ELEMENTS]
    touched = [one for one in elements if one.category in {"computing", "storage"}]
    for said, by in ("", policies()), (", sites follow", policies(Policy("follow", Propagation(), grid.SITES_ONLY))):
        whole = world(elements, by)
        for what, happening in HAPPENING.items():
            some = touched[:: len(touched) // 50]
            alone = sum(_took(world((one,), by), (one,), happening, 4) for one in some) / (4 * len(some))
            each = _took(whole, touched, happening, steps) / steps
            yield Figure(what + said, steps, sum(map(len, whole.rows.values())), 1e6 * each, 1e6 * alone)


def world(elements: tuple[Element, ...], by: PolicySet) -> State:
    """These elements, evaluated once."""
    bare = State(
        vos=frozenset(grid.vos(VOS)),
        elements=Map({element.key: element for element in elements}),
        evidence=with_evidence(Map(), grid.evidence(elements)),
        coverage={(COVERAGE.source, COVERAGE.kind): COVERAGE},
    )
    return step(bare, PoliciesLoaded(by), NOON)[0]


def policies(*more: Policy) -> PolicySet:
    """What a replay has by default, and two policies of some VOs."""
    general = (
        Policy("declared", DeclaredDowntime()),
        Policy("probes", ProbeResults(), grid.COMPUTING),
        Policy("space", FreeSpace(), WRITING),
    )
    own = (Policy("drain", DeclaredDowntime(lead={"default": n * HOUR}), STORAGE, vo) for n, vo in enumerate(grid.vos(OWN), 1))
    return PolicySet((*general, *own, *more), "replay")


def _announced(element: Element, number: int) -> Event:
    start = NOON + number * SECOND
    made = Downtime(DowntimeKey(FEED, str(number)), frozenset({element.key}), Interval(start, start + HOUR), "OUTAGE")
    return DowntimesChanged(FEED, Difference((made,)))


def _probed(element: Element, number: int) -> Event:
    result: ProbeResult = "CRITICAL" if number % 2 else "OK"
    return EvidenceChanged((measured(element, PROBE, Probe("submit", result), NOON + number * SECOND),))


def _passed(element: Element, _: int) -> Event:
    return TimePassed(frozenset({element.key}))


HAPPENING: dict[str, Happening] = {"downtime announced": _announced, "probed": _probed, "time passed": _passed}


def _took(state: State, among: tuple[Element, ...] | list[Element], happening: Happening, steps: int) -> float:
    events = [happening(among[n * 37 % len(among)], n) for n in range(steps)]
    gc.collect()
    started = process_time()
    for n, event in enumerate(events):
        state, _ = step(state, event, NOON + n * SECOND)
    return process_time() - started

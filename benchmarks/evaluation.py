"""Bulk evaluation: one step over every row, and how it grows with their number.

The baseline builds one value as large as a row for each row and does nothing else: what Python asks for the result alone.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import process_time
from typing import TypeVar

from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, Interval
from gridmask.domain.element import RESOURCE, Element, ElementKey
from gridmask.domain.events import DowntimesChanged, InventoryChanged, TimePassed
from gridmask.domain.evidence import DOWNTIME, Coverage
from gridmask.domain.instructions import SaveRow
from gridmask.domain.matching import Match
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.state import State
from gridmask.domain.step import step
from gridmask.rules import DeclaredDowntime

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "feed"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure: ``seconds`` of processor time for ``rows`` rows, where the baseline took ``baseline`` seconds."""

    what: str
    rows: int
    seconds: float
    baseline: float
    checksum: str

    @property
    def per_second(self) -> float:
        """Rows a second, on one core."""
        return self.rows / self.seconds

    @property
    def ratio(self) -> float:
        """How many times the baseline it took."""
        return self.seconds / self.baseline


def measure(rows: int) -> list[Figure]:
    """All figures for so many rows."""
    state, took_in = _timed(lambda: step(_empty(), InventoryChanged("inventory", elements(rows)), NOON)[0])
    announced = announcement(rows)
    state, first = _timed(lambda: step(state, announced, NOON)[0])
    instructions, sweep = _timed(lambda: step(state, TimePassed(), NOON + timedelta(minutes=1))[1])
    assert not instructions
    later = NOON + 2 * HOUR
    (ended, changes), ends = _timed(lambda: step(state, TimePassed(), later))
    baseline = _baseline(state, rows)
    digest = _checksum(ended)
    assert sum(isinstance(i, SaveRow) for i in changes) == len(announced.difference.added)
    named = [("new elements", took_in), ("first answer", first), ("sweep, nothing new", sweep), ("sweep, 1 % ends", ends)]
    return [Figure(what, rows, seconds, baseline, digest) for what, seconds in named]


def _empty() -> State:
    storage = Match.of(category="storage")
    policies = (Policy("declared", DeclaredDowntime()), Policy("drain", DeclaredDowntime(lead={"default": HOUR}), storage))
    return State(policies=PolicySet(policies, "benchmark"), vos=frozenset(f"vo{number}" for number in range(10)))


def elements(rows: int) -> tuple[Element, ...]:
    """So many computing elements, four to a site."""
    keys = (ElementKey(RESOURCE, "ComputingElement", f"ce{number}.example.org") for number in range(rows))
    made = (Element(key, f"SITE-{i // 4}", category="computing", source="inventory") for i, key in enumerate(keys))
    return tuple(made)


def announcement(rows: int) -> DowntimesChanged:
    """One element in a hundred is down for two hours."""
    downtimes = tuple(
        Downtime(DowntimeKey(FEED, str(number)), frozenset({element.key}), Interval(NOON - HOUR, NOON + HOUR), "Outage")
        for number, element in enumerate(elements(rows)[::100])
    )
    return DowntimesChanged(FEED, Difference(added=downtimes), coverage=Coverage(FEED, DOWNTIME, NOON, NOON + 6 * HOUR))


def _baseline(state: State, rows: int) -> float:
    template = next(iter(next(iter(state.rows.values())).values()))
    return _timed(lambda: [replace(template, revision=number) for number in range(rows)])[1]


def _checksum(state: State) -> str:
    """A digest of every status and reason, so that no figure stands for work that was not done."""
    digest = sha256()
    for key in sorted(state.rows):
        for row in state.rows[key].values():
            digest.update(f"{row.key} {row.status.label} {row.reasons[0].text}\n".encode())
    return digest.hexdigest()[:12]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    gc.collect()
    started = process_time()
    result = work()
    return result, process_time() - started

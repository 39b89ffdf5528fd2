"""Replays of histories of one, two and four times as many changes; and of the same changes in ten times as long.

What is measured is processor time, of one process, from the file of the recording to the lines of changes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import RESOURCE, Element, ElementKey
from gridmask.domain.policy import PolicySet
from gridmask.recording import file
from gridmask.recording.recording import Document
from gridmask.replay.importers.histories import SOURCE, History, Inventory, Version, recording_of
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together

RESOURCES = 1_600
DAYS = 2_900
"""Eight years."""

BEGAN = datetime(2018, 1, 1, tzinfo=UTC)
POLICIES: Document = {"all": {"policy": {"downtimes": {"type": "downtime"}}, "guard": {"enabled": False}}}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one replay took: for so many downtimes, told and over within so many days; how much came of it, in seconds."""

    downtimes: int
    days: int
    changes: int
    seconds: float
    reading: float


def figures(sizes: tuple[int, ...]) -> Iterator[Figures]:
    """Measure, the first of ``sizes`` also in ten times as long."""
    yield from (measured(size, DAYS) for size in sizes)
    yield measured(sizes[0], DAYS * 10)


def measured(downtimes: int, days: int) -> Figures:
    """What a replay takes."""
    with tempfile.TemporaryDirectory(prefix="gridmask-replay-") as name:
        folder = Path(name)
        file.write(folder / "history.gz", recording_of(_inventory(), _history(downtimes, days), _policies()))
        began = process_time()
        file.read(folder / "history.gz")
        reading = process_time() - began
        plan = planning.planned(folder / "history.gz", processes=1)
        plans.save(plan, folder)
        began = process_time()
        sums = together.run(folder, plan, lambda: False, lambda _: None)
        assert sums is not None
        return Figures(downtimes, days, sums.lines["status"], process_time() - began, reading)


def _policies() -> tuple[str, Document]:
    made: PolicySet = plans.compiled(POLICIES)
    return made.revision, POLICIES


def _inventory() -> Inventory:
    keys = [ElementKey(RESOURCE, "ComputingElement", f"ce{number:04}") for number in range(RESOURCES)]
    return Inventory({key: Element(key, f"SITE-{key.name[-2:]}", category="computing") for key in keys}, vos=frozenset({"one"}))


def _history(downtimes: int, days: int) -> History:
    random = Random(1)
    return History(tuple(_version(random, number, days) for number in range(downtimes)))


def _version(random: Random, number: int, days: int) -> Version:
    start = BEGAN + timedelta(days=2 + random.random() * (days - 4))
    targets = frozenset({ElementKey(RESOURCE, "ComputingElement", f"ce{random.randrange(RESOURCES):04}")})
    interval = Interval(start, start + timedelta(hours=random.randint(1, 24)))
    known = start - timedelta(hours=random.randint(-6, 40))
    return Version(Downtime(DowntimeKey(SOURCE, str(number)), targets, interval, "OUTAGE"), known)

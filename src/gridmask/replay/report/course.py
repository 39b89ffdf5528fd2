"""The course of differences: in which month, or on which day, how many hours were usable under one of the two alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gridmask.domain.availability import By, bounds
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.replay.comparison import Comparison, Difference

DAYS = 62
"""Up to so many days, each is told of; of a longer time, each month."""

MOST_LABELS = 5
"""So many of the bars are named: that many fit where the place is little."""

HIGH, LOW = 84, 4
"""Pixels: how high the highest bar is; what is left where there is none."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day or month: what it is called, the hours usable under each alone, where it is drawn, in percent, and how high."""

    name: str
    hours: tuple[float, float]
    place: float
    width: float
    heights: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Course:
    """All of them.

    Attributes:
        bars: those of the one side stand on the ground, those of the other hang from it.
        most: the hours that the highest bar stands for.
        every: what a bar is.
        labels: what stands below them, each with its place in percent.
        ground, height: where the ground is, and how high it is in all, in pixels.
    """

    bars: tuple[Bar, ...]
    most: float
    every: str
    labels: tuple[tuple[float, str], ...]
    ground: float
    height: float


def course(compared: Comparison) -> Course:
    """The course of the differences of ``compared``, as its first view sees them."""
    since, until = compared.one.outcome.since, compared.one.outcome.until
    by = By.DAY if until - since <= timedelta(days=DAYS) else By.MONTH
    edges = bounds(since, until, by)
    hours = [[0.0, 0.0] for _ in edges[1:]]
    for one, weight in _weighed(compared):
        _spread(hours, edges, one, weight)
    most = max((max(pair) for pair in hours), default=0.0) or 1.0
    up, down = (HIGH if any(pair[side] for pair in hours) else LOW for side in (0, 1))
    return Course(tuple(_bars(edges, hours, most, by)), most, by.value, tuple(_labels(edges, by)), up, up + down)


def _weighed(compared: Comparison) -> Iterator[tuple[Difference, float]]:
    for found in compared.differing:
        times = sum(vo != ALL for vo in found.vos) if compared.whose is None else found.vos.count(ALL)
        weight = times * len(found.aspects) / len(compared.one.outcome.pasts[found.element].aspects)
        yield from ((one, weight) for one in found.differences if one.decides and weight)


def _spread(hours: list[list[float]], edges: tuple[datetime, ...], one: Difference, weight: float) -> None:
    for number, (start, end) in enumerate(pairwise(edges)):
        length = min(end, one.end) - max(start, one.start)
        if length > timedelta():
            hours[number][one.other.usable] += length / timedelta(hours=1) * weight


def _bars(edges: tuple[datetime, ...], hours: list[list[float]], most: float, by: By) -> Iterator[Bar]:
    width = 100 / len(hours)
    for number, (start, (left, right)) in enumerate(zip(edges, hours, strict=False)):
        name = f"{start:%Y-%m-%d}" if by is By.DAY else f"{start:%B %Y}"
        heights = round(left / most * HIGH, 2), round(right / most * HIGH, 2)
        yield Bar(name, (left, right), round(number * width, 3), round(width * 0.8, 3), heights)


def _labels(edges: tuple[datetime, ...], by: By) -> Iterator[tuple[float, str]]:
    """What stands below the bars: each year, or a few of the days."""
    count = len(edges) - 1
    if by is By.MONTH and count > 18:
        yield from ((round(n / count * 100, 2), f"{at:%Y}") for n, at in enumerate(edges[:-1]) if at.month == 1)
        return
    step = -(-count // MOST_LABELS)
    form = "%b %Y" if by is By.MONTH else "%d %b"
    yield from ((round(n / count * 100, 2), format(edges[n], form)) for n in range(0, count, step))

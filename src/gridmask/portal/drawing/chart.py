"""Charts: a number over time, or now, against the thresholds that judge it.

Heights and lengths are in percent. Where the largest number is very much more than the smallest threshold, as with space, the
scale is logarithmic: else all that matters would lie on the ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log10
from typing import TYPE_CHECKING

from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.domain.gauges import Threshold
    from gridmask.portal.drawing.axis import Axis

MOST_POINTS = 400
"""So many points are drawn; of more, the least and the greatest of each part of the time."""

FAR = 30.0
"""Where the greatest number is so many times the least threshold, the scale is logarithmic."""

MOST_DECADES = 1e7
"""A logarithmic scale begins at its greatest number divided by this at the least."""

Reading = tuple[datetime, float | None]
"""What was measured, and when; None: from then on nothing is known."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from ``low`` up to ``high``."""

    low: float
    high: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where ``value`` lies, in percent; what is beyond the scale lies at its end."""
        if self.logarithmic:
            share = (log10(max(value, self.low)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * 100, 2)


@dataclass(frozen=True, slots=True)
class Zone:
    """Numbers that ask for ``status``, from ``place`` on, ``width`` wide, in percent."""

    status: Status
    place: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold of ``policy``, at ``place`` percent."""

    policy: str
    threshold: Threshold
    place: float


@dataclass(frozen=True, slots=True)
class Bullet:
    """A number now: where it lies, and what numbers would ask for."""

    scale: Scale
    place: float
    zones: tuple[Zone, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A number over time: ``paths`` as SVG has them, on 1000 by 100, one for each time without a gap; ``gaps`` between."""

    scale: Scale
    paths: tuple[str, ...]
    gaps: tuple[tuple[float, float], ...]
    lines: tuple[Line, ...]
    steps: tuple[tuple[float, float], ...]


Judged = Sequence[tuple[str, "Threshold"]]
"""Thresholds, each with the name of the policy whose it is."""


def scaled(values: Iterable[float], thresholds: Judged, *, share: bool = False) -> Scale:
    """The scale on which ``values`` and ``thresholds`` can be seen; that of a ``share`` goes from none to all."""
    found = list(values)
    limits = [one.at for _, one in thresholds]
    top = max([*found, *limits], default=1.0)
    if share:
        return Scale(0.0, max(1.0, top))
    least = min((at for at in limits if at > 0), default=0.0)
    if least and top / least >= FAR:
        lowest = max(min([least, *(value for value in found if value > 0)]), top / MOST_DECADES)
        return Scale(10.0 ** _floor(log10(lowest * 0.7)), top * 1.3, logarithmic=True)
    low = min([0.0, *found, *limits])
    return Scale(low, _above(top) if top > 0 else low + 1.0)


def bullet(value: float, thresholds: Judged, *, share: bool = False) -> Bullet:
    """``value`` against ``thresholds``."""
    scale = scaled([value], thresholds, share=share)
    return Bullet(scale, scale.place(value), tuple(_zones(scale, thresholds)), _lines(scale, thresholds))


def chart(points: Sequence[Reading], thresholds: Judged, axis: Axis, *, share: bool = False) -> Chart:
    """What was measured over the time of ``axis``, against ``thresholds``: each number lasts until the next."""
    numbers = [value for _, value in points if value is not None]
    scale = scaled(numbers, thresholds, share=share)
    runs = list(_runs(points, axis.until))
    paths = tuple(_path(run, end, scale, axis) for run, end in runs)
    gaps = tuple((axis.place(start), axis.place(end)) for start, end in _gaps(runs) if end > axis.since)
    steps = tuple((value, scale.place(value)) for value in _rounds(scale))
    return Chart(scale, paths, gaps, _lines(scale, thresholds), steps)


def _lines(scale: Scale, thresholds: Judged) -> tuple[Line, ...]:
    return tuple(Line(policy, one, scale.place(one.at)) for policy, one in thresholds)


def _zones(scale: Scale, thresholds: Judged) -> Iterator[Zone]:
    """What each part of ``scale`` asks for, from its beginning to its end."""
    edges = sorted({0.0, 100.0, *(scale.place(one.at) for _, one in thresholds)})
    for left, right in pairwise(edges):
        middle = (left + right) / 2
        asked = [one.status for _, one in thresholds if (middle > scale.place(one.at)) is one.rising]
        yield Zone(min(asked, default=Status.ACTIVE), left, round(right - left, 2))


Run = tuple[list[tuple[datetime, float]], datetime]
"""Numbers one after another, and until when the last of them counts."""


def _runs(points: Sequence[Reading], until: datetime) -> Iterator[Run]:
    run: list[tuple[datetime, float]] = []
    for at, value in sorted(points, key=lambda point: point[0]):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run, at
            run = []
    if run:
        yield run, until


def _gaps(runs: Sequence[Run]) -> Iterator[tuple[datetime, datetime]]:
    for (_, end), (following, _) in pairwise(runs):
        yield end, following[0][0]


def _path(run: Sequence[tuple[datetime, float]], end: datetime, scale: Scale, axis: Axis) -> str:
    drawn = [(axis.place(at) * 10, 100 - scale.place(value)) for at, value in run]
    thinned = list(_thinned(drawn)) if len(drawn) > MOST_POINTS else drawn
    steps = "".join(f"H{x:g}V{y:g}" for x, y in thinned[1:])
    return f"M{thinned[0][0]:g},{thinned[0][1]:g}{steps}H{axis.place(end) * 10:g}"


def _thinned(drawn: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The least and the greatest of each part, and the very last, so that no peak is lost."""
    size = -(-len(drawn) // (MOST_POINTS // 2))
    for start in range(0, len(drawn), size):
        part = drawn[start : start + size]
        ends = {part.index(min(part, key=lambda p: p[1])), part.index(max(part, key=lambda p: p[1]))}
        yield from (part[index] for index in sorted(ends))
    yield drawn[-1]


def _rounds(scale: Scale) -> Iterator[float]:
    """Round numbers on ``scale``, about four of them."""
    if scale.logarithmic:
        first, last = _floor(log10(scale.low)), _floor(log10(scale.high))
        every = max(1, -(-(last - first + 1) // 4))
        yield from (10.0**power for power in range(first, last + 1, every) if scale.low <= 10.0**power <= scale.high)
        return
    rough = (scale.high - scale.low) / 4
    power = 10.0 ** _floor(log10(rough))
    size = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    count = int(scale.high / size + 1e-9)
    yield from (size * index for index in range(count + 1) if size * index >= scale.low)


def _above(top: float) -> float:
    """The next round number above ``top``."""
    power = 10.0 ** _floor(log10(top))
    return next(power * factor for factor in (1.5, 2, 3, 5, 7.5, 10, 15) if power * factor >= top * 1.04)


def _floor(number: float) -> int:
    return int(number // 1)

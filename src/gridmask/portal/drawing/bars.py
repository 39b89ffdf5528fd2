"""Bars: how many rows of a mask have each status, to be seen at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.status import Purpose, Status, usable

if TYPE_CHECKING:
    from gridmask.service.masks import Count
    from gridmask.service.matrix import Line

ORDER = (Status.ACTIVE, Status.DEGRADED, Status.PROBING, Status.BANNED, Status.ERROR, Status.UNKNOWN)
"""Statuses from the best to the worst, and those of which nothing is known."""

LENGTH = 1000
LEAST = 8
"""How long a bar is, and how long the shortest part of it: a single banned row must be seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a bar that one status has."""

    status: Status
    rows: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many rows there are, how many of them are usable, and how many have each status."""

    rows: int
    usable: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class MaskLine:
    """A VO's mask in one line."""

    vo: str
    revision: int
    bar: Bar


def line(vo: str, count: Count) -> MaskLine:
    """A mask in one line."""
    return MaskLine(vo, count.revision, bar(count.by_status))


def count(lines: Iterable[Line]) -> Mapping[Status, int]:
    """How many rows of ``lines`` have each status."""
    counted: Counter[Status] = Counter()
    for line in lines:
        counted.update(row.status for row in line.rows)
    return counted


def bar(by_status: Mapping[Status, int], least: int = LEAST, purpose: Purpose = Purpose.USE) -> Bar:
    """The bar of so many rows of each status, usable for ``purpose``; no part of it is shorter than about ``least``."""
    good = sum(rows for status, rows in by_status.items() if usable(status, purpose))
    return Bar(sum(by_status.values()), good, tuple(_parts(by_status, least)))


def _parts(by_status: Mapping[Status, int], least: int) -> Iterator[Part]:
    present = [(status, by_status[status]) for status in ORDER if by_status.get(status)]
    lengths = [max(rows / sum(by_status.values()) * LENGTH, least) for _, rows in present]
    start = 0.0
    for (status, rows), length in zip(present, lengths, strict=True):
        part = length / sum(lengths) * LENGTH
        yield Part(status, rows, round(start, 1), round(part, 1))
        start += part

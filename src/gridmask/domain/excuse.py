"""Excuses: the time for which an outage had been announced before it began.

What counts is what was known then, not what was published later: whoever had asked at a moment would have been told of the
outage, and it had been announced before its own beginning. So what was declared after the fact excuses nothing, what a downtime
was made longer by while it lasted excuses nothing, and once it was withdrawn or ended early it excuses nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

Between = tuple[datetime, datetime]
"""From the one up to, not including, the other."""

END = datetime.max.replace(tzinfo=UTC)
"""The end of what has none."""


class Announced(NamedTuple):
    """A version of a scheduled outage: from ``start`` up to ``end``, as it was known from ``since`` up to ``until``."""

    start: datetime
    end: datetime
    since: datetime
    until: datetime


def excuses(versions: Sequence[Announced]) -> tuple[Between, ...]:
    """The time that ``versions`` of one and the same outage excuse."""
    # who is told of a version after its beginning cannot have waited for a later one: all that were in time count together
    in_time = union((one.start, one.end) for one in versions if one.since <= one.start)
    told = union((max(one.start, one.since), min(one.end, one.until)) for one in versions)
    return tuple(common(in_time, told))


def union(found: Iterable[Between]) -> tuple[Between, ...]:
    """The moments that lie in any of ``found``, in order and apart from each other."""
    made: list[Between] = []
    for start, end in sorted(one for one in found if one[0] < one[1]):
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return tuple(made)


def common(some: Sequence[Between], others: Sequence[Between]) -> Iterator[Between]:
    """The moments that lie in both; each is in order and apart."""
    left = right = 0
    while left < len(some) and right < len(others):
        start, end = max(some[left][0], others[right][0]), min(some[left][1], others[right][1])
        if start < end:
            yield start, end
        if some[left][1] < others[right][1]:
            left += 1
        else:
            right += 1

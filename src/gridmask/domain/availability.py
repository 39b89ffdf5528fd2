"""Availability and reliability: how much of a period an element was usable.

The two are those that EGI and WLCG report (https://argoeu.github.io/argo-monitoring/docs/reports/ar, read in November 2026):

- availability: the time up, of the known time, which is all of it but the unknown;
- reliability: the time up, of the known time that was no scheduled downtime.

There, a service is up or down by what tests say; here, by what the VO's mask said of it: it is a report of what the VO could
use. Hence two differences. Time for which the mask did not show an element is not counted at all. And what was usable during a
scheduled downtime was usable: there, a downtime goes before any test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.status import Status, most_restrictive, usable

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.excuse import Between

_NONE = timedelta()
_USABLE, _EXCUSED, _UNEXCUSED, _UNKNOWN, _ABSENT = range(5)
_OF = {status: _USABLE if usable(status) else _UNKNOWN if status is Status.UNKNOWN else _UNEXCUSED for status in Status}


class Spell(NamedTuple):
    """A status from ``start`` up to ``end``; None: the mask did not show the element."""

    start: datetime
    end: datetime
    status: Status | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How a period was spent. Tallies of parts add up to that of the whole.

    Attributes:
        usable: the mask let the VO use it.
        excused: it did not, during an outage that had been announced before it began.
        unexcused: it did not, without such an excuse.
        unknown: its status was ``Unknown``.
        absent: it was not offered, out of service, or not in the inventory.
    """

    usable: timedelta = _NONE
    excused: timedelta = _NONE
    unexcused: timedelta = _NONE
    unknown: timedelta = _NONE
    absent: timedelta = _NONE

    @property
    def known(self) -> timedelta:
        """The time of which it is known whether it was usable."""
        return self.usable + self.excused + self.unexcused

    @property
    def availability(self) -> float | None:
        """``usable / (period - unknown - absent)``; None where nothing is known."""
        return _share(self.usable, self.known)

    @property
    def reliability(self) -> float | None:
        """``usable / (period - unknown - excused - absent)``; None where there was no such time."""
        return _share(self.usable, self.known - self.excused)

    def __add__(self, other: Tally) -> Tally:
        """How both were spent together."""
        return Tally(
            self.usable + other.usable,
            self.excused + other.excused,
            self.unexcused + other.unexcused,
            self.unknown + other.unknown,
            self.absent + other.absent,
        )


NOTHING = Tally()


def _share(part: timedelta, whole: timedelta) -> float | None:
    return part / whole if whole else None


def strictest(of_each: Sequence[Sequence[Spell]]) -> Iterator[Spell]:
    """What an element was as a whole: at every moment, the most restrictive status of all its status types.

    As in every combination, ``Unknown`` is neutral (promise D1): it is the whole's only where nothing else is known. So what
    can be read and not written is not usable, and what can be read, while nothing is known of writing, is.

    Args:
        of_each: for each status type its spells, without gaps; all of them from the same moment up to the same other.
    """
    at = [0] * len(of_each)
    start = of_each[0][0].start if of_each else None
    while start is not None:
        now = [spells[place] for spells, place in zip(of_each, at, strict=True)]
        end = min(spell.end for spell in now)
        there = [spell.status for spell in now if spell.status is not None]
        yield Spell(start, end, most_restrictive(there) if there else None)
        at = [place + (spell.end == end) for place, spell in zip(at, now, strict=True)]
        start = end if at[0] < len(of_each[0]) else None


def tallies(spells: Iterable[Spell], excuses: Sequence[Between], bounds: Sequence[datetime]) -> list[Tally]:
    """How each period between two of ``bounds`` was spent.

    Args:
        spells: without gaps, from the first of the bounds up to the last.
        excuses: when an outage was announced in time; in order, and apart from each other.
        bounds: in order.
    """
    made = [[_NONE] * 5 for _ in bounds[1:]]
    place = 0
    for start, end, what in _excused(spells, excuses):
        done = start
        while done < end:
            upto = min(end, bounds[place + 1])
            made[place][what] += upto - done
            place += upto == bounds[place + 1]
            done = upto
    return [Tally(*one) for one in made]


def _excused(spells: Iterable[Spell], excuses: Sequence[Between]) -> Iterator[tuple[datetime, datetime, int]]:
    """``spells`` by what they count as; those that are not usable are cut where an excuse begins or ends."""
    place = 0
    for start, end, status in spells:
        what = _ABSENT if status is None else _OF[status]
        if what != _UNEXCUSED:
            yield start, end, what
            continue
        while place < len(excuses) and excuses[place][1] <= start:
            place += 1
        yield from _cut(start, end, islice(excuses, place, None))


def _cut(start: datetime, end: datetime, excuses: Iterable[Between]) -> Iterator[tuple[datetime, datetime, int]]:
    for begins, ends in excuses:
        if begins >= end:
            break
        if start < begins:
            yield start, begins, _UNEXCUSED
        yield max(start, begins), min(end, ends), _EXCUSED
        start = min(end, ends)
    if start < end:
        yield start, end, _UNEXCUSED


class By(StrEnum):
    """How a period is divided: by days or months of UTC, or not at all."""

    TOTAL = "total"
    MONTH = "month"
    DAY = "day"


def bounds(since: datetime, until: datetime, by: By) -> tuple[datetime, ...]:
    """Where the parts of a period begin, in UTC, and its end last. The first part and the last may be short ones."""
    found = [since]
    while by is not By.TOTAL and (following := _following(found[-1], by)) < until:
        found.append(following)
    return (*found, until)


def _following(moment: datetime, by: By) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if by is By.DAY:
        return midnight + timedelta(days=1)
    # the 1st of a month and 31 days lie in the next one, whichever month it is
    return (midnight.replace(day=1) + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Line:
    """How the parts of a period were spent, of one thing.

    Attributes:
        site: the site, or the one that the element belongs to.
        element: the element; None: the site as a whole.
        status_type: the one that it is about; None: all together.
        tallies: one for each part.
        unsure: whether the time for which it was not there may have been another: an element was edited since, and what it was
            before is not kept.
    """

    site: str
    element: ElementKey | None
    status_type: str | None
    tallies: tuple[Tally, ...]
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How ``vo`` could use things; each line has a tally between any two of ``bounds``.

    ``cursor`` asks for the lines that come after these; None: those were all.
    """

    vo: str
    bounds: tuple[datetime, ...]
    lines: tuple[Line, ...]
    cursor: int | None = None

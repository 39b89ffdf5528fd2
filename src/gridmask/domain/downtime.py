"""Downtimes: announced outages, and how one published list of them differs from the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from gridmask.domain.evidence import DOWNTIME, Evidence, EvidenceKey
from gridmask.domain.naming import Target
from gridmask.domain.vo import ALL

MANUAL = "manual"
"""The source of downtimes that people declare here; no feed may touch them."""


class Impact(IntEnum):
    """What a severity means for the services concerned, in GOCDB's words, from least to most."""

    NONE = 0
    WARNING = 1
    OUTAGE = 2


@dataclass(frozen=True, slots=True)
class Interval:
    """The half-open interval of time from ``start`` up to, not including, ``end``; ``end`` None is open."""

    start: datetime
    end: datetime | None = None

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies within."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether any moment of ``[since, until]`` lies within; ``until`` belongs to it, so that a lead of 0 asks about now."""
        if self.end is not None and self.end <= self.start:
            return False
        return self.start <= until and (self.end is None or since < self.end)


class DowntimeKey(NamedTuple):
    """The identity of a downtime: its source, and the record in that source."""

    source: str
    record: str


@dataclass(frozen=True, slots=True)
class Downtime:
    """One version of an announced outage.

    Attributes:
        key: source and record.
        targets: what it names.
        interval: when.
        severity: as published (``Outage``, ``WARNING``...); what it means is the policy's business.
        scheduling: ``SCHEDULED`` or ``UNSCHEDULED``, as published.
        description: the announcement's text.
        vo: for whom; :data:`~gridmask.domain.vo.ALL` is everyone.
        owner: who declared it, where the source tells.
        url: where a person can read the original.
        created_at: when its author says that it was created.
    """

    key: DowntimeKey
    targets: frozenset[Target]
    interval: Interval
    severity: str
    scheduling: str = "UNSCHEDULED"
    description: str = ""
    vo: str = ALL
    owner: str = ""
    url: str = ""
    created_at: datetime | None = None

    def evidence(self, known_from: datetime) -> tuple[Evidence, ...]:
        """This version as evidence about each target that it names."""
        return tuple(
            Evidence(
                EvidenceKey(self.key.source, self.key.record, target),
                DOWNTIME,
                self,
                observed_at=known_from,
                valid_until=self.interval.end,
                vo=self.vo,
            )
            for target in sorted(self.targets, key=tuple)
        )


@dataclass(frozen=True, slots=True)
class Announcement:
    """A complete list of downtimes as one source published it.

    Attributes:
        downtimes: what could be read, by key.
        unreadable: keys of records that are in the list but could not be read; their last readable version stands.
        conclusive: whether absence from the list means withdrawal. It does not where a record could not even be identified.
        problems: what could not be read, for people.
    """

    downtimes: Mapping[DowntimeKey, Downtime]
    unreadable: frozenset[DowntimeKey] = frozenset()
    conclusive: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What an announcement changes."""

    added: tuple[Downtime, ...] = ()
    edited: tuple[Downtime, ...] = ()
    withdrawn: tuple[DowntimeKey, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.edited or self.withdrawn)


def difference(known: Mapping[DowntimeKey, Downtime], announced: Announcement, now: datetime) -> Difference:
    """How ``announced`` differs from the versions ``known`` before.

    A downtime that is over and no longer listed was not withdrawn: sources drop old records.
    """
    listed = announced.downtimes.keys() | announced.unreadable
    return Difference(
        added=tuple(d for key, d in sorted(announced.downtimes.items()) if key not in known),
        edited=tuple(d for key, d in sorted(announced.downtimes.items()) if key in known and known[key] != d),
        withdrawn=tuple(
            key for key, d in sorted(known.items()) if announced.conclusive and key not in listed and not is_over(d, now)
        ),
    )


def is_over(downtime: Downtime, now: datetime) -> bool:
    """Whether ``downtime`` has ended by ``now``."""
    end = downtime.interval.end
    return end is not None and end <= now


def takes_back(before: Downtime, after: Downtime, now: datetime) -> bool:
    """Whether ``after``, which replaces ``before``, is over, or another time is meant, or it is not about all of the same."""
    if is_over(before, now):
        return False
    ongoing, end = before.interval.contains(now), before.interval.end
    postponed = not after.interval.contains(now) if ongoing else end is not None and after.interval.start >= end
    narrower = after.vo not in (before.vo, ALL) or not before.targets <= after.targets
    return is_over(after, now) or postponed or narrower


def ends_or_starts(interval: Interval, lead: timedelta, now: datetime) -> datetime | None:
    """The next moment after ``now`` at which ``interval``, announced ``lead`` ahead, begins or ceases to matter."""
    # a lead may reach beyond the calendar, a start in year 1 need not be served
    begins = interval.start - lead if interval.start - datetime.min.replace(tzinfo=UTC) > lead else interval.start
    moments = [moment for moment in (begins, interval.start, interval.end) if moment is not None and moment > now]
    return min(moments, default=None)

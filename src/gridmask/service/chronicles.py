"""Chronicles: what happened to one element over a stretch of time, beside what was announced and decided about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_

from gridmask.domain.downtime import Downtime, DowntimeKey
from gridmask.domain.mask import Absence
from gridmask.domain.naming import handles, names
from gridmask.domain.timeline import Timeline
from gridmask.domain.vo import ALL
from gridmask.service.selection import ElementName, RowName
from gridmask.service.timelines import LONGEST
from gridmask.store import downtimes, history
from gridmask.store.downtimes import WITHDRAWAL, Version
from gridmask.store.tables import downtimes as table

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.domain.element import Element
    from gridmask.domain.evidence import Evidence, EvidenceKey
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.timelines import Timelines

MOST_DEEDS = 200
"""So many decisions are told; of more, the last."""


FARTHEST = LONGEST - timedelta(days=1)
"""So far back is looked where somebody wants to see all: a little less than can be, since time passes meanwhile."""

AT_LEAST = timedelta(days=1)
"""So far back is looked where nothing is known."""


@dataclass(frozen=True, slots=True)
class Course:
    """A downtime in all its versions, in the order in which they became known."""

    versions: tuple[Version, ...]

    @property
    def last(self) -> Downtime:
        """What was said of it last."""
        return self.versions[-1].downtime

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was withdrawn; None: it was not."""
        return self.versions[-1].known_to if self.versions[-1].ended_by == WITHDRAWAL else None


Recorded = Mapping["EvidenceKey", Sequence["Evidence"]]
"""By record, what it said one after another, the oldest first."""

Recorder = Callable[["Element", datetime, datetime], Awaitable[Recorded]]
"""Tells what was measured of an element from one moment up to another, whoever may read it."""


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What happened to an element from ``since`` up to ``until``.

    Attributes:
        since, until: when; nothing after the present is known, but what was announced.
        timelines: what the VO saw of each status type, as far as it has passed.
        deeds: what people and the guard decided, the newest first.
        courses: announced downtimes that touch that time, or did as they were first announced; the earliest first.
        recorded: what was measured.
    """

    since: datetime
    until: datetime
    timelines: tuple[Timeline, ...] = ()
    deeds: tuple[sa.Row[Any], ...] = ()
    courses: tuple[Course, ...] = ()
    recorded: Recorded = field(default_factory=dict)


async def nothing_recorded(element: Element, since: datetime, until: datetime) -> Recorded:
    """What is told where nobody keeps what was measured."""
    del element, since, until
    return {}


class Chronicles:
    """The use case around chronicles."""

    def __init__(self, inspector: Inspector, timelines: Timelines, recorder: Recorder = nothing_recorded) -> None:
        self._inspector = inspector
        self._timelines = timelines
        self._recorder = recorder

    async def of(self, element: Element, vo: str, since: datetime | None, until: datetime) -> Chronicle:
        """What happened to ``element`` in the eyes of ``vo``, a canonical name; ``since`` None: since it is known.

        Raises:
            InvalidRequest: too much happened in that time, or it is still to come, or too long.
        """
        now = self._inspector.clock()
        called = RowName(_name_of(element), vo=vo)
        seen = (await self._timelines.of(called, since or min(until, now) - FARTHEST, until)).timelines
        begins = since or _beginning(seen, min(until, now))
        async with self._inspector.database.reading() as connection:
            deeds = await history.deeds(connection, element.key, {vo, ALL}, begins, until, MOST_DEEDS)
            touching = and_(table.c.starts_at < until, or_(table.c.ends_at.is_(None), table.c.ends_at > begins))
            versions = await downtimes.versions(connection, and_(touching, downtimes.named(handles(element))))
        courses = tuple(_courses(versions, element))
        recorded = await self._recorder(element, begins, until)
        return Chronicle(begins, until, tuple(_from(seen, begins)), tuple(deeds), courses, recorded)


def _courses(versions: Iterable[Version], element: Element) -> Iterator[Course]:
    found: dict[DowntimeKey, list[Version]] = {}
    for version in versions:
        found.setdefault(version.downtime.key, []).append(version)
    meant = (v for v in found.values() if any(names(target, element) for one in v for target in one.downtime.targets))
    ordered = sorted(meant, key=lambda v: (v[-1].downtime.interval.start, v[-1].downtime.key))
    return (Course(tuple(versions)) for versions in ordered)


def _beginning(seen: Iterable[Timeline], until: datetime) -> datetime:
    """Since when anything is known."""
    known = (s.start for timeline in seen for s in timeline.stretches if s.absence is not Absence.NOT_KNOWN)
    return min(known, default=until - AT_LEAST)


def _from(seen: Iterable[Timeline], since: datetime) -> Iterator[Timeline]:
    """``seen``, from ``since`` on."""
    for timeline in seen:
        kept = tuple(replace(s, start=max(s.start, since)) for s in timeline.stretches if s.end > since)
        yield replace(timeline, stretches=kept)


def _name_of(element: Element) -> ElementName:
    return ElementName(element.key.name, element.key.type, element.key.family)

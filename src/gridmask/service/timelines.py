"""Timelines: what VOs saw of the status of elements over a stretch of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.excuse import END
from gridmask.domain.timeline import Stretch, Timeline, hidden, stretches
from gridmask.domain.vo import ALL
from gridmask.service.selection import find, row_keys
from gridmask.store import elements, past
from gridmask.store import timelines as store
from gridmask.store.timelines import Question, Subject, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.inspector import Inspector
    from gridmask.service.selection import RowName
    from gridmask.service.vos import Vos

MOST = 1000
"""So many elements are looked at in one answer at most."""

MOST_STRETCHES = 10_000
"""An answer with more of these ends early; one element alone cannot have more."""

CUSTOMARY = timedelta(days=7)
"""How far a timeline goes back, unless told otherwise."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE = 50
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which elements: those whose ``family``, ``type``, ``name`` or ``site`` are as in ``where``; and which status type."""

    where: Mapping[str, str] = field(default_factory=dict)
    status_type: str | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Part of the timelines. ``cursor`` asks for what comes after it; None: that was all."""

    vo: str
    since: datetime
    until: datetime
    timelines: tuple[Timeline, ...]
    cursor: int | None = None


class Timelines:
    """The use cases around timelines."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def page(
        self,
        vo: str,
        since: datetime,
        until: datetime,
        wanted: Wanted = EVERYTHING,
        *,
        cursor: int = 0,
        limit: int = 100,
    ) -> TimelinePage:
        """What ``vo`` saw, of ``limit`` elements or fewer; fewer do not mean that there are no more, a missing cursor does.

        An element is told by the name that it has now, with all that happened while it had another. What was not shown in all
        that time is left out.

        Raises:
            NotKnown: there never was such a VO. InvalidRequest: there is no such time, or too much happened to one element.
        """
        period = settled(since, until, self._inspector.clock())
        name = await self._vos.resolve_ever(vo)
        limit = min(limit, MOST)
        made: list[Timeline] = []
        async with self._inspector.database.reading() as connection:
            view = await View.of(connection, name, period, wanted.status_type)
            found = await store.page(connection, wanted.where, cursor, limit)
            following = found[-1].number if len(found) == limit else None
            for start in range(0, len(found), AT_ONCE):
                part = found[start : start + AT_ONCE]
                made += await view.timelines(connection, part)
                if sum(len(timeline.stretches) for timeline in made) > MOST_STRETCHES and len(found) > start + AT_ONCE:
                    following = part[-1].number
                    break
        shown = tuple(timeline for timeline in made if any(stretch.absence is None for stretch in timeline.stretches))
        return TimelinePage(name, *period, shown, following)

    async def of(self, called: RowName, since: datetime, until: datetime) -> TimelinePage:
        """What the VO saw of the rows ``called`` so, also of an element that is in no inventory any more.

        Raises:
            NotKnown: there is no such element, status type or VO. Ambiguous: there are several such elements.
            InvalidRequest: there is no such time, or too much happened.
        """
        period = settled(since, until, self._inspector.clock())
        name = await self._vos.resolve_ever(called.vo)
        async with self._inspector.database.reading() as connection:
            element = await find(connection, called.element, gone=True)
            if called.status_type is not None:
                row_keys(element.key, called, await self._inspector.types(connection))
            view = await View.of(connection, name, period, called.status_type)
            numbers = await elements.ids(connection, [element.key])
            made = await view.timelines(connection, [Subject(numbers[element.key], element)])
        return TimelinePage(name, *period, tuple(made))


def customary(until: datetime) -> datetime:
    """Since when to tell, where only ``until`` is said."""
    return max(until, EPOCH) - CUSTOMARY


def settled(since: datetime, until: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The period in UTC, as far as it has passed.

    Raises:
        InvalidRequest: nothing of it has, or it is none, or too long.
    """
    start, end = since.astimezone(UTC), min(until.astimezone(UTC), now)
    if start >= now:
        raise InvalidRequest(f"{start:%FT%TZ} is still to come; it is {now:%FT%TZ} now. Ask for a time that has passed.")
    if start >= end:
        raise InvalidRequest(f"The time ends at {end:%FT%TZ}, before it begins at {start:%FT%TZ}.")
    if end - start > LONGEST:
        raise InvalidRequest("That is more than ten years; ask for a shorter time.")
    return start, end


@dataclass(frozen=True, slots=True)
class View:
    """How a VO sees a stretch of time. ``known_since``, ``left_at``: when it came here, and left; None: never."""

    question: Question
    known_since: datetime | None = None
    left_at: datetime | None = None

    @classmethod
    async def of(
        cls,
        connection: AsyncConnection,
        vo: str,
        period: tuple[datetime, datetime],
        status_type: str | None = None,
        *,
        details: bool = True,
    ) -> View:
        """That of ``vo``."""
        ours = await past.terms(connection, ALL)
        theirs = await past.terms(connection, vo) or (None, None)
        return cls(Question(vo, *period, ours[0] if ours else None, status_type, details), *theirs)

    async def timelines(self, connection: AsyncConnection, subjects: Sequence[Subject]) -> list[Timeline]:
        """What the VO saw of ``subjects``.

        Raises:
            InvalidRequest: too much happened to one of them.
        """
        told = await store.told(connection, subjects, self.question)
        return await to_thread.run_sync(lambda: [t for s in subjects for t in self._timelines(s, told[s.number])])

    def _timelines(self, subject: Subject, told: Told) -> list[Timeline]:
        key, seen = subject.element.key, self.seen(told)
        if sum(map(len, seen.values())) > MOST_STRETCHES:
            raise InvalidRequest(f"The status of {key} changed more than {MOST_STRETCHES:,} times: ask for a shorter time.")
        return [Timeline(key, status_type, self.question.vo, found) for status_type, found in sorted(seen.items())]

    def seen(self, told: Told) -> dict[str, tuple[Stretch, ...]]:
        """By status type, what the VO saw of an element."""
        since, until = self.question.since, self.question.until
        showings = tuple(told.showings)
        if self.known_since is not None and self.question.ours is not None and self.question.ours < self.known_since:
            showings = hidden(showings, self.question.ours, self.known_since)
        if self.left_at is not None:
            showings = hidden(showings, self.left_at, END)
        return {status_type: stretches(changes, showings, since, until) for status_type, changes in told.rows.items()}

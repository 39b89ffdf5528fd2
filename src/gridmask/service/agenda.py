"""Agendas: what is announced for a VO in a stretch of time, with all that was said of it before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.vo import ALL
from gridmask.service.concerned import by_handle, concerned
from gridmask.store import downtimes

if TYPE_CHECKING:
    from gridmask.domain.downtime import Downtime
    from gridmask.domain.element import Element
    from gridmask.service.element_book import ElementBook
    from gridmask.service.masks import Masks
    from gridmask.store.database import Database
    from gridmask.store.downtimes import Version


@dataclass(frozen=True, slots=True)
class Announcement:
    """A downtime as it stood at last.

    Attributes:
        versions: all that was known of it to whom it is told, the first first; there is at least one.
        elements: what it concerns, of those whom it is told to.
    """

    versions: tuple[Version, ...]
    elements: tuple[Element, ...]

    @property
    def version(self) -> Version:
        """What is, or was, known at last."""
        return self.versions[-1]

    @property
    def downtime(self) -> Downtime:
        """The downtime itself."""
        return self.version.downtime

    @property
    def is_withdrawn(self) -> bool:
        """Whether it does not stand any more."""
        return self.version.known_to is not None

    @property
    def late(self) -> timedelta | None:
        """How long after its beginning it was announced; None: before it, as it should.

        It was announced when its author says that it was made; where nobody says, when it became known here.
        """
        first = self.versions[0]
        late = (first.downtime.created_at or first.known_from) - first.downtime.interval.start
        return late if late > timedelta() else None

    @property
    def sites(self) -> tuple[str, ...]:
        """Where it is."""
        return tuple(sorted({element.site for element in self.elements if element.site}))


class Agendas:
    """The use case around agendas."""

    def __init__(self, database: Database, masks: Masks, book: ElementBook) -> None:
        self._database = database
        self._masks = masks
        self._book = book

    async def of(self, vo: str, since: datetime, until: datetime) -> list[Announcement]:
        """The downtimes of what is offered to ``vo`` between ``since`` and ``until``, the earliest first.

        Those that were withdrawn are among them; those that name nothing that is offered to it are not.

        Raises:
            NotKnown: there is no such VO.
        """
        name = await self._masks.canonical(vo)
        elements = await self._book.read()
        async with self._database.reading() as connection:
            courses = await downtimes.between(connection, since, until)
        heard = [_told_to(name, course) for course in courses if course[-1].downtime.vo in {ALL, name}]
        offered = [one for one in elements.values() if one.in_service and (name == ALL or one.is_offered_to(name))]
        return await to_thread.run_sync(_told, heard, offered)


def _told_to(vo: str, course: Sequence[Version]) -> Sequence[Version]:
    """Those versions that were not another VO's alone."""
    return course if vo == ALL else [version for version in course if version.downtime.vo in {ALL, vo}]


def _told(courses: Sequence[Sequence[Version]], offered: Sequence[Element]) -> list[Announcement]:
    called = by_handle(offered)
    found = [Announcement(tuple(course), concerned(course[-1].downtime.targets, called)) for course in courses]
    told = [one for one in found if one.elements]
    return sorted(told, key=lambda one: (one.downtime.interval.start, one.downtime.key))

"""Availability: how much of a period VOs could use elements and sites."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.availability import By, Line, Report, Spell, Tally, bounds, strictest, tallies
from gridmask.domain.errors import InvalidRequest
from gridmask.service import excuses
from gridmask.service.timelines import EVERYTHING, MOST, View, Wanted, settled
from gridmask.store import timelines as store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.timeline import Stretch
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.excuses import Excuses
    from gridmask.service.vos import Vos
    from gridmask.store.timelines import Subject, Told

MOST_TALLIES = 100_000
"""So many are in one answer, or about as many."""

AT_ONCE = 250
_STATUS_TYPES = 5


class Per(StrEnum):
    """Of what there is a line: each element, each of its status types, or each site."""

    ELEMENT = "element"
    STATUS_TYPE = "status-type"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Sums:
    """Which sums are wanted: of what, by which parts of the period."""

    by: By = By.TOTAL
    per: Per = Per.ELEMENT


TOTALS = Sums()


class Availability:
    """The use cases around availability. Reports are made one after another: each needs many changes in memory."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos
        self._one_at_a_time = asyncio.Lock()

    async def report(  # noqa: PLR0913 - whose, from when to when, of what, which sums, and how much of it
        self,
        vo: str,
        since: datetime,
        until: datetime,
        wanted: Wanted = EVERYTHING,
        sums: Sums = TOTALS,
        *,
        cursor: int = 0,
        limit: int = MOST,
    ) -> Report:
        """How ``vo`` could use things from ``since`` up to ``until``, or up to now.

        ``limit`` elements or fewer; fewer do not mean that there are no more, a missing cursor does. Of sites, all. What was
        not there at all is left out.

        Raises:
            NotKnown: there never was such a VO.
            InvalidRequest: there is no such time, or the parts are too many for one answer.
        """
        period = settled(since, until, self._inspector.clock())
        name, parts = await self._vos.resolve_ever(vo), bounds(*period, sums.by)
        async with self._one_at_a_time, self._inspector.database.reading() as connection:
            desk = await _Desk.of(connection, name, parts, wanted, sums.per)
            if sums.per is Per.SITE:
                return Report(name, parts, await desk.sites(connection))
            each = (len(parts) - 1) * (_STATUS_TYPES if sums.per is Per.STATUS_TYPE else 1)
            found = await desk.page(connection, cursor, max(1, min(limit, MOST, MOST_TALLIES // each)))
        return Report(name, parts, tuple(found.lines), found.cursor)


@dataclass(frozen=True, slots=True)
class _Part:
    lines: list[Line]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one report is made."""

    view: View
    excuses: Excuses
    parts: tuple[datetime, ...]
    wanted: Wanted
    per: Per

    @classmethod
    async def of(cls, connection: AsyncConnection, vo: str, parts: tuple[datetime, ...], wanted: Wanted, per: Per) -> _Desk:
        period = parts[0], parts[-1]
        view = await View.of(connection, vo, period, wanted.status_type, details=False)
        return cls(view, await excuses.load(connection, vo, *period), parts, wanted, per)

    async def page(self, connection: AsyncConnection, cursor: int, limit: int) -> _Part:
        found = await store.page(connection, self.wanted.where, cursor, limit)
        lines: list[Line] = []
        for start in range(0, len(found), AT_ONCE):
            part = found[start : start + AT_ONCE]
            told = await store.told(connection, part, self.view.question)
            lines += await to_thread.run_sync(self._lines, part, told)
        return _Part(lines, found[-1].number if len(found) == limit else None)

    async def sites(self, connection: AsyncConnection) -> tuple[Line, ...]:
        lines: dict[str, Line] = {}
        cursor: int | None = 0
        while cursor is not None:
            part = await self.page(connection, cursor, AT_ONCE)
            cursor = part.cursor
            for line in part.lines:
                lines[line.site] = _together(lines.get(line.site), line)
            if len(lines) * len(self.parts) > MOST_TALLIES:
                raise InvalidRequest(
                    "These are too many sums for one answer: ask for a shorter time, or for longer parts of it."
                )
        return tuple(lines[site] for site in sorted(lines))

    def _lines(self, subjects: Iterable[Subject], told: Mapping[int, Told]) -> list[Line]:
        return [line for subject in subjects for line in self._of(subject, told[subject.number]) if _is_there(line)]

    def _of(self, subject: Subject, told: Told) -> Iterator[Line]:
        element = subject.element
        if self.per is Per.SITE and (element.is_site or not element.site):
            return
        seen = {status_type: _spells(found) for status_type, found in sorted(self.view.seen(told).items())}
        excused = self.excuses.of(element)
        if self.per is Per.STATUS_TYPE:
            for status_type, spells in seen.items():
                counted = tuple(tallies(spells, excused, self.parts))
                yield Line(element.site, element.key, status_type, counted, told.unsure)
        elif seen:
            whole = next(iter(seen.values())) if len(seen) == 1 else strictest(list(seen.values()))
            yield Line(element.site, element.key, None, tuple(tallies(whole, excused, self.parts)), told.unsure)


def _spells(found: Sequence[Stretch]) -> list[Spell]:
    return [Spell(stretch.start, stretch.end, stretch.status) for stretch in found]


def _is_there(line: Line) -> bool:
    return any(tally.known or tally.unknown for tally in line.tallies)


def _together(site: Line | None, line: Line) -> Line:
    """``site`` with what belongs to it added: its seconds are those of all its elements."""
    counted: Iterable[Tally] = line.tallies
    if site is not None:
        counted = (one + other for one, other in zip(site.tallies, line.tallies, strict=True))
    return Line(line.site, None, None, tuple(counted), line.unsure or (site is not None and site.unsure))

"""Comparing this installation with another system that says what may be used: now, and over a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.comparison import Comparison, Said, compare, of_types, rows_of_note, seen
from gridmask.domain.decision import combine
from gridmask.domain.disputes import Dispute, longer, longest_first, overlaid, spells, while_there
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL
from gridmask.store import courses, elements, statuses, vos

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gridmask.domain.comparison import Statements
    from gridmask.domain.disputes import Course, Turn
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row
    from gridmask.inspection.inspector import Inspector

NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
class PastComparison:
    """When two systems disagreed about what may be used, from ``since`` to ``until``, for longer than ``least`` at a time.

    Attributes:
        disputes: the rows about which they did, that of the most hours first.
        compared: how many rows both ever said something of.
    """

    since: datetime
    until: datetime
    least: timedelta
    disputes: tuple[Dispute, ...]
    compared: int

    @property
    def is_equal(self) -> bool:
        """Whether they never disagreed. Where nothing was compared, nobody knows."""
        return self.compared > 0 and not self.disputes


class Comparisons:
    """The use cases around comparing. ``opinions``: by what automation would set, and not by what is in force."""

    def __init__(self, inspector: Inspector, *, opinions: bool = False) -> None:
        self._inspector = inspector
        self._opinions = opinions

    async def now(self, theirs: Statements, vo: str | None) -> Comparison:
        """How what others say now differs from what is said here, to the readers of ``vo``.

        None: in the rows of ``all``, and in those that a VO has of its own, here or there.

        Raises:
            NotKnown: there is no such VO.
        """
        reader = await self._reader(vo)
        async with self._inspector.database.reading() as connection:
            inventory = await elements.load(connection)
            kept = {row.key: self._said(row) for row in await statuses.load(connection) if _is_served(row, inventory)}
        rows = rows_of_note(reader, theirs, kept)
        unoffered = {row for row in rows if not _is_offered(row, inventory)}
        there = seen(rows - unoffered, theirs)
        here, not_there = of_types({row.element.type for row in theirs}, seen(rows - unoffered, kept))
        not_offered = frozenset(row.element for row in seen(unoffered, theirs))
        return replace(compare(there, here), not_there=not_there, not_offered=not_offered)

    async def over_time(
        self, theirs: Mapping[RowKey, list[Turn]], vo: str | None, since: datetime, least: timedelta = NO_TIME
    ) -> PastComparison:
        """When what others said differed from what was said here, since ``since``, in whether readers of ``vo`` might use it.

        Times of no more than ``least`` are passed over: the two do not look at the same moment.

        Raises:
            NotKnown: there is no such VO. InvalidRequest: ``since`` is still to come.
        """
        until = self._inspector.clock()
        if since >= until:
            raise InvalidRequest(f"{since:%FT%TZ} is still to come. Say how far to look back, as with --since -30d.")
        reader = await self._reader(vo)
        async with self._inspector.database.reading() as connection:
            kept, presence = await courses.since(connection, since)
            if self._opinions:
                kept = await courses.opinions_since(connection, since)
            inventory = await elements.load(connection)
        ours = {row: while_there(course, presence.get(row.element, ())) for row, course in kept.items()}
        rows = [row for row in rows_of_note(reader, theirs, ours) if _is_offered(row, inventory)]
        pairs = {row: (_course(row, theirs), _course(row, ours)) for row in rows}
        both = {row: pair for row, pair in pairs.items() if all(pair)}
        disputes = (Dispute(row, longer(spells(*pair, since, until), least)) for row, pair in both.items())
        return PastComparison(since, until, least, tuple(longest_first(one for one in disputes if one.spells)), len(both))

    async def _reader(self, vo: str | None) -> str | None:
        if vo is None:
            return None
        async with self._inspector.database.reading() as connection:
            return self._inspector.registry.with_names(await vos.load(connection)).resolve(vo)

    def _said(self, row: Row) -> Said:
        if not self._opinions:
            return Said.of(row.status, courses.joined(row.reasons), row.standing.since, row.key.vo, binding=row.binding)
        return Said.of(row.opinion, courses.joined(combine(row.verdicts).reasons), None, row.key.vo, binding=row.binding)


def _is_served(row: Row, inventory: Mapping[ElementKey, Element]) -> bool:
    element = inventory.get(row.key.element)
    return element is not None and element.in_service


def _is_offered(row: RowKey, inventory: Mapping[ElementKey, Element]) -> bool:
    """Whether a row is offered to its VO, as far as anything is known of its element."""
    element = inventory.get(row.element)
    return element is None or element.is_offered_to(row.vo)


def _course(row: RowKey, courses_: Mapping[RowKey, list[Turn]]) -> Course:
    general = courses_.get(row._replace(vo=ALL), ())
    return general if row.vo == ALL else overlaid(courses_.get(row, ()), general)

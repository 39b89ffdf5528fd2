"""Portraits: all that is known about one element, for whoever looks at it on behalf of a VO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmask.domain.element import Element
from gridmask.domain.judges import Judge, judges
from gridmask.domain.mask import Absence, Entry, Holding, entry
from gridmask.domain.naming import handles, names
from gridmask.domain.row import Row, Rows, seen_by
from gridmask.domain.vo import ALL
from gridmask.service.downtimes import When
from gridmask.service.selection import ElementName, RowName
from gridmask.service.surroundings import NOWHERE, Surroundings, around
from gridmask.store import evidence
from gridmask.store import statuses as store

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.domain.evidence import Evidence
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.downtimes import Downtimes
    from gridmask.service.masks import Masks
    from gridmask.service.statuses import Explanation, Statuses
    from gridmask.store.downtimes import Version

MOST_CHANGES = 50
MOST_PAST = 5


@dataclass(frozen=True, slots=True)
class Back:
    """Which changes to tell.

    Attributes:
        before: those that came before the one with this id; None: the last.
        inclusive: with that one.
        status_type: of this status type; None: of any.
        limit: so many at most, and one more if there are more.
    """

    before: int | None = None
    inclusive: bool = False
    status_type: str | None = None
    limit: int = MOST_CHANGES


LATEST = Back()


@dataclass(frozen=True, slots=True)
class View:
    """An element's rows as readers asking for any of ``vos`` get them, by status type; ``own``: that VO's, not those of all."""

    vos: tuple[str, ...]
    rows: Mapping[str, Row]
    own: bool


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is known about an element.

    Attributes:
        vo: for whom it is looked at.
        element: the element.
        absence: why the VO's mask says nothing about it; None if it does.
        revisions: by VO, the last revision that changed its mask.
        explanations: why its rows are what they are for ``vo``.
        views: what each VO gets that may use it: ``all`` first, then those with rows of their own, then the others together.
        downtimes: announced downtimes that concern it and are not over, the earliest first.
        past: the last of those that are over, the latest first.
        measured: what sources measured of it last, for whichever VO; also what does not count any more.
        changes: what its rows were, for ``vo`` and for all, the newest first.
        surroundings: what is around it.
        judges: the policies that have a say about the rows that ``vo`` sees.
    """

    vo: str
    element: Element
    absence: Absence | None
    revisions: Mapping[str, int]
    explanations: tuple[Explanation, ...]
    views: tuple[View, ...]
    downtimes: Sequence[Version]
    past: Sequence[Version]
    measured: Sequence[Evidence]
    changes: Sequence[sa.Row[Any]]
    surroundings: Surroundings = NOWHERE
    judges: tuple[Judge, ...] = ()


class Portraits:
    """The use case around portraits."""

    def __init__(self, inspector: Inspector, masks: Masks, statuses: Statuses, downtimes: Downtimes) -> None:
        self._inspector = inspector
        self._masks = masks
        self._statuses = statuses
        self._downtimes = downtimes

    async def of(self, called: ElementName, vo: str, back: Back = LATEST) -> Portrait:
        """The portrait of the element that is ``called`` so, for ``vo``, with its changes from ``back`` on backwards.

        Raises:
            NotKnown: there is no such VO or element. Ambiguous: there are several.
        """
        vo = await self._masks.canonical(vo)
        # the revisions first: what changes from here on, a stream from them will tell
        revisions = await self._masks.revisions()
        explanations = await self._statuses.why(RowName(called, vo=vo))
        element = explanations[0].seen.element
        async with self._inspector.database.reading() as connection:
            rows = await store.of_element(connection, element.key)
            told = await evidence.about(connection, handles(element))
            types = await self._inspector.types(connection)
            surroundings = await around(connection, element, vo, self._inspector.policies, types)
        said = entry(Holding(element, rows), vo)
        return Portrait(
            vo,
            element,
            None if isinstance(said, Entry) else said,
            revisions,
            explanations,
            tuple(_views(element, _in_order(rows, explanations), sorted(revisions))),
            await self._downtimes.about(element),
            (await self._downtimes.about(element, When.PAST))[: -MOST_PAST - 1 : -1],
            tuple(item for item in told if names(item.key.about, element)),
            await self._changes(called, vo, back),
            surroundings,
            judges(self._inspector.policies, element, [one.seen.row.key for one in explanations]),
        )

    async def _changes(self, called: ElementName, vo: str, back: Back) -> list[sa.Row[Any]]:
        name = RowName(called, back.status_type, vo)
        return await self._statuses.history(name, before=back.before, limit=back.limit + 1, inclusive=back.inclusive)


def _in_order(rows: Rows, explanations: Sequence[Explanation]) -> Rows:
    """``rows`` in the order in which their type declares them."""
    declared = {one.seen.row.key.status_type: place for place, one in enumerate(explanations)}
    return dict(sorted(rows.items(), key=lambda item: (declared.get(item[0][0], len(declared)), item[0])))


def _views(element: Element, rows: Rows, vos: Sequence[str]) -> Iterator[View]:
    owners = {vo for _, vo in rows} - {ALL}
    users = [vo for vo in vos if vo != ALL and element.is_offered_to(vo)]
    yield View((ALL,), _seen(ALL, rows), own=True)
    yield from (View((vo,), _seen(vo, rows), own=True) for vo in users if vo in owners)
    others = tuple(vo for vo in users if vo not in owners)
    if others:
        yield View(others, _seen(ALL, rows), own=False)


def _seen(vo: str, rows: Rows) -> Mapping[str, Row]:
    found = {status_type: seen_by(vo, status_type, rows) for status_type in dict.fromkeys(aspect for aspect, _ in rows)}
    return {status_type: row for status_type, row in found.items() if row is not None}

"""Matrices: a VO's mask as people look at it, with what masks leave out: since when and why, by whom, and what is announced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from anyio import to_thread

from gridmask.domain.element import SITE, WHOLE, Element, TypeRegistry
from gridmask.domain.mask import Holding
from gridmask.domain.naming import Target, handle, handles, names
from gridmask.domain.row import Row, seen_by
from gridmask.domain.vo import ALL
from gridmask.service.remarks import NOTHING, Remarks, Said
from gridmask.store import downtimes
from gridmask.store.wordings import Mark

if TYPE_CHECKING:
    from gridmask.domain.downtime import DowntimeKey
    from gridmask.domain.element import ElementKey
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.board import Board
    from gridmask.service.masks import Masks
    from gridmask.store.downtimes import Version


KEPT = 8
"""So many comparisons are kept as they last were."""


@dataclass(frozen=True, slots=True)
class Line:
    """An element, and its rows as a reader asking for the VO gets them, in the order in which its type declares them."""

    element: Element
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Announced:
    """How many downtimes concern a site or something there."""

    running: int
    coming: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """What ``vo`` may use, line by line.

    Attributes:
        vo: whose.
        revision: that of its mask.
        lines: by element; where nothing about one changed, it is the very same line as the last time.
        announced: by site; names none about which nothing is.
        mark: how far what it tells has come.
        touched: of which elements something may be other than it was at the mark that was asked about; None: of any.
    """

    vo: str
    revision: int
    lines: tuple[Line, ...]
    announced: Mapping[str, Announced]
    mark: Mark = Mark(0, 0, 0)
    touched: frozenset[ElementKey] | None = None


@dataclass(frozen=True, slots=True)
class Across:
    """An element, and how several VOs see one of its status types, in their order: None where it is not offered to one."""

    element: Element
    cells: tuple[Row | None, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those that there are."""
        return tuple([row for row in self.cells if row is not None])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One status type as several VOs see it.

    Attributes:
        status_type: which.
        vos: whose columns there are, in order.
        lines: by element that any of them sees; where nothing about one changed, it is the very same line as the last time.
        others: the status types that could be asked for, those of most elements first.
        mark, touched: as of a :class:`Matrix`.
    """

    status_type: str
    vos: tuple[str, ...]
    lines: tuple[Across, ...]
    others: tuple[str, ...]
    mark: Mark = Mark(0, 0, 0)
    touched: frozenset[ElementKey] | None = None


@dataclass(slots=True)
class _Kept:
    """The lines of a VO as they last were, each with what it was made of."""

    types: TypeRegistry = field(default_factory=TypeRegistry)
    lines: dict[ElementKey, tuple[Holding, Said, Line]] = field(default_factory=dict)


class Matrices:
    """The use case around matrices."""

    def __init__(self, board: Board, masks: Masks, inspector: Inspector) -> None:
        self._board = board
        self._masks = masks
        self._inspector = inspector
        self._remarks = Remarks(inspector.database)
        self._kept: dict[str, _Kept] = {}
        self._kept_across: dict[_Wanted, _KeptAcross] = {}

    async def of(self, vo: str, since: Mark | None = None) -> Matrix:
        """The matrix of ``vo``, with what was touched ``since``.

        Rows that are ``Active``, in nobody's hands and not held by the guard come without reasons and verdicts.

        Raises:
            NotKnown: there is no such VO.
        """
        name = await self._masks.canonical(vo)
        now = self._inspector.clock()
        reading = await self._remarks.read(since)
        async with self._inspector.database.reading() as connection:
            types = await self._inspector.types(connection)
            pending = await downtimes.pending(connection, None, now)
        revision, held = await self._board.shown(name)
        heard = [version for version in pending if name == ALL or version.downtime.vo in {ALL, name}]
        # what this process's board does not know of yet is told as it knows it, and told again once it does
        reached = reading.mark._replace(revision=min(reading.mark.revision, self._board.revision))
        ground = _Ground(types, reading.said, heard, now)
        kept = self._kept.setdefault(name, _Kept())
        lines, announced = await to_thread.run_sync(_lines, name, held, ground, kept)
        return Matrix(name, revision, lines, announced, reached, reading.touched)

    async def across(self, vos: Sequence[str], status_type: str = "", since: Mark | None = None) -> Comparison:
        """How ``vos``, canonical names, see ``status_type``; without one, that of most elements.

        It takes one pass over all elements, however many VOs there are.
        """
        reading = await self._remarks.read(since)
        await self._board.vo_names()
        reached = reading.mark._replace(revision=min(reading.mark.revision, self._board.revision))
        held = list(self._board.holdings.values())
        others = await to_thread.run_sync(_status_types, held)
        wanted = _Wanted(tuple(vos), status_type or next(iter(others), WHOLE))
        before = self._kept_across.pop(wanted, {})
        lines = await to_thread.run_sync(_across, wanted, held, reading.said, before)
        # the last one that was asked for stands last
        self._kept_across[wanted] = lines
        for oldest in list(self._kept_across)[:-KEPT]:
            del self._kept_across[oldest]
        found = tuple([line for _, _, line in lines.values() if line is not None])
        return Comparison(wanted.status_type, wanted.vos, found, others, reached, reading.touched)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What lies beside the mask."""

    types: TypeRegistry
    remarks: Mapping[ElementKey, Said]
    pending: list[Version]
    now: datetime


def _lines(vo: str, held: Sequence[Holding], ground: _Ground, kept: _Kept) -> tuple[tuple[Line, ...], Mapping[str, Announced]]:
    before = kept.lines if kept.types == ground.types else {}
    after = {holding.element.key: _kept_line(vo, holding, ground, before) for holding in held}
    kept.types, kept.lines = ground.types, after
    lines = tuple([line for _, _, line in after.values()])
    return lines, _announced(ground.pending, (line.element for line in lines), ground.now)


def _kept_line(
    vo: str, holding: Holding, ground: _Ground, before: Mapping[ElementKey, tuple[Holding, Said, Line]]
) -> tuple[Holding, Said, Line]:
    said = ground.remarks.get(holding.element.key, NOTHING)
    known = before.get(holding.element.key)
    if known is not None and known[0] is holding and known[1] is said:
        return known
    return holding, said, Line(holding.element, tuple(_rows(vo, holding, said, ground.types)))


def _rows(vo: str, holding: Holding, said: Said, types: TypeRegistry) -> Iterator[Row]:
    present = dict.fromkeys(status_type for status_type, _ in holding.rows)
    declared = [name for name in types.status_types(holding.element.key) if name in present]
    for status_type in dict.fromkeys([*declared, *present]):
        row = seen_by(vo, status_type, holding.rows)
        if row is not None:
            yield _whole(row, said)


def _whole(row: Row, said: Said) -> Row:
    whole = said.get((row.key.status_type, row.key.vo))
    # it may have changed since the mask that is shown; the next one will tell
    return whole if whole is not None and whole.status is row.status else row


def _status_types(held: Iterable[Holding]) -> tuple[str, ...]:
    counted = Counter(aspect for holding in held if holding.element.in_service for aspect in {one for one, _ in holding.rows})
    return tuple([aspect for aspect, _ in counted.most_common()])


class _Wanted(NamedTuple):
    """What is compared."""

    vos: tuple[str, ...]
    status_type: str


_KeptAcross = Mapping["ElementKey", tuple[Holding, Said, Across | None]]


def _across(wanted: _Wanted, held: Iterable[Holding], remarks: Mapping[ElementKey, Said], before: _KeptAcross) -> _KeptAcross:
    found = {}
    for holding in held:
        key = holding.element.key
        said, known = remarks.get(key, NOTHING), before.get(key)
        is_same = known is not None and known[0] is holding and known[1] is said
        found[key] = known if known is not None and is_same else (holding, said, _across_line(wanted, holding, said))
    return found


def _across_line(wanted: _Wanted, holding: Holding, said: Said) -> Across | None:
    if not holding.element.in_service:
        return None
    offered = [holding.element.is_offered_to(vo) for vo in wanted.vos]
    pairs = zip(wanted.vos, offered, strict=True)
    seen = [seen_by(vo, wanted.status_type, holding.rows) if its else None for vo, its in pairs]
    return Across(holding.element, tuple([row and _whole(row, said) for row in seen])) if any(seen) else None


def countries(elements: Iterable[Element]) -> Mapping[str, str]:
    """By site, in which country it is, as far as inventories tell: of the site itself, or else of something there."""
    found: dict[str, str] = {}
    for element in elements:
        said = element.facts.get("country") or element.facts.get("country_code")
        if isinstance(said, str) and said and (element.key.family == SITE or element.site not in found):
            found[element.site] = said
    return found


def _announced(versions: Iterable[Version], elements: Iterable[Element], now: datetime) -> Mapping[str, Announced]:
    wanted: dict[str, list[tuple[Target, Version]]] = {}
    for version in versions:
        for target in version.downtime.targets:
            wanted.setdefault(handle(target), []).append((target, version))
    running: dict[str, set[DowntimeKey]] = {}
    coming: dict[str, set[DowntimeKey]] = {}
    for element in elements:
        for name in handles(element):
            for target, version in wanted.get(name, ()):
                if names(target, element):
                    when = running if version.downtime.interval.contains(now) else coming
                    when.setdefault(element.site, set()).add(version.downtime.key)
    sites = running.keys() | coming.keys()
    return {site: Announced(len(running.get(site, ())), len(coming.get(site, ()))) for site in sites}

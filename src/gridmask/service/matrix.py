"""Matrices: a VO's mask as people look at it, with what masks leave out: since when and why, by whom, and what is announced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.element import Element, TypeRegistry
from gridmask.domain.mask import Holding
from gridmask.domain.naming import Target, handle, handles, names
from gridmask.domain.row import Row, seen_by
from gridmask.domain.vo import ALL
from gridmask.store import downtimes, statuses

if TYPE_CHECKING:
    from gridmask.domain.downtime import DowntimeKey
    from gridmask.domain.element import RowKey
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.board import Board
    from gridmask.service.masks import Masks
    from gridmask.store.downtimes import Version


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
    """What ``vo`` may use, line by line; ``announced`` is by site, and names none about which nothing is."""

    vo: str
    revision: int
    lines: tuple[Line, ...]
    announced: Mapping[str, Announced]


class Matrices:
    """The use case around matrices."""

    def __init__(self, board: Board, masks: Masks, inspector: Inspector) -> None:
        self._board = board
        self._masks = masks
        self._inspector = inspector

    async def of(self, vo: str) -> Matrix:
        """The matrix of ``vo``.

        Rows that are ``Active``, in nobody's hands and not held by the guard come without reasons and verdicts.

        Raises:
            NotKnown: there is no such VO.
        """
        name = await self._masks.canonical(vo)
        revision, held = await self._board.shown(name)
        now = self._inspector.clock()
        async with self._inspector.database.reading() as connection:
            types = await self._inspector.types(connection)
            remarkable = await statuses.remarkable(connection, {name, ALL})
            pending = await downtimes.pending(connection, None, now)
        heard = [version for version in pending if name == ALL or version.downtime.vo in {ALL, name}]
        return await to_thread.run_sync(_matrix, name, revision, held, _Ground(types, remarkable, heard, now))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What lies beside the mask."""

    types: TypeRegistry
    remarkable: Mapping[RowKey, Row]
    pending: list[Version]
    now: datetime


def _matrix(vo: str, revision: int, held: Iterable[Holding], ground: _Ground) -> Matrix:
    lines = tuple([Line(holding.element, tuple(_rows(vo, holding, ground))) for holding in held])
    return Matrix(vo, revision, lines, _announced(ground.pending, (line.element for line in lines), ground.now))


def _rows(vo: str, holding: Holding, ground: _Ground) -> Iterator[Row]:
    present = dict.fromkeys(status_type for status_type, _ in holding.rows)
    declared = [name for name in ground.types.status_types(holding.element.key) if name in present]
    for status_type in dict.fromkeys([*declared, *present]):
        row = seen_by(vo, status_type, holding.rows)
        if row is not None:
            whole = ground.remarkable.get(row.key)
            # it may have changed since the mask that is shown; the next one will tell
            yield whole if whole is not None and whole.status is row.status else row


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

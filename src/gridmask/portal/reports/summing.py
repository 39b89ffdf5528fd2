"""Reports as the pages show them: lines of sums, with what each adds up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from gridmask.domain.availability import NOTHING, Line, Tally
from gridmask.domain.element import SITE

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey

WIDTH = 100.0
"""How long the bar of a cell is."""

NOWHERE = ""
"""What elements are together in whose country, or site, nobody tells."""


class Per(StrEnum):
    """Of what there is a line."""

    SITE = "site"
    TYPE = "type"
    COUNTRY = "country"
    ELEMENT = "element"


class Sort(StrEnum):
    """In which order lines come."""

    NAME = "name"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the bar of a cell: how much of the time was so."""

    kind: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Cell:
    """How one thing fared in one part of the period."""

    tally: Tally

    @property
    def availability(self) -> str:
        """In percent; empty where nothing is known."""
        return percent(self.tally.availability)

    @property
    def reliability(self) -> str:
        """Likewise."""
        return percent(self.tally.reliability)

    @property
    def unknown(self) -> str:
        """How much of the time when it was there nothing was known, in percent; empty for less than half of one."""
        there = self.tally.known + self.tally.unknown
        share = self.tally.unknown / there if there else 0.0
        return f"{share * 100:.0f} %" if share >= 0.005 else ""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The bar: of the time when it was there."""
        return tuple(_pieces(self.tally))

    @property
    def told(self) -> str:
        """All of it, in a line."""
        return ", ".join(f"{hours(span)} {what}" for what, span in _spent(self.tally) if span) or "not there"


@dataclass(frozen=True, slots=True)
class Row:
    """A thing with its cells. ``total``: all of the period; ``elements``: how many it stands for; ``unsure``: see Line."""

    name: str
    cells: tuple[Cell, ...]
    total: Cell
    elements: int = 1
    unsure: bool = False
    key: ElementKey | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report: its ``rows``, the parts of its period, and what all of them add up to."""

    rows: tuple[Row, ...]
    parts: tuple[tuple[datetime, datetime], ...]
    total: Row


@dataclass(frozen=True, slots=True)
class Only:
    """Which elements count. Empty: all."""

    site: str = ""
    type: str = ""
    country: str = ""

    def accepts(self, line: Line, country: str) -> bool:
        """Whether ``line``, of something in ``country``, counts."""
        key = line.element
        of_type = not self.type or (key is not None and key.type == self.type)
        return of_type and (not self.site or line.site == self.site) and (not self.country or country == self.country)


def summed(
    lines: Iterable[Line], bounds: tuple[datetime, ...], per: Per, countries: Mapping[str, str], only: Only, sort: Sort
) -> Sheet:
    """The sums of ``lines``, which are of elements; sites themselves are left out, but where elements are told apart."""
    wanted = [line for line in lines if only.accepts(line, countries.get(line.site, NOWHERE))]
    services = [line for line in wanted if line.element is not None and line.element.family != SITE]
    found: dict[object, Row] = {}
    for line in wanted if per is Per.ELEMENT else services:
        what = _named(line, per, countries)
        row = _row(line, what if isinstance(what, str) else "", per)
        found[what] = _added(found[what], row) if what in found else row
    parts = tuple(pairwise(bounds))
    return Sheet(tuple(sorted(found.values(), key=_order(sort))), parts, _all(services, len(parts)))


def percent(share: float | None) -> str:
    """``share`` in percent, never rounded up to all or down to nothing; empty for none."""
    if share is None:
        return ""
    rounded = round(share * 100, 1)
    if rounded >= 100 and share < 1:
        return "99.9"
    return "0.1" if rounded <= 0 < share else f"{rounded:.1f}"


def hours(span: timedelta) -> str:
    """``span`` in hours."""
    return f"{span / timedelta(hours=1):,.1f} h"


def _named(line: Line, per: Per, countries: Mapping[str, str]) -> object:
    match per:
        case Per.SITE:
            return line.site
        case Per.COUNTRY:
            return countries.get(line.site, NOWHERE)
        case Per.TYPE:
            return line.element.type if line.element else ""
    return line.element


def _row(line: Line, name: str, per: Per) -> Row:
    cells = tuple(map(Cell, line.tallies))
    if per is Per.ELEMENT and line.element is not None:
        return Row(line.element.name, cells, _sum(cells), 1, line.unsure, line.element, line.site)
    return Row(name, cells, _sum(cells), 1, line.unsure)


def _added(row: Row, other: Row) -> Row:
    cells = tuple(Cell(one.tally + two.tally) for one, two in zip(row.cells, other.cells, strict=True))
    total = Cell(row.total.tally + other.total.tally)
    return replace(row, cells=cells, total=total, elements=row.elements + other.elements, unsure=row.unsure or other.unsure)


def _all(services: Iterable[Line], parts: int) -> Row:
    total = Row("all", (Cell(NOTHING),) * parts, Cell(NOTHING), 0)
    for line in services:
        total = _added(total, _row(line, "all", Per.SITE))
    return total


def _sum(cells: Iterable[Cell]) -> Cell:
    whole = NOTHING
    for cell in cells:
        whole += cell.tally
    return Cell(whole)


def _order(sort: Sort) -> Callable[[Row], tuple[object, ...]]:
    if sort is Sort.WORST:
        return lambda row: (_worth(row), row.name.casefold(), row.name, row.key or ())
    return lambda row: (not row.name, row.name.casefold(), row.name, row.key or ())


def _worth(row: Row) -> float:
    share = row.total.tally.availability
    return 2.0 if share is None else share


def _spent(tally: Tally) -> Iterator[tuple[str, timedelta]]:
    yield "usable", tally.usable
    yield "excused", tally.excused
    yield "unexcused", tally.unexcused
    yield "unknown", tally.unknown
    yield "not there", tally.absent


def _pieces(tally: Tally) -> Iterator[Piece]:
    there = tally.known + tally.unknown
    start = 0.0
    for what, span in _spent(tally):
        if there and span and what != "not there":
            length = span / there * WIDTH
            yield Piece(what, round(start, 2), round(length, 2))
            start += length

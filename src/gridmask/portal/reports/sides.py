"""VOs side by side: what each could use of the same things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.portal.reports.summing import Cell, Sheet


@dataclass(frozen=True, slots=True)
class Side:
    """What each VO could use of one thing; None: it was not offered any of it."""

    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """VOs side by side: a column each, and what each could use of everything. Those ``missing`` are not summed up yet."""

    vos: tuple[str, ...]
    totals: tuple[Cell | None, ...]
    rows: tuple[Side, ...]
    missing: tuple[str, ...] = ()


def sides(sheets: Mapping[str, Sheet | None]) -> Sides:
    """``sheets``, one of each VO, side by side; each is of one part of time. None: it is not there yet."""
    cells = {(vo, row.name): row.total for vo, made in sheets.items() if made for row in made.rows}
    names = sorted({name for _, name in cells}, key=lambda name: (not name, name.casefold(), name))
    rows = tuple(Side(name, tuple(cells.get((vo, name)) for vo in sheets)) for name in names)
    totals = tuple(made.total.total if made else None for made in sheets.values())
    return Sides(tuple(sheets), totals, rows, tuple(vo for vo, made in sheets.items() if made is None))

"""What a report is made of: all lines of a VO, asked for page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.service.availability import Sums
from gridmask.service.matrix import countries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.availability import By, Line, Report
    from gridmask.domain.element import Element


MOST_TALLIES = 400_000
"""So many figures are held in memory for one report."""


async def everything(gridmask: Installation, vo: str, since: datetime, until: datetime, by: By) -> tuple[Report, list[Line]]:
    """How ``vo`` could use each element; the report is its first page, which tells the parts of the period.

    Raises:
        NotKnown, InvalidRequest: as :meth:`gridmask.service.availability.Availability.report` does.
    """
    first = page = await gridmask.availability.report(vo, since, until, sums=Sums(by))
    lines = [*page.lines]
    while page.cursor is not None:
        page = await gridmask.availability.report(vo, since, until, sums=Sums(by), cursor=page.cursor)
        lines += page.lines
        if len(lines) * len(first.bounds) > MOST_TALLIES:
            raise InvalidRequest("These are too many figures for a page: ask for a shorter time, or for months.")
    return first, lines


async def where(gridmask: Installation) -> Mapping[str, str]:
    """In which country each site is, as far as inventories tell."""
    cursor: int | None = 0
    found: list[Element] = []
    while cursor is not None:
        page = await gridmask.elements.page({}, cursor=cursor, limit=1000)
        found += page.elements
        cursor = page.cursor
    return countries(found)

"""Types: how the elements of each type fare in a mask."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.portal.drawing.bars import Bar, bar

if TYPE_CHECKING:
    from gridmask.domain.status import Status
    from gridmask.service.matrix import Line

SHORTEST = 30
"""How long the shortest part of so small a bar is."""


@dataclass(frozen=True, slots=True)
class OfType:
    """How the elements of a type fare: so many of them, and their rows."""

    type: str
    family: str
    elements: int
    bar: Bar


def by_type(lines: Iterable[Line]) -> list[OfType]:
    """``lines`` by type: those with the most that cannot be used first."""
    counted: defaultdict[tuple[str, str], Counter[Status]] = defaultdict(Counter)
    elements: Counter[tuple[str, str]] = Counter()
    for line in lines:
        of = (line.element.key.type, line.element.key.family)
        elements[of] += 1
        counted[of].update(row.status for row in line.rows)
    found = [OfType(type_, family, elements[type_, family], bar(rows, SHORTEST)) for (type_, family), rows in counted.items()]
    return sorted(found, key=lambda one: (one.bar.usable - one.bar.rows, one.type, one.family))

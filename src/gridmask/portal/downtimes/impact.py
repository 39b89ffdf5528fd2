"""Impact: how much of what a VO has a downtime takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.domain.element import Element


@dataclass(frozen=True, slots=True)
class Impact:
    """That ``count`` of the ``of`` elements of a type that a VO has are concerned."""

    type: str
    count: int
    of: int


def impact(concerned: Iterable[Element], offered: Counter[str]) -> list[Impact]:
    """What of ``offered``, how many elements of each type a VO has, is ``concerned``; the largest share first."""
    counted = Counter(element.key.type for element in concerned)
    found = [Impact(type_, count, max(offered[type_], count)) for type_, count in counted.items()]
    return sorted(found, key=lambda one: (-one.count / one.of, -one.count, one.type))

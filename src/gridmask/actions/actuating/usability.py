"""What the mask says of elements, as actuators need it: on, off, or nothing at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.element import WHOLE, RowKey
from gridmask.domain.matching import ANY_ROW, Match
from gridmask.domain.policy import static_values
from gridmask.domain.row import seen_by
from gridmask.domain.status import Purpose, Status, usable

if TYPE_CHECKING:
    from gridmask.actions.actuating.side import View
    from gridmask.domain.element import Element
    from gridmask.domain.mask import Holding


@dataclass(frozen=True, slots=True)
class Reader:
    """How the mask is read.

    Attributes:
        match: which elements.
        purpose: what they must be usable for.
        unknown_is_off: whether ``Unknown`` is not usable, as for others; else it says nothing.
    """

    match: Match = ANY_ROW
    purpose: Purpose = Purpose.USE
    unknown_is_off: bool = False

    def elements(self, view: View) -> Iterator[Holding]:
        """The elements that it is about: in service, and offered to the VO."""
        for holding in view.holdings.values():
            element = holding.element
            if element.in_service and element.is_offered_to(view.vo) and self._accepts(element, view.vo):
                yield holding

    def _accepts(self, element: Element, vo: str) -> bool:
        return not self.match.patterns or self.match.accepts(static_values(RowKey(element.key, WHOLE, vo), element))

    def said(self, holding: Holding, status_type: str, vo: str) -> Said | None:
        """What ``vo``'s mask says of an element in this respect; None: it has no such row."""
        row = seen_by(vo, status_type, holding.rows)
        if row is None:
            return None
        silent = row.status is Status.UNKNOWN and not self.unknown_is_off
        return Said(status_type, row.status, None if silent else usable(row.status, self.purpose))


class Said(NamedTuple):
    """What is said in one respect. ``state``: whether it may be used; None: that is not said."""

    status_type: str
    status: Status
    state: bool | None

    def __str__(self) -> str:
        return f"{self.status_type} {self.status.label}"


def all_usable(said: Iterable[Said]) -> bool | None:
    """Whether all may be used; None: one does not say, and no other may not."""
    states = [one.state for one in said]
    if False in states:
        return False
    return None if None in states or not states else True


def any_usable(said: Iterable[Said]) -> bool | None:
    """Whether any may be used; None: one does not say, and no other may."""
    states = [one.state for one in said]
    if True in states:
        return True
    return None if None in states or not states else False

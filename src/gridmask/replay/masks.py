"""Masks over time: what lines of changes add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.element import Element, RowKey
from gridmask.domain.mask import Holding, Mask, mask_of
from gridmask.domain.row import Row, Rows
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.replay.changes import DECIDED, ELEMENT, ENDED, TAKEN_OUT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.domain.element import ElementKey
    from gridmask.replay.changes import Change


class Masks:
    """What every VO may use, as of the last change that was taken."""

    def __init__(self) -> None:
        self._elements: dict[ElementKey, Element] = {}
        self._rows: dict[ElementKey, dict[tuple[str, str], Row]] = {}

    def take(self, change: Change) -> None:
        """Go on with ``change``."""
        key = change.element
        if change.kind == ELEMENT:
            self._elements[key] = Element(key, change.site, frozenset(change.offered), change.in_service)
        elif change.kind == TAKEN_OUT:
            self._elements.pop(key, None)
        elif change.kind == ENDED:
            self._rows.get(key, {}).pop((change.aspect, change.vo), None)
        elif change.kind != DECIDED:
            row = Row(
                RowKey(key, change.aspect, change.vo), Standing(Status[change.after.upper()], change.at), binding=change.binding
            )
            self._rows.setdefault(key, {})[change.aspect, change.vo] = row

    def of(self, vo: str) -> Mask:
        """The mask of ``vo``; of a replay, it has no revision."""
        return mask_of(vo, 0, (Holding(element, self._of(key)) for key, element in sorted(self._elements.items())))

    def _of(self, key: ElementKey) -> Rows:
        return self._rows.get(key, {})


def masks_at(changes: Iterable[Change], at: datetime) -> Masks:
    """What ``changes`` add up to ``at`` a moment."""
    masks = Masks()
    for change in changes:
        if change.at > at:
            break
        masks.take(change)
    return masks

"""Foresight: what something that a person is about to do would lead to, by the use case that would do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.instructions import ChangeKind, EndRow, SaveRow
from gridmask.domain.state import NO_ROWS
from gridmask.domain.vo import ALL
from gridmask.inspection.trial import Trial
from gridmask.service.automation import Automation
from gridmask.service.batches import Batches
from gridmask.service.downtimes import Downtimes
from gridmask.service.statuses import Statuses
from gridmask.service.tokens import Tokens
from gridmask.service.what_if import Would

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.row import Row
    from gridmask.domain.state import State
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases by which people act on rows."""

    statuses: Statuses
    tokens: Tokens
    automation: Automation
    downtimes: Downtimes
    batches: Batches


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What something would lead to.

    Attributes:
        rows: the rows that would be others, in whatever way, by key. Where a VO's own row would begin, what it is before is
            the row of ``all`` that the VO follows.
        masks: the VOs whose masks would be others, ``all`` among them if its would.
        elements: the elements that were looked at for it.
        unmoved: the rows that a person holds, and of which automation would ask for something else than it does now.
    """

    rows: tuple[Would, ...]
    masks: frozenset[str]
    elements: Mapping[ElementKey, Element]
    unmoved: tuple[Would, ...] = ()


class Foresight:
    """The use case around what is not done yet."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def of(self, deed: Callable[[Desk], Awaitable[object]], until: datetime | None = None) -> Foreseen:
        """What ``deed`` would lead to if it were done now, and nothing else was learnt ``until`` then.

        Raises:
            GridmaskError: whatever it would be refused with.
        """
        trial = Trial(self._inspector, until)
        vos = self._vos
        await deed(
            Desk(Statuses(trial, vos), Tokens(trial, vos), Automation(trial, vos), Downtimes(trial, vos), Batches(trial))
        )
        rows, unmoved = _summed(trial.outcome.changed, trial.after), tuple(_unmoved(trial.kept))
        return Foreseen(rows, trial.outcome.masks, trial.after.elements, unmoved)


def _unmoved(kept: Iterable[SaveRow]) -> Iterable[Would]:
    for one in kept:
        if one.before is not None and one.after.token is not None and one.before.opinion is not one.after.opinion:
            yield Would(one.before, one.after)


def _summed(changes: Iterable[SaveRow | EndRow], after: State) -> tuple[Would, ...]:
    """From what each row is to what it would be at last."""
    first: dict[RowKey, Row | None] = {}
    last: dict[RowKey, SaveRow | EndRow] = {}
    for change in changes:
        key, before = (change.row.key, change.row) if isinstance(change, EndRow) else (change.after.key, change.before)
        first.setdefault(key, before)
        last[key] = change
    for key in last:
        if first[key] is None and key.vo != ALL:
            general = key._replace(vo=ALL)
            first[key] = first.get(general) or after.rows.get(key.element, NO_ROWS).get((key.status_type, ALL))
    return tuple(_would(first[key], change, after) for key, change in sorted(last.items()))


def _would(before: Row | None, change: SaveRow | EndRow, after: State) -> Would:
    if isinstance(change, SaveRow):
        return Would(before, change.after, held=change.change is ChangeKind.HELD)
    key = change.row.key
    general = after.rows.get(key.element, NO_ROWS).get((key.status_type, ALL), change.row)
    return Would(before, general, ends=True)

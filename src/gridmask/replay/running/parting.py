"""Parting: the elements in parts that can be replayed beside each other, since elements do not influence each other.

Two things make them: the guard, which counts what is taken from all, and policies that let a site follow its resources, or
resources their site. Where any of the policies has one of these, there is one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from immutables import Map

from gridmask.domain.events import (
    AutomationRuled,
    Event,
    InventoryChanged,
    RowsTakenOver,
    StatusSet,
    TimePassed,
    TokenExtended,
    TokenReleased,
    TokenTaken,
)
from gridmask.recording import events as forms

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.state import State
    from gridmask.recording.happening import Happening
    from gridmask.recording.recording import Line
    from gridmask.replay.running.plan import Plan

_OF_ROWS = StatusSet | TokenTaken | TokenExtended | TokenReleased
_FORMS_OF_ROWS = forms.StatusSet | forms.TokenTaken | forms.TokenExtended | forms.TokenReleased


def separable(policies: PolicySet) -> bool:
    """Whether under ``policies`` elements do not influence each other."""
    return not policies.guard.enabled and not policies.reaches


def bonds(lines: Iterable[Line]) -> tuple[tuple[ElementKey, ElementKey], ...]:
    """Which elements must stay together: what happened to them together may not have been possible for one of them.

    Nor may an element part from the name that it had before.
    """
    found: dict[ElementKey, ElementKey] = {}
    for line in lines:
        first, *others = _together(line) or (None,)
        for one in others:
            if first is not None:
                found[_leader(found, one)] = _leader(found, first)
        for now, before in line.told.renamed if isinstance(line.told, forms.InventoryChanged) else ():
            found[_leader(found, now)] = _leader(found, before)
    return tuple((key, _leader(found, key)) for key in sorted(found))


def _together(line: Line) -> list[ElementKey]:
    rows = line.told.rows if isinstance(line.told, _FORMS_OF_ROWS) else ()
    return sorted({row.element for row in rows})


def _leader(found: dict[ElementKey, ElementKey], key: ElementKey) -> ElementKey:
    while (above := found.get(key, key)) != key:
        key = above
    return key


class Part:
    """One of the parts of a plan."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.number = number
        self._parts = plan.parts
        self._leaders = dict(plan.bonds)

    def has(self, key: ElementKey) -> bool:
        """Whether the element is in it."""
        if self._parts == 1:
            return True
        leader = self._leaders.get(key, key)
        return crc32("\0".join(leader).encode()) % self._parts == self.number

    def of(self, state: State) -> State:
        """What it has of ``state``. What is said is in all parts: whom it means may become known later."""
        if self._parts == 1:
            return state
        return replace(
            state,
            elements=Map({key: one for key, one in state.elements.items() if self.has(key)}),
            rows=Map({key: one for key, one in state.rows.items() if self.has(key)}),
            rulings=Map({key: one for key, one in state.rulings.items() if self.has(key)}),
        )

    def tells(self, event: Event) -> bool:
        """Whether it tells of ``event``, where several have it."""
        return self.number == 0 or isinstance(event, _OF_ROWS)

    def happening_to(self, happenings: Iterable[Happening]) -> Iterator[Happening]:
        """What it has of ``happenings``, of which each stays, were it only for what had become so by then."""
        if self._parts == 1:
            yield from happenings
            return
        for one in happenings:
            yield replace(one, event=self._own(one.event))

    def _own(self, event: Event) -> Event:
        match event:
            case StatusSet() | TokenTaken() | TokenExtended() | TokenReleased():
                rows = tuple(row for row in event.rows if self.has(row.element))
                return replace(event, rows=rows) if rows else _NOTHING
            case RowsTakenOver():
                taken = tuple(row for row in event.rows if self.has(row.key.element))
                return replace(event, rows=taken) if taken else _NOTHING
            case AutomationRuled():
                elements = frozenset(key for key in event.elements if self.has(key))
                return replace(event, elements=elements) if elements else _NOTHING
            case InventoryChanged():
                return self._own_inventory(event)
            case _:
                return event

    def _own_inventory(self, event: InventoryChanged) -> InventoryChanged:
        return replace(
            event,
            added=tuple(one for one in event.added if self.has(one.key)),
            edited=tuple(one for one in event.edited if self.has(one.key)),
            taken_out=tuple(filter(self.has, event.taken_out)),
            renamed={now: before for now, before in event.renamed.items() if self.has(now)},
        )


_NOTHING = TimePassed(frozenset())

"""Revisions: which steps make one. As in the ledger: whatever changes a row, a mask, or what masks depend on of an element."""

from __future__ import annotations

from collections.abc import Iterable

from gridmask.domain.element import Element
from gridmask.domain.instructions import EndRow, Instruction, MoveMasks, SaveElement, SaveRow, TakeOutElement
from gridmask.domain.state import State


def makes_revision(before: State, instructions: Iterable[Instruction]) -> bool:
    """Whether ``instructions``, which change ``before``, make a revision."""
    return any(_counts(before, one) for one in instructions)


def _counts(before: State, one: Instruction) -> bool:
    match one:
        case MoveMasks() | EndRow():
            return True
        case SaveRow():
            return one.change is not None
        case SaveElement(element):
            known = before.elements.get(element.key)
            return known is None or _shown(known) != _shown(element)
        case TakeOutElement(key):
            return key in before.elements
        case _:
            return False


def _shown(element: Element) -> tuple[object, ...]:
    """What masks depend on."""
    return element.site, element.category, element.in_service, element.offered

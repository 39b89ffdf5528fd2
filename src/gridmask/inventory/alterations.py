"""Alterations: what an answer says otherwise of elements that stay, where that would let them go unheard or to others.

An element that loses a name is not meant any more by what is announced about that name, and one that is offered to others is in
other masks. Of a few elements that is news; of many it is a source that has lost a part of what it says (promise D3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.errors import TakeoutRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.reconcile import Reconciliation

FEW = 5
"""So many elements or records may always be altered or taken back at once; the share that may be is for more."""


def check_alterations(reconciliation: Reconciliation, known: Mapping[ElementKey, Element], share: float) -> None:
    """Refuses a reconciliation that would alter too much of the inventory.

    Args:
        reconciliation: what would be changed.
        known: what there is.
        share: the share of the elements that its source lists, its own or others', that may be altered, from 0 to 1.

    Raises:
        TakeoutRefused: more would be.
    """
    source, before = reconciliation.source, reconciliation.before
    # what another source has the say of from now on is told in its words
    stays = [element for element in reconciliation.edited if before[element.key].source == element.source]
    altered = sum(_is_altered(before[element.key], element) for element in stays)
    listed = sum(_lists(source, element) for element in known.values())
    if altered > FEW and altered / listed > share:
        raise TakeoutRefused(source, altered, listed, share, "change the offer or the names of")


def _is_altered(before: Element, after: Element) -> bool:
    return before.offered != after.offered or _goes_unheard(before, after)


def _goes_unheard(before: Element, after: Element) -> bool:
    """Whether something that means ``before`` does not mean ``after``."""
    fewer = not (_hosts(before) <= _hosts(after) and _names(before) <= _names(after))
    return fewer or (bool(after.services) and not (before.services and before.services <= after.services))


def _hosts(element: Element) -> frozenset[str]:
    return frozenset((*element.hosts, *(name for _, name in element.elsewhere)))


def _names(element: Element) -> frozenset[str]:
    return frozenset((*element.aliases, *(name for _, name in element.elsewhere)))


def _lists(source: str, element: Element) -> bool:
    return element.source == source or any(who == source for who, _ in element.elsewhere)

"""What downtimes concern: the elements that their targets name, of those that somebody looks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gridmask.domain.naming import Target, handle, handles, names

if TYPE_CHECKING:
    from gridmask.domain.element import Element

ByHandle = Mapping[str, list["Element"]]
"""Elements by whatever a downtime may call them."""


def by_handle(shown: Iterable[Element]) -> ByHandle:
    """``shown``, by each of their handles."""
    found: dict[str, list[Element]] = {}
    for element in shown:
        for name in {*handles(element)}:
            found.setdefault(name, []).append(element)
    return found


def concerned(targets: Iterable[Target], elements: ByHandle) -> tuple[Element, ...]:
    """Those of ``elements`` that one of ``targets`` names, in the order of their keys."""
    meant = ((target, element) for target in targets for element in elements.get(handle(target), ()))
    found = {element.key: element for target, element in meant if names(target, element)}
    return tuple(found[key] for key in sorted(found))

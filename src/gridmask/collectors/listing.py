"""What a registry's answer lists as its inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.domain.element import Element, ElementKey, ElementType


@dataclass(frozen=True, slots=True)
class Listing:
    """What one answer lists.

    Attributes:
        elements: what could be read, in the answer's order; an element may be listed more than once.
        types: the types of what is listed, as far as they are not built in.
        vos: canonical names of all VOs that are named, as owners or as allowed.
        unreadable: elements that are listed, but say something that cannot be.
        conclusive: whether everything that is listed could be identified.
        problems: what is not as it should be, for people.
    """

    elements: tuple[Element, ...]
    types: tuple[ElementType, ...]
    vos: frozenset[str]
    unreadable: frozenset[ElementKey]
    conclusive: bool
    problems: tuple[str, ...]

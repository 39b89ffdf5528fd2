"""Neighbours: which elements a step has to look at again since others changed.

Policies can let a site follow its resources, or resources their site (:class:`~gridmask.domain.policy.Reach`). What is followed
is settled first, and guarded; what follows it sees what it has become.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gridmask.domain.element import SITE, ElementKey
from gridmask.domain.policy import Reach

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.mask import Holding
    from gridmask.domain.state import State


def followers(before: State, after: State, touched: Iterable[ElementKey]) -> frozenset[ElementKey]:
    """The elements of ``after`` that follow any of ``touched``, or are themselves among those that follow.

    ``before`` is the world in which what was taken out or moved still is where it was.
    """
    reaches = after.policies.reaches
    if not reaches:
        return frozenset()
    places = {element.site for key in touched for element in _versions(key, before, after)} - {""}
    up, down = Reach.RESOURCES in reaches, Reach.SITE in reaches
    found = {ElementKey(SITE, SITE, place) for place in places} if up else set()
    if down:
        found.update(key for place in places for key in after.directory.at_site(place) if key.family != SITE)
    return frozenset(key for key in found if key in after.elements)


class Neighbourhood:
    """What is around elements, in a world whose rows are as they are now."""

    def __init__(self, state: State) -> None:
        self._state = state

    def around(self, element: Element) -> tuple[Holding, ...]:
        """The resources of a site, or the site of a resource."""
        at_site = self._state.directory.at_site(element.site)
        wanted = sorted(key for key in at_site if (key.family == SITE) is not element.is_site)
        return tuple(holding for key in wanted if (holding := self._state.holding(key)) is not None)


def _versions(key: ElementKey, before: State, after: State) -> list[Element]:
    return [element for state in (before, after) if (element := state.elements.get(key)) is not None]

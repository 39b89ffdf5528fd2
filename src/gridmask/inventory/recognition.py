"""Recognition: which elements of a publication other sources list, too, perhaps under other names.

Two entries mean one thing if they have the same key; or if they are of one type, and a name, alias or host of the one is a
name, alias or host of the other. Where that is true of several, the one at the same site is meant. Sites share no hosts: what
they are called elsewhere is among their aliases.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gridmask.domain.naming import handles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gridmask.domain.element import Element, ElementKey

_Index = dict[tuple[str, str, str], set["ElementKey"]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised.

    Attributes:
        same: by key of a listed element, the one of another source that it is.
        unclear: by key of a listed element, the several that it could be.
        sites: by name of a listed site that is another source's, the name that it has there.
    """

    same: Mapping[ElementKey, Element] = field(default_factory=dict)
    unclear: Mapping[ElementKey, tuple[ElementKey, ...]] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)

    def at_home(self, element: Element) -> Element:
        """``element`` at the site that it belongs to, under the name that this goes by here."""
        return replace(element, site=self.sites[element.site]) if element.site in self.sites else element


def recognise(listed: Iterable[Element], others: Mapping[ElementKey, Element]) -> Recognition:
    """Which of the ``listed`` are elements of ``others``, the inventories of other sources."""
    index = _index(others.values())
    same: dict[ElementKey, Element] = {}
    unclear: dict[ElementKey, tuple[ElementKey, ...]] = {}
    sites: dict[str, str] = {}
    for element in sorted(listed, key=lambda one: not one.is_site):
        found = {element.key} if element.key in others else _alike(element, index)
        if len(found) > 1:
            home = sites.get(element.site, element.site)
            found = {key for key in found if others[key].site == home and not element.is_site} or found
        if len(found) == 1:
            same[element.key] = others[found.pop()]
            if element.is_site:
                sites[element.key.name] = same[element.key].key.name
        elif found:
            unclear[element.key] = tuple(sorted(found))
    return Recognition(same, unclear, sites)


def _index(elements: Iterable[Element]) -> _Index:
    index: _Index = defaultdict(set)
    for element in elements:
        for place in _places(element):
            index[place].add(element.key)
    return index


def _alike(element: Element, index: _Index) -> set[ElementKey]:
    return set().union(*(index[place] for place in _places(element) if place in index))


def _places(element: Element) -> Iterator[tuple[str, str, str]]:
    # hosts are in lower case, and a name that is a host should find it however it is written
    return ((*element.key[:2], name.casefold()) for name in handles(element))

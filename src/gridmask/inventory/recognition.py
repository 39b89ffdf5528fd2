"""Recognition: which elements of a publication other sources list, too, perhaps under other names.

Two entries mean one thing if they have the same key; or if they are of one type, and a name, alias or host of the one is a
name, alias or host of the other. Where that is true of several, the one at the same site is meant. Two entries of one source
are never one thing: of two that could be the same element of another source, it is the one with its key, or cannot be told.
Sites share no hosts: what they are called elsewhere is among their aliases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gridmask.domain.element import ElementKey
from gridmask.domain.naming import handles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gridmask.domain.element import Element

_Index = dict[tuple[str, str, str], set[ElementKey]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised.

    Attributes:
        same: by key of a listed element, the one of another source that it is.
        unclear: by key of a listed element, what it could be, though not for sure.
        sites: by name of a listed site that is another source's, the name that it has there.
    """

    same: Mapping[ElementKey, Element] = field(default_factory=dict)
    unclear: Mapping[ElementKey, tuple[ElementKey, ...]] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)

    def at_home(self, element: Element) -> Element:
        """``element`` at the site that it belongs to, under the name that this goes by here."""
        return replace(element, site=self.sites[element.site]) if element.site in self.sites else element


def recognise(listed: Collection[Element], others: Mapping[ElementKey, Element]) -> Recognition:
    """Which of the ``listed`` are elements of ``others``, the inventories of other sources."""
    index = _index(others.values())
    at_sites, unclear_sites = _told_apart({e.key: _candidates(e, others, index) for e in listed if e.is_site})
    homes = {key.name: known.name for key, known in at_sites.items()}
    resources = {e.key: _nearest(_candidates(e, others, index), e, homes, others) for e in listed if not e.is_site}
    same, unclear = _told_apart(resources)
    found = {key: others[known] for key, known in (at_sites | same).items()}
    return Recognition(found, unclear_sites | unclear, homes)


def _candidates(element: Element, others: Mapping[ElementKey, Element], index: _Index) -> frozenset[ElementKey]:
    """What ``element`` could be."""
    if element.key in others:
        return frozenset((element.key,))
    return frozenset[ElementKey]().union(*(index[place] for place in _places(element) if place in index))


def _nearest(
    candidates: frozenset[ElementKey], element: Element, homes: Mapping[str, str], others: Mapping[ElementKey, Element]
) -> frozenset[ElementKey]:
    """Those of several ``candidates`` that are at the site of ``element``; if none is, all of them."""
    if len(candidates) < 2:
        return candidates
    home = homes.get(element.site, element.site)
    return frozenset(key for key in candidates if others[key].site == home) or candidates


def _told_apart(
    candidates: Mapping[ElementKey, frozenset[ElementKey]],
) -> tuple[dict[ElementKey, ElementKey], dict[ElementKey, tuple[ElementKey, ...]]]:
    """What entries are for sure, and what others could be. What has its very key listed is nothing else."""
    taken = {key for key, found in candidates.items() if key in found}
    left = {key: found if key in taken else found - taken for key, found in candidates.items()}
    claimants = Counter(min(found) for found in left.values() if len(found) == 1)
    same = {key: min(found) for key, found in left.items() if len(found) == 1 and claimants[min(found)] == 1}
    return same, {key: tuple(sorted(found)) for key, found in left.items() if found and key not in same}


def _index(elements: Iterable[Element]) -> _Index:
    index: _Index = defaultdict(set)
    for element in elements:
        for place in _places(element):
            index[place].add(element.key)
    return index


def _places(element: Element) -> Iterator[tuple[str, str, str]]:
    # hosts are in lower case, and a name that is a host should find it however it is written
    return ((*element.key[:2], name.casefold()) for name in handles(element))

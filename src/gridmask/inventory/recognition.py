"""Recognition: which elements of a publication other sources list, too, perhaps under other names.

Two entries mean one thing if they have the same key; or if they are of one type, and a name, alias or host of the one is a
name, alias or host of the other. Where that is true of several, the one at the same site is meant. Two entries of one source
are never one thing: of two that could be the same element of another source, it is the one with its key, or else the one at
its site, or cannot be told.
Sites share no hosts: what they are called elsewhere is among their aliases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.element import SITE, ElementKey
from gridmask.domain.naming import handles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gridmask.domain.element import Element

_Index = dict[tuple[str, str, str], frozenset[ElementKey]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised.

    Attributes:
        same: by key of a listed element, the one of another source that it is.
        unclear: by key of a listed element, what it could be, though not for sure.
    """

    same: Mapping[ElementKey, Element] = field(default_factory=dict)
    unclear: Mapping[ElementKey, tuple[ElementKey, ...]] = field(default_factory=dict)

    def homes(self, mine: Collection[ElementKey]) -> Mapping[str, str]:
        """By name of each listed site that is another source's and not among ``mine``, the name that it goes by here."""
        return {key.name: known.key.name for key, known in self.same.items() if key.family == SITE and key not in mine}


def recognise(
    listed: Collection[Element], others: Mapping[ElementKey, Element], own: Mapping[ElementKey, Element] | None = None
) -> Recognition:
    """Which of the ``listed`` are elements of ``others``, the inventories of other sources.

    ``own`` is what is known of the listed: where another source has an entry for it already, no other entry of that is it.
    """
    index = _index(others.values())
    listed_by = {key: {who for who, _ in element.elsewhere} for key, element in (own or {}).items() if element.elsewhere}
    candidates = {element.key: _candidates(element, others, index) for element in listed}
    for key in candidates.keys() & listed_by.keys():
        candidates[key] = frozenset(known for known in candidates[key] if others[known].source not in listed_by[key])
    at_sites, unclear_sites = _told_apart({key: found for key, found in candidates.items() if key.family == SITE}, _nowhere)
    homes = {key.name: known.name for key, known in at_sites.items()}
    sites = {element.key: homes.get(element.site, element.site) for element in listed}

    def near(key: ElementKey, known: ElementKey) -> bool:
        return others[known].site == sites[key]

    resources = {key: _nearest(key, found, near) for key, found in candidates.items() if key.family != SITE}
    same, unclear = _told_apart(resources, near)
    found = {key: others[known] for key, known in (at_sites | same).items()}
    return Recognition(found, unclear_sites | unclear)


_Near = Callable[[ElementKey, ElementKey], bool]
"""Whether a listed element and one of others are at the same site."""


def _nowhere(_: ElementKey, __: ElementKey) -> bool:
    return False


def _candidates(element: Element, others: Mapping[ElementKey, Element], index: _Index) -> frozenset[ElementKey]:
    """What ``element`` could be."""
    if element.key in others:
        return frozenset((element.key,))
    first, *others_found = [index[place] for place in _places(element) if place in index] or [frozenset[ElementKey]()]
    # not copied without need: thousands of entries may share one host that says nothing
    return first.union(*others_found) if others_found else first


def _nearest(key: ElementKey, candidates: frozenset[ElementKey], near: _Near) -> frozenset[ElementKey]:
    """Those of several ``candidates`` that are at the site of the element ``key``; if none is, all of them."""
    if len(candidates) < 2:
        return candidates
    nearest = frozenset(known for known in candidates if near(key, known))
    return nearest if 0 < len(nearest) < len(candidates) else candidates


def _told_apart(
    candidates: Mapping[ElementKey, frozenset[ElementKey]], near: _Near
) -> tuple[dict[ElementKey, ElementKey], dict[ElementKey, tuple[ElementKey, ...]]]:
    """What entries are for sure, and what others could be. An element that an entry is for sure, no other entry is."""
    by_key = {key for key, found in candidates.items() if key in found}
    claims: dict[ElementKey, list[ElementKey]] = defaultdict(list)
    for key, found in candidates.items():
        if len(found) == 1:
            claims[min(found)].append(key)
    same: dict[ElementKey, ElementKey] = {}
    for known, claimants in claims.items():
        nearest = [key for key in claimants if near(key, known)]
        for several in ([known] if known in by_key else claimants, nearest):
            if len(several) == 1:
                same.setdefault(several[0], known)
                break
    settled = frozenset(same.values())
    left = {key: found - settled for key, found in candidates.items() if key not in same and not found <= settled}
    return same, {key: tuple(sorted(found)) for key, found in left.items()}


def _index(elements: Iterable[Element]) -> _Index:
    index: dict[tuple[str, str, str], set[ElementKey]] = defaultdict(set)
    for element in elements:
        for place in _places(element):
            index[place].add(element.key)
    return {place: frozenset(found) for place, found in index.items()}


def _places(element: Element) -> Iterator[tuple[str, str, str]]:
    # hosts are in lower case, and a name that is a host should find it however it is written
    return ((*element.key[:2], name.casefold()) for name in handles(element))

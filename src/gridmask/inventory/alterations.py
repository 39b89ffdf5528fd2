"""Alterations: what an answer says otherwise of elements that stay, and whether that would let them go unheard or to others.

An element that loses a name is not meant any more by what is announced about that name, and one that is offered to others is in
other masks. Of a few elements that is news; of many it is a source that has lost a part of what it says (promise D3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gridmask.domain.element import Element


def is_altered(before: Element, after: Element) -> bool:
    """Whether it is offered to others from now on, or something that means ``before`` does not mean ``after``."""
    return before.offered != after.offered or _goes_unheard(before, after)


def is_moved(before: Element, after: Element, homes: Mapping[str, str]) -> bool:
    """Whether it is at another site, of another category, or without a tag that it had.

    ``homes``: by the name of each site that has another name now, that one.
    """
    elsewhere = not before.is_site and homes.get(before.site, before.site) != after.site
    return elsewhere or before.category != after.category or not before.tags <= after.tags


def lists(source: str, element: Element) -> bool:
    """Whether ``source`` lists ``element``, its own or another's."""
    return element.source == source or any(who == source for who, _ in element.elsewhere)


def told(before: Element, after: Element) -> tuple[str, str]:
    """What of an element becomes otherwise, and what that is then. What nothing is decided by is not told: facts."""
    was, becomes = [], []
    for (name, old), (_, new) in zip(_facets(before), _facets(after), strict=True):
        if old != new:
            was.append(f"{name} {old}".strip())
            becomes.append(f"{name} {new}".strip())
    return "; ".join(was), "; ".join(becomes)


def about(element: Element) -> str:
    """Where an element is, whose, and whether in service: in a few words."""
    parts = [] if element.is_site else [f"at {element.site or 'no site'}"]
    if element.offered:
        parts.append(f"for {_listed(element.offered)}")
    return ", ".join(parts if element.in_service else [*parts, "out of service"])


def _facets(element: Element) -> Iterator[tuple[str, str]]:
    yield "", "in service" if element.in_service else "out of service"
    yield "at", element.site or "no site"
    yield "for", _listed(element.offered) if element.offered else "everyone"
    yield "category", element.category
    yield "hosts", _listed(element.hosts)
    yield "aliases", _listed(element.aliases)
    yield "services", _listed(element.services) if element.services else "any"
    yield "tags", _listed(element.tags)
    yield "known as", _listed(f"{name} of {source}" for source, name in element.elsewhere)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"


def _goes_unheard(before: Element, after: Element) -> bool:
    fewer = not (_hosts(before) <= _hosts(after) and _names(before) <= _names(after))
    return fewer or (bool(after.services) and not (before.services and before.services <= after.services))


def _hosts(element: Element) -> frozenset[str]:
    return frozenset((*element.hosts, *(name for _, name in element.elsewhere)))


def _names(element: Element) -> frozenset[str]:
    return frozenset((*element.aliases, *(name for _, name in element.elsewhere)))

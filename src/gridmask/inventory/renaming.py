"""Renaming: which of what appears in an inventory is what disappears from it, under another name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridmask.domain.element import Element, ElementKey


_Identity = tuple[tuple[str, str], str]
"""Family and type, and the identifier."""


def renamed(gone: Iterable[Element], new: Iterable[Element]) -> Mapping[ElementKey, ElementKey]:
    """By key of each of the ``new`` that is one of the ``gone``, the key that it had.

    It is, if both have the same identifier in their source, or if the new one says that the old name is an alias of it;
    and if nothing else could be meant by that.
    """
    before = tuple(gone)
    by_identity = _unique((e.key[:2], e.identity) for e in before if e.identity)
    by_name = {e.key: e for e in before}
    homes = {(e.key[:2], e.identity): e.key for e in before if (e.key[:2], e.identity) in by_identity}
    claims: dict[ElementKey, list[ElementKey]] = defaultdict(list)
    for element in new:
        for old in _claimed(element, homes, by_name):
            claims[old].append(element.key)
    settled = {claimants[0]: old for old, claimants in sorted(claims.items()) if len(claimants) == 1}
    several = {key for key in settled if sum(key in claimants for claimants in claims.values()) > 1}
    return {after: old for after, old in settled.items() if after not in several}


def _claimed(element: Element, homes: Mapping[_Identity, ElementKey], by_name: Mapping[ElementKey, Element]) -> set[ElementKey]:
    """What of the past ``element`` says that it is."""
    found = {homes[place]} if (place := (element.key[:2], element.identity)) in homes else set()
    return found | {old for alias in element.aliases if (old := element.key._replace(name=alias)) in by_name}


def _unique(values: Iterable[_Identity]) -> frozenset[_Identity]:
    once: set[_Identity] = set()
    twice: set[_Identity] = set()
    for value in values:
        (twice if value in once else once).add(value)
    return frozenset(once - twice)

"""Fates: what becomes of known elements that are not there any more under the name that they had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.inventory.renaming import renamed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.publication import Publication
    from gridmask.inventory.recognition import Recognition


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of them.

    Attributes:
        renamed: by key of each new element that was there under another name, that one's key.
        merged: by key of each that turned out to be another that is there beside it, or is renamed, that one's key.
        lost: those that are not there under another name either.
    """

    renamed: Mapping[ElementKey, ElementKey] = field(default_factory=dict)
    merged: Mapping[ElementKey, ElementKey] = field(default_factory=dict)
    lost: tuple[ElementKey, ...] = ()

    @property
    def gone(self) -> tuple[ElementKey, ...]:
        """All that are not there any more under the name that they had."""
        return tuple(sorted({*self.renamed.values(), *self.merged, *self.lost}))

    @property
    def elsewhere(self) -> Iterator[tuple[ElementKey, ElementKey]]:
        """The keys that elements had, each with the one that it goes by now."""
        yield from ((before, after) for after, before in self.renamed.items())
        yield from self.merged.items()

    def origins(self, key: ElementKey) -> frozenset[ElementKey]:
        """What else than ``key`` the element ``key`` was."""
        before = frozenset(old for old, new in self.merged.items() if new == key)
        return before | {self.renamed[key]} if key in self.renamed else before


def fates(
    known: Mapping[ElementKey, Element],
    publication: Publication,
    recognition: Recognition,
    mine: Collection[ElementKey],
    conflicts: Collection[ElementKey],
    source: str,
) -> Fates:
    """What becomes of the ``known`` elements by a ``publication`` of ``source``, of which it keeps ``mine``.

    What has another name, but it cannot be told whether that is ``source``'s, stands as it was.
    """
    theirs = {key: element.key for key, element in recognition.same.items()}
    own = [e for key, e in sorted(known.items()) if e.source == source and key not in conflicts]
    absent = [element for element in own if element.key not in publication.elements]
    called_now = renamed(absent, [e for key, e in sorted(publication.elements.items()) if key not in known])
    taken_over = {key: theirs[key] for key in mine if theirs.get(key, key) != key}
    moved = {after: before for after, before in called_now.items() if after in mine}
    moved |= {after: before for after, before in taken_over.items() if after not in known}
    merged = {before: after for after, before in taken_over.items() if after in known}
    merged |= {e.key: theirs[e.key] for e in own if e.key in theirs and e.key not in mine}
    merged |= {old: theirs[after] if after not in mine else after for after, old in called_now.items() if after in theirs}
    stands = {*called_now.values(), *merged}
    lost = tuple(e.key for e in absent if e.key not in stands) if publication.conclusive else ()
    return Fates(moved, merged, lost)

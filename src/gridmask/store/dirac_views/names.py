"""What elements are called where names alone tell them apart: in DIRAC's tables.

Of several elements of a family with one name and a status type in common, the first keeps the name; the others are called
``NAME@TYPE``. The first is the one of a type that DIRAC knows, in the order of these, else the first by type.

``naming.py`` says the same in the words of SQL, for views.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from gridmask.domain.element import ElementKey

QUALIFIED = "@"
"""Stands between a name and a type, where a name alone would mean something else."""

FIRST = ("ComputingElement", "StorageElement", "FTS", "Catalog")
"""Types that DIRAC knows: its readers ask for these by name."""

Sharer = tuple[ElementKey, Collection[str]]
"""An element in the inventory, and the status types of its rows of all."""


@dataclass(frozen=True)
class Names:
    """What elements are called. ``apart``: those whose names alone would mean others."""

    apart: frozenset[ElementKey] = field(default_factory=frozenset)

    def of(self, key: ElementKey) -> str:
        """What the element is called."""
        return qualified(key) if key in self.apart else key.name

    def kept(self, family: str, called: Iterable[str]) -> set[str]:
        """The names by which those of ``family`` are kept that may be ``called`` so."""
        given = set(called)
        return given | {key.name for name in given if (key := self.found(family, name))}

    def with_types(self, family: str, called: Iterable[str], types: Iterable[str]) -> tuple[str, ...]:
        """What elements of ``family`` are called for whoever says their ``types`` besides: that tells as much as the name."""
        given = dict.fromkeys(called)
        of_types = frozenset(types)
        more = (key for key in sorted(self.apart) if key.family == family and key.name in given and key.type in of_types)
        return (*given, *(qualified(key) for key in more))

    def means(self, key: ElementKey, called: str, type_: str = "") -> bool:
        """Whether an element is meant by what somebody calls it; ``type_``: what they say that it is; empty: nothing."""
        return called == self.of(key) or (called == key.name and bool(type_) and type_ == key.type)

    def found(self, family: str, called: str) -> ElementKey | None:
        """The element of ``family`` that is called so with its type; None: none has to be."""
        return self._by_name.get((family, called))

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], ElementKey]:
        return {(key.family, qualified(key)): key for key in self.apart}


def qualified(key: ElementKey) -> str:
    """The name of an element together with its type."""
    return f"{key.name}{QUALIFIED}{key.type}"


def told_apart(sharing: Iterable[Collection[Sharer]]) -> Names:
    """What elements are called, of all that share names: those of one name together, whatever their families."""
    return Names(frozenset(key for group in sharing for key, aspects in group if _is_behind(key, aspects, group)))


def _is_behind(key: ElementKey, aspects: Collection[str], group: Iterable[Sharer]) -> bool:
    return any(
        other.family == key.family and _place(other.type) < _place(key.type) and not set(aspects).isdisjoint(others)
        for other, others in group
    )


def _place(type_: str) -> str:
    """Where a type stands among others, as SQL compares it in ``naming.py``."""
    return str(FIRST.index(type_)) if type_ in FIRST else f"{len(FIRST)}{type_}"

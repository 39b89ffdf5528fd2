"""Piles: items that wait together. Of those that are not at hand it is known only how large they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gridmask.actions.notify.items import Item


AT_ONCE = 50_000
"""So many events are looked at in one go. What waits beyond them is looked at in the next."""


class Pile(NamedTuple):
    """A pile: by which number it is kept, and how many events it has. It never changes."""

    number: int
    size: int


def size_of(items: Iterable[Item]) -> int:
    """How many events they tell."""
    return sum(len(item.steps) for item in items)


class Piles:
    """Those that are at hand, and those that were made since. ``last``: the highest number that there ever was."""

    def __init__(self, at_hand: Mapping[int, tuple[Item, ...]] | None = None, last: int = 0) -> None:
        self._items = dict(at_hand or {})
        self._unions: dict[tuple[int, int], Pile] = {}
        self._first, self.last = last + 1, last

    def __contains__(self, pile: object) -> bool:
        return isinstance(pile, Pile) and pile.number in self._items

    def __getitem__(self, pile: Pile) -> tuple[Item, ...]:
        return self._items[pile.number]

    def put(self, items: Iterable[Item]) -> Pile:
        """A new pile of ``items``."""
        kept = tuple(items)
        self.last += 1
        self._items[self.last] = kept
        return Pile(self.last, size_of(kept))

    def union(self, one: Pile, other: Pile) -> Pile:
        """A pile of what is in both; the same each time."""
        key = (one.number, other.number)
        if key not in self._unions:
            self._unions[key] = self.put((*self[one], *self[other]))
        return self._unions[key]

    def made(self, numbers: Iterable[int]) -> dict[int, tuple[Item, ...]]:
        """Those of ``numbers`` that were made since."""
        return {number: self._items[number] for number in numbers if number >= self._first}


def bounded(wanted: Iterable[Pile], room: int = AT_ONCE) -> Iterator[Pile]:
    """As many of those ``wanted`` as are looked at in one go; at least one."""
    seen: set[int] = set()
    for pile in wanted:
        if pile.number not in seen:
            if seen and pile.size > room:
                return
            seen.add(pile.number)
            room -= pile.size
            yield pile

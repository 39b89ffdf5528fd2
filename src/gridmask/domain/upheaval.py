"""Upheaval: what an answer of a source would change, and of what that is too much to be believed unseen (promise D3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FEW = 5
"""So many of most things may always be changed or taken back at once; the share that may be is for more."""

MOST_ITEMS = 200
"""So many items of each deed are kept by name; the others are counted."""


LONGEST = 500
"""So many characters of what an item is, and of what it would be, are kept."""


class Deed(StrEnum):
    """What an answer would do to something."""

    REMOVE = "remove"
    CHANGE = "change"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that an answer would add, change or remove.

    Attributes:
        deed: which of these.
        name: what it is.
        before: what it is now, as far as that would be another; empty for what would be added.
        after: what it would be; empty for what would be removed.
    """

    deed: Deed
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Excess:
    """Something that an answer would do to too much.

    Attributes:
        how: what it would do, so that a number can follow: ``take out``.
        count: to how many.
        known: of how many.
        share: the share of these that it may do that to without a person's word.
    """

    how: str
    count: int
    known: int
    share: float

    def __str__(self) -> str:
        found, allowed = f"{self.count / self.known:.0%}", f"{self.share:.0%}"
        if found == allowed:
            found, allowed = f"{self.count / self.known:.2%}", f"{self.share:.2%}"
        return f"{self.how} {self.count:,} of {self.known:,} ({found}), more than the {allowed} allowed"


@dataclass(frozen=True, slots=True)
class Upheaval:
    """What an answer would change.

    Attributes:
        added, changed, removed: how many items of each deed there are.
        excesses: what is too much of it; none: it can be believed.
        items: the first of them, by deed and name.
        fingerprint: two answers that would do the same to the same have the same.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    excesses: tuple[Excess, ...] = ()
    items: tuple[Item, ...] = ()
    fingerprint: str = ""

    @classmethod
    def of(cls, items: Iterable[Item], excesses: Iterable[Excess]) -> Upheaval:
        """All of the ``items``, with what is too much of it."""
        by_deed: dict[Deed, list[Item]] = {deed: [] for deed in Deed}
        for item in items:
            by_deed[item.deed].append(item)
        for alike in by_deed.values():
            alike.sort(key=lambda item: (item.name, item.before, item.after))
        return cls(
            len(by_deed[Deed.ADD]),
            len(by_deed[Deed.CHANGE]),
            len(by_deed[Deed.REMOVE]),
            tuple(excesses),
            tuple(map(_shortened, (item for alike in by_deed.values() for item in alike[:MOST_ITEMS]))),
            _fingerprint(item for alike in by_deed.values() for item in alike),
        )

    @property
    def untold(self) -> int:
        """How many items are only counted."""
        return self.added + self.changed + self.removed - len(self.items)

    @property
    def problem(self) -> str:
        """What is too much of it, in words that follow "this answer would"."""
        return "; and ".join(map(str, self.excesses))


NOTHING = Upheaval()
"""Nothing that is too much."""


def too_much(how: str, count: int, known: int, share: float, *, few: int = FEW) -> tuple[Excess, ...]:
    """The excess, if to do ``how`` to ``count`` of ``known`` is one: more than ``share``, and than so ``few``."""
    return (Excess(how, count, known, share),) if count > few and count > share * known else ()


def _shortened(item: Item) -> Item:
    if max(len(item.before), len(item.after)) <= LONGEST:
        return item
    return replace(item, before=_cut(item.before), after=_cut(item.after))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _fingerprint(items: Iterable[Item]) -> str:
    digest = sha256()
    for item in items:
        digest.update(f"{item.deed}\0{item.name}\0{item.before}\0{item.after}\0".encode(errors="backslashreplace"))
    return digest.hexdigest()

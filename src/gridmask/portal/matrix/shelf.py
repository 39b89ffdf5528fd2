"""The shelf: lines of matrices as they were last written, so that only those are written again that became others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from gridmask.portal.matrix.groups import Folders, Lined

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.portal.matrix.asked import Asked
    from gridmask.portal.matrix.cells import Layout

L = TypeVar("L", bound=Lined)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

ROOM = 12
"""So many layouts are kept with their lines, and so many views with their groups: those that were last asked for."""


@dataclass(slots=True)
class Written:
    """The lines of one layout, each with what it was written of. ``made`` counts those that had to be written."""

    lines: dict[ElementKey, tuple[Lined, str, str]] = field(default_factory=dict)
    made: int = 0

    def line(self, line: L, note: str, draw: Callable[[L, str], str]) -> str:
        """``line`` with ``note`` beside it; ``draw`` writes that."""
        known = self.lines.get(line.element.key)
        # the service gives the very same line as long as nothing about its element changed
        if known is not None and known[0] is line and known[1] == note:
            return known[2]
        drawn = draw(line, note)
        self.lines[line.element.key] = line, note, drawn
        self.made += 1
        return drawn


class Kept(Generic[K, V]):
    """What was made for a few keys: those that were last asked for. Several threads may ask."""

    def __init__(self, make: Callable[[], V]) -> None:
        self._make = make
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def of(self, key: K) -> V:
        """What is kept for ``key``, or else a new one."""
        with self._lock:
            found = self._kept.setdefault(key, self._make()) if key not in self._kept else self._kept[key]
            self._kept.move_to_end(key)
            while len(self._kept) > ROOM:
                self._kept.popitem(last=False)
            return found


class Shelf(Generic[L]):
    """What was written, by layout, and what was found out about groups, by what was asked for by whom.

    Several threads may write at once: then something is written twice, and the same each time.
    """

    def __init__(self) -> None:
        self.written: Kept[Layout, Written] = Kept(Written)
        self.folders: Kept[tuple[str, Asked], Folders[L]] = Kept(Folders)

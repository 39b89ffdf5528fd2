"""The shelf: lines of matrices as they were last written, so that only those are written again that became others."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.portal.matrix.cells import Layout
    from gridmask.portal.matrix.grid import Ink
    from gridmask.portal.matrix.groups import Lined

L = TypeVar("L", bound="Lined")

ROOM = 12
"""For so many layouts lines are kept: those that were last asked for."""


@dataclass(slots=True)
class Written:
    """The lines of one layout, each with what it was written of. ``made`` counts those that had to be written."""

    lines: dict[ElementKey, tuple[Lined, str, str]] = field(default_factory=dict)
    made: int = 0

    def line(self, line: L, note: str, ink: Ink[L]) -> str:
        """``line`` with ``note`` beside it, in ``ink``."""
        known = self.lines.get(line.element.key)
        # the service gives the very same line as long as nothing about its element changed
        if known is not None and known[0] is line and known[1] == note:
            return known[2]
        drawn = ink.draw(line, ink.layout, note)
        self.lines[line.element.key] = line, note, drawn
        self.made += 1
        return drawn


@dataclass(slots=True)
class Shelf:
    """What was written, by layout. Several threads may write at once: then a line is written twice, and the same each time."""

    books: OrderedDict[Layout, Written] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def of(self, layout: Layout) -> Written:
        """What was written in ``layout``."""
        with self.lock:
            book = self.books.setdefault(layout, Written())
            self.books.move_to_end(layout)
            while len(self.books) > ROOM:
                self.books.popitem(last=False)
            return book

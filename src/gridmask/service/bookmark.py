"""Bookmarks: where a reader of a mask is, so that it can go on from there and from nowhere else."""

from __future__ import annotations

import re
from typing import NamedTuple

_WRITTEN = re.compile(r"([0-9]{1,18})(?:-([0-9a-f]{16}))?")


class Bookmark(NamedTuple):
    """A revision, and the mark by which it is told apart from one of another past with the same number.

    Attributes:
        revision: of the mask.
        mark: see :mod:`gridmask.store.marks`; empty: the reader does not say.
    """

    revision: int
    mark: str = ""

    @classmethod
    def parse(cls, text: str) -> Bookmark | None:
        """What ``text`` names, as in ``42-3f9a0c5be1d27846`` or ``42``; None: nothing."""
        found = _WRITTEN.fullmatch(text)
        return cls(int(found[1]), found[2] or "") if found else None

    def __str__(self) -> str:
        return f"{self.revision}-{self.mark}" if self.mark else str(self.revision)

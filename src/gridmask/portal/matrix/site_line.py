"""A site in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.domain.status import Status


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site within a group.

    Attributes:
        site: what it is called; empty: what is at none.
        group: what the group is called.
        elements: how many elements are shown of it.
        tallies: by status type, how many rows are usable, how many there are, and the worst of them.
        note: what is announced there.
    """

    site: str
    group: str
    elements: int
    tallies: Mapping[str, tuple[int, int, Status]]
    note: str

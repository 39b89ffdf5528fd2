"""The frame of every page: what stands around what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL
from gridmask.portal.playbill import Playbill, playbill
from gridmask.portal.reader import HERE, Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.bootstrap import Installation

EVERY = 30
"""Seconds after which a page is looked at anew without news, since ages grow and downtimes draw near."""

EVERY_IN_A_PLAY = 5
"""The same, while something is played."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page tells.

    Attributes:
        version: Gridmask's.
        now: when the page is made.
        checked_at: until when what it shows is known to be right.
        vos: the VOs about which whoever reads it may read, ``all`` first.
        every: seconds after which to look anew.
        playbill: what is played, if anything.
    """

    version: str
    now: datetime
    checked_at: datetime | None
    vos: tuple[str, ...]
    every: int
    playbill: Playbill | None


def frame(gridmask: Installation, masks: Mapping[str, int], reader: Reader = HERE) -> Frame:
    """The frame of a page about ``gridmask``, whose VOs have ``masks``, for ``reader``."""
    now = gridmask.clock()
    playing = playbill(gridmask.demonstration, now)
    return Frame(
        version("gridmask"),
        now,
        gridmask.board.checked_at,
        reader.readable((ALL, *sorted(masks.keys() - {ALL}))),
        EVERY_IN_A_PLAY if playing else EVERY,
        playing,
    )

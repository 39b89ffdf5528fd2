"""The frame of every page: what stands around what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL
from gridmask.portal.frame.playbill import Playbill, playbill
from gridmask.portal.frame.reader import HERE, Reader
from gridmask.portal.frame.sections import SECTIONS, Section

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
        vo: the VO for which its reader looks; None: for all side by side.
        section: the part of the portal that the page belongs to.
        sections: those that its head leads to.
        zone: in whose hours moments are told.
        revision: that of the mask of ``vo``.
    """

    version: str
    now: datetime
    checked_at: datetime | None
    vos: tuple[str, ...]
    every: int
    playbill: Playbill | None
    vo: str | None = None
    section: Section | None = None
    sections: tuple[Section, ...] = ()
    zone: str = "UTC"
    revision: int = 0


def frame(
    gridmask: Installation,
    masks: Mapping[str, int],
    reader: Reader = HERE,
    *,
    vo: str | None = None,
    section: Section | None = None,
) -> Frame:
    """The frame of a page about ``gridmask``, whose VOs have ``masks``, for ``reader``."""
    now = gridmask.clock()
    playing = playbill(gridmask.demonstration, now)
    shown = tuple(one for one in SECTIONS if one.shown(reader, vo or ALL))
    return Frame(
        version("gridmask"),
        now,
        gridmask.board.checked_at,
        reader.readable((ALL, *sorted(masks.keys() - {ALL}))),
        EVERY_IN_A_PLAY if playing else EVERY,
        playing,
        vo,
        section,
        shown,
        reader.zone,
        masks.get(vo, 0) if vo else 0,
    )


async def around(
    gridmask: Installation, reader: Reader, section: Section | None = None, vo: str | None = None
) -> dict[str, object]:
    """What a template needs for the frame of a page of ``section``, which is about ``vo`` if about any."""
    shown = frame(gridmask, await gridmask.masks.revisions(), reader, vo=vo, section=section)
    return {"reader": reader, "frame": shown}

"""Looks at what masks of the past should have been, for tests that say what of it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.element import SITE
from tests.grid import Grid, catch_up, sync

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.hindsight import Hindsight

MISSED = "Active, Banned: missed, late"
LOST = "Banned, Active: lost, taken-back"


async def seen(made: Installation, moment: datetime, known: datetime | None = None, vo: str = "cms") -> dict[str, str]:
    """What ``vo`` was served and should have been, of each resource of which that differs, and why."""
    hindsight = await made.hindsights.look(vo, moment, known)
    return told(hindsight)


def told(hindsight: Hindsight) -> dict[str, str]:
    """What was served otherwise, by resource."""
    return {
        row.key.element.name: f"{row.served.status.label}, {row.after.status.label}: {row.divergence}, {row.why}"
        for row in hindsight.differences().rows
        if row.key.element.family != SITE
    }


async def changed(grid: Grid, made: Installation, *downtimes: str) -> datetime:
    """The feed tells of these, and nothing else; then half an hour passes. When it told."""
    told_at = grid.clock()
    grid.announce(*downtimes)
    await sync(made, "feed", force=True)
    grid.clock.advance(minutes=30)
    await catch_up(made)
    return told_at

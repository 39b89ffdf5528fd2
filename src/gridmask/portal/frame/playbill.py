"""The playbill: what a demonstration plays, for its visitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.service.demonstration import Demonstration, Scene


@dataclass(frozen=True, slots=True)
class Playbill:
    """What is played now, what comes next, and what time it is where it is played."""

    compression: str
    told_time: str
    on: tuple[Scene, ...]
    coming: Scene | None


def playbill(demonstration: Demonstration | None, now: datetime) -> Playbill | None:
    """What ``demonstration`` plays at ``now``; None where nothing is played."""
    if demonstration is None:
        return None
    scenes = demonstration.scenes(now)
    coming = next((scene for scene in scenes if scene.starts_at > now), None)
    return Playbill(
        demonstration.compression, demonstration.told_time(now), tuple(scene for scene in scenes if scene.is_on(now)), coming
    )

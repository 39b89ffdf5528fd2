"""Soundness: what a line must be beyond its form, so that what it tells can have happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.recording.events import DowntimesChanged

if TYPE_CHECKING:
    from gridmask.recording.recording import Line


LONGEST_ACTION = 64
"""So many characters may what people call an event have."""


def unsound(line: Line) -> str | None:
    """What is wrong with ``line``; None: nothing."""
    if line.at.tzinfo is None:
        return "its time does not say in which time zone it is"
    if len(line.action) > LONGEST_ACTION:
        return f"its action is longer than {LONGEST_ACTION} characters"
    if isinstance(line.told, DowntimesChanged):
        return _groundless(line.told)
    return None


def _groundless(told: DowntimesChanged) -> str | None:
    before = {(one.source, one.record) for one in told.before}
    replaced = [*((one.source, one.record) for one in told.edited), *map(tuple, told.withdrawn)]
    missing = next((key for key in replaced if key not in before), None)
    return f"it does not say what downtime {missing[1]!r} was before" if missing else None

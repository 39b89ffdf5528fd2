"""How pages write numbers and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def number(value: int) -> str:
    """``1215`` as ``1,215``."""
    return f"{value:,}"


def minute(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def ago(age: timedelta) -> str:
    """How long ago something was."""
    seconds = age.total_seconds()
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return "just now"

"""Times as tests write them."""

from __future__ import annotations

from datetime import UTC, datetime

DAY = "2026-08-21"
"""The day of a time that names none."""

Time = str | datetime
"""A moment, or a text that :func:`moment` understands."""


def moment(time: Time) -> datetime:
    """The moment that ``time`` names: ``10:00`` on :data:`DAY`, or ISO 8601 in full. Without an offset it is UTC.

    Raises:
        ValueError: it names none.
    """
    if isinstance(time, datetime):
        return time
    found = datetime.fromisoformat(time if "T" in time else f"{DAY}T{time}")
    return found if found.tzinfo else found.replace(tzinfo=UTC)

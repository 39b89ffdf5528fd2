"""Months and other stretches of the calendar, in UTC, as reports are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gridmask.domain.errors import InvalidRequest

CUSTOMARY = 6
"""So many months a report tells of, the present one included, unless told otherwise."""


def month_of(text: str) -> datetime:
    """Where the month begins that ``text`` names, such as ``2026-10``.

    Raises:
        InvalidRequest: it names none.
    """
    try:
        return datetime.strptime(text.strip(), "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidRequest(f"{text!r} is no month; write it as 2026-10.") from None


def beginning(moment: datetime) -> datetime:
    """Where the month of ``moment`` begins."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def after(month: datetime, times: int = 1) -> datetime:
    """Where the month begins that is ``times`` later; fewer than none: earlier.

    Raises:
        InvalidRequest: there is no such year.
    """
    count = month.year * 12 + month.month - 1 + times
    try:
        return month.replace(year=count // 12, month=count % 12 + 1)
    except ValueError:
        raise InvalidRequest(f"No calendar has {times} months from {month:%Y-%m} on.") from None


def label(start: datetime, end: datetime) -> str:
    """What a part of a period is called: a whole month by its name, a day by its date, else by where it begins."""
    if start == beginning(start) and end == after(start):
        return f"{start:%Y-%m}"
    if start.hour == start.minute == 0 and end - start == timedelta(days=1):
        return f"{start:%m-%d}"
    return f"{start:%Y-%m}" if end - start > timedelta(days=1) else f"{start:%m-%d}"

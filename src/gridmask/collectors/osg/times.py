"""OSG's dates: ``Aug 07, 2026 19:00 PM UTC``."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBER = {spelling: number for number, name in enumerate(_MONTHS, start=1) for spelling in (name, name[:3])}
"""Month names as OSG writes them, whatever the machine's language."""

_DATE = re.compile(
    r"(?P<month>[a-z]+) (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4}) "
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?: ?(?P<half>am|pm))? (?:utc|\+0000)"
)


def moment(text: str) -> datetime:
    """The moment that ``text`` means.

    OSG writes the hour of a 24-hour clock and adds AM or PM, which then tells nothing new: ``19:00 PM``, ``07:00 AM``.
    Should it ever write a 12-hour clock, that is understood too, because no combination means two things: where both
    clocks can have written it (1 to 11 AM, 12 PM) they agree, 1 to 11 PM and 12 AM are of a 12-hour clock alone
    (``07:00 PM`` is 19:00, ``12:30 AM`` is 00:30), and the hours 0 and 13 to 23 of a 24-hour clock alone. Without AM or PM
    the clock has 24 hours.

    Raises:
        ValueError: it is not a date in this form, its half contradicts its hour (``19:00 AM``), or there is no such day.
    """
    found = _DATE.fullmatch(" ".join(text.split()).lower())
    if found is None or found["month"] not in _NUMBER:
        raise ValueError(f"{text!r} is not a date like 'Aug 07, 2026 19:00 PM UTC'")
    try:
        hour = _hour(int(found["hour"]), found["half"])
        return datetime(int(found["year"]), _NUMBER[found["month"]], int(found["day"]), hour, int(found["minute"]), tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date: {error}") from error


def _hour(hour: int, half: str | None) -> int:
    """The hour of the day on a clock of 24."""
    if half == "am" and hour == 12:
        return 0
    if half == "pm" and 1 <= hour < 12:
        return hour + 12
    if (half == "am" and hour > 12) or (half == "pm" and hour == 0):
        raise ValueError(f"hour {hour} is not {half.upper()}")
    return hour

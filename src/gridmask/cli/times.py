"""Moments as people write them on a command line.

``2026-08-21T17:00Z``, ``2026-08-21 19:00+02:00``, ``now``, or as far from now: ``+2h``, ``-30m``. A time without a zone is
refused, not guessed: those who run a grid together live in several.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import typer

from gridmask.clock import Clock, system_clock

FORM = "TIME"
"""What options that take a moment are told to want."""


def moment(text: str, clock: Clock = system_clock) -> datetime:
    """The moment in UTC that ``text`` means.

    Raises:
        BadParameter: it means none, or does not say in which time zone.
    """
    stripped = text.strip()
    if stripped == "now":
        return clock()
    if stripped[:1] in {"+", "-"}:
        return _relative(stripped, clock())
    try:
        found = datetime.fromisoformat(stripped)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write it as 2026-08-21T17:00Z, or as +2h from now") from None
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text!r} does not say in which time zone; write {stripped}Z for UTC, or an offset: +02:00")
    return _in_utc(found, text)


def day_or_moment(text: str, clock: Clock = system_clock) -> datetime:
    """The moment in UTC that ``text`` means; a date alone is the beginning of that day in UTC.

    Raises:
        BadParameter: as :func:`moment`.
    """
    stripped = text.strip()
    is_day = len(stripped) == len("2026-08-21") and stripped[:1].isdigit()
    return moment(f"{stripped}T00:00Z" if is_day else stripped, clock)


def length(text: str) -> timedelta:
    """The time span that ``text`` names, such as ``90m``.

    Raises:
        BadParameter: it names none.
    """
    from gridmask.documents import duration

    try:
        return duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _relative(text: str, now: datetime) -> datetime:
    from gridmask.documents import duration

    try:
        length = duration(text[1:])
        assert isinstance(length, timedelta)
        return now + length if text[0] == "+" else now - length
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OverflowError:
        raise typer.BadParameter(f"{text!r} is beyond the calendar") from None


def _in_utc(found: datetime, text: str) -> datetime:
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(f"{text!r} is beyond the calendar") from None

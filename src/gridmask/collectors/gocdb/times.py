"""GOCDB's times: seconds since 1970, and beside them the same as text, which is there for people. Both are UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gridmask.domain.downtime import Interval
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from gridmask.collectors.gocdb.record import GocdbRecord

FORMAT = "%Y-%m-%d %H:%M"


def interval(record: GocdbRecord) -> Interval:
    """When ``record`` says that it is.

    Raises:
        MalformedAnswer: it does not say so, or it would end before it starts.
    """
    start, end = moment(record, "START_DATE"), moment(record, "END_DATE")
    if end < start:
        raise record.malformed(f"ends at {end:{FORMAT}} UTC, before it starts at {start:{FORMAT}} UTC.")
    return Interval(start, end)


def created(record: GocdbRecord) -> datetime | None:
    """When it was entered, where it tells; nothing depends on it."""
    try:
        return _from_epoch(record, "INSERT_DATE")
    except MalformedAnswer:
        return None


def moment(record: GocdbRecord, name: str) -> datetime:
    """The moment ``name`` of ``record``; the text counts only where there is no number.

    Raises:
        MalformedAnswer: there is neither, or it is no moment.
    """
    if record.text(name):
        return _from_epoch(record, name)
    return _from_text(record, f"FORMATED_{name}")  # their spelling


def _from_epoch(record: GocdbRecord, name: str) -> datetime:
    text = record.required(name)
    try:
        if re.fullmatch("[0-9]{1,12}", text):
            return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass  # beyond the calendar
    raise record.malformed(f"{name} is {text!r}; it must be a number of seconds since 1970.")


def _from_text(record: GocdbRecord, name: str) -> datetime:
    text = record.required(name)
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise record.malformed(f"{name} is {text!r}; it must be a time such as '2026-08-04 07:00'.") from None

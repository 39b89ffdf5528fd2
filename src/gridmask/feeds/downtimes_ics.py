"""Downtimes as a calendar: iCalendar (:rfc:`5545`), an event each.

An event keeps its ``UID`` through all versions of its downtime, whose number is its ``SEQUENCE``; what was withdrawn is
``CANCELLED``. Times are UTC, to the second, since the format has nothing finer. There is no ``METHOD``: nobody is invited, and
with one, ``DTSTAMP`` would have to be when the calendar was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from icalendar import Calendar, Event, vDuration, vText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
    from gridmask.domain.element import Element

MEDIA_TYPE = "text/calendar; charset=utf-8"

OPEN_FOR = timedelta(days=7)
"""How far ahead an outage without an announced end is drawn, since an event has to end."""

READ_AGAIN_AFTER = timedelta(hours=1)
"""How often programs are asked to read the calendar."""

_SHOWN = 3
_NAMESPACE = UUID("4f1b0f5e-7d1c-4a55-9d0b-6c2f6a5f2d11")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Occasion:
    """A downtime for the calendar.

    Attributes:
        downtime: its latest version.
        elements: what it concerns, of those whom the calendar is for.
        known_from: since when this version is known, or since when it is withdrawn.
        sequence: how often it was changed.
        withdrawn: whether it was.
    """

    downtime: Downtime
    elements: tuple[Element, ...]
    known_from: datetime
    sequence: int = 0
    withdrawn: bool = False


def encode(title: str, occasions: Iterable[Occasion], now: datetime) -> bytes:
    """``occasions`` as a calendar called ``title``, in the order of their beginnings."""
    calendar = Calendar()
    calendar.add("prodid", "-//Gridmask//Downtimes//EN")
    calendar.add("version", "2.0")
    # the library knows neither property, so it would not escape the text of either
    for name in ("name", "x-wr-calname"):
        calendar.add(name, vText(_clean(title)))
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(READ_AGAIN_AFTER))
    for occasion in sorted(occasions, key=lambda one: (one.downtime.interval.start, one.downtime.key)):
        calendar.add_component(_event(occasion, now))
    body: bytes = calendar.to_ical()
    return body


def uid(key: DowntimeKey) -> str:
    """The name under which calendars know the downtime ``key``: wherever it is told of, and however often it changes."""
    return str(uuid5(_NAMESPACE, f"{key.source}\n{key.record}"))


def _event(occasion: Occasion, now: datetime) -> Event:
    downtime, names = occasion.downtime, sorted({element.key.name for element in occasion.elements})
    sites = sorted({element.site for element in occasion.elements} - {""})
    event = Event()
    event.add("uid", uid(downtime.key))
    event.add("dtstamp", _whole(occasion.known_from))
    event.add("last-modified", _whole(occasion.known_from))
    event.add("sequence", occasion.sequence)
    event.add("status", "CANCELLED" if occasion.withdrawn else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("summary", _clean(_summary(downtime.severity, sites, names)))
    event.add("description", _clean(_description(downtime, names)))
    event.add("location", _clean(", ".join(sites)))
    event.add("categories", [_clean(word) for word in (downtime.severity, downtime.scheduling) if word])
    event.add("dtstart", _whole(downtime.interval.start))
    if (end := _end(downtime.interval, now)) is not None:
        event.add("dtend", end)
    if downtime.url.startswith(("https://", "http://")) and downtime.url.isprintable():
        event.add("url", downtime.url)
    return event


def _summary(severity: str, sites: list[str], names: list[str]) -> str:
    where = f"{severity} at {_some(sites)}" if sites else severity
    apart = [name for name in names if name not in sites]
    return f"{where}: {_some(apart)}" if apart else where


def _some(names: list[str]) -> str:
    """Of many, some, and how many more."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _description(downtime: Downtime, names: list[str]) -> str:
    open_end = "" if downtime.interval.end else "No end is announced."
    record = f"Announced as {downtime.key.record} by {downtime.key.source}, {downtime.scheduling.lower()}."
    return "\n\n".join(filter(None, (downtime.description, open_end, f"Concerns {', '.join(names)}.", record)))


def _end(interval: Interval, now: datetime) -> datetime | None:
    """When the event ends; None: at once, since an event cannot end before it begins."""
    if interval.end is None:
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        last = max(_whole(interval.start), today)
        return last + OPEN_FOR if datetime.max.replace(tzinfo=UTC) - last > OPEN_FOR else None
    end = _whole(interval.end)
    return end if end > _whole(interval.start) else None


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _clean(text: str) -> str:
    """``text`` with line breaks of one kind, and nothing that an event cannot have."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))

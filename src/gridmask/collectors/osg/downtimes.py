"""OSG Topology's announced outages, the ``Downtimes`` document, as domain downtimes.

The document has a section each for past, current and future ones. Which section a downtime is in says only when the answer was
made: the dates decide. An identifier is shared by all resources that one outage concerns, so that a downtime's record is
named ``<ID>@<ResourceName>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.collectors.osg.record import OsgRecord
from gridmask.collectors.osg.service_types import names
from gridmask.collectors.osg.times import moment
from gridmask.collectors.record import LEFT_OUT, NAME_LIMIT, STANDS, TEXT_LIMIT, WORD_LIMIT
from gridmask.collectors.severities import unknown_severities
from gridmask.collectors.xml import parse
from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gridmask.collectors.service_names import ServiceNames
    from gridmask.domain.element import ElementType

SEVERITIES = ("Outage", "Severe", "Intermittent Outage", "No Significant Outage Expected")
"""The severities that OSG declares, from most to least."""

CLASS_LIMIT = 32
"""The most characters that a class can sensibly have; OSG's are ``SCHEDULED`` and ``UNSCHEDULED``."""

SECTIONS = ("PastDowntimes", "CurrentDowntimes", "FutureDowntimes")
"""Where downtimes are listed."""

OPEN_FROM = 2100
"""An end in this year or later is OSG's way to write that there is none yet."""


def read(body: bytes, source: str, service_types: Mapping[str, ElementType] = {}) -> Announcement:
    """What the ``Downtimes`` document ``body`` announces.

    Args:
        body: the answer as it came.
        source: the source that the downtimes belong to.
        service_types: element types by OSG service name, which go before
            :data:`~gridmask.collectors.osg.service_types.SERVICE_TYPES`.

    Raises:
        MalformedAnswer: it is no such document. A record in it that cannot be read is a problem of the announcement instead.
    """
    root = OsgRecord(parse(body, "Downtimes", source), source)
    reading = _Reading(source, names(service_types))
    for entry in _entries(root):
        if isinstance(entry, MalformedAnswer):
            reading.lose(entry)
        else:
            reading.take(entry)
    return reading.announcement()


def _entries(root: OsgRecord) -> Iterator[OsgRecord | MalformedAnswer]:
    """Every downtime, and in place of what should not be there, what to say about it."""
    yield from root.strangers(*SECTIONS)
    for name in SECTIONS[1:]:
        if root.element.find(name) is None:
            yield root.malformed(f"has no {name}, where what is not over should be.")
    for section in root.element:
        if section.tag in SECTIONS:
            yield from OsgRecord(section, section.tag).strangers("Downtime")
            yield from OsgRecord(section, section.tag).children("Downtime", "Downtime")


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    source: str
    services: ServiceNames
    downtimes: dict[DowntimeKey, Downtime] = field(default_factory=dict)
    unreadable: set[DowntimeKey] = field(default_factory=set)
    conclusive: bool = True
    problems: list[str] = field(default_factory=list)

    def lose(self, error: MalformedAnswer) -> None:
        """Notes that something is listed of which cannot be told which downtime it is."""
        self.conclusive = False
        self.problems.append(f"{error} {LEFT_OUT}")

    def take(self, record: OsgRecord) -> None:
        """Reads one more record."""
        try:
            key = _key(record, self.source)
        except MalformedAnswer as error:
            self.lose(error)
        else:
            self.identified(record.called(f"{key.record} ({record.place})"), key)

    def identified(self, record: OsgRecord, key: DowntimeKey) -> None:
        """Reads the record of the downtime ``key``."""
        try:
            self.add(record, _downtime(record, key, self.services))
        except MalformedAnswer as error:
            self.downtimes.pop(key, None)
            self.unreadable.add(key)
            self.problems.append(f"{error} {STANDS}")

    def add(self, record: OsgRecord, downtime: Downtime) -> None:
        """Keeps ``downtime``, unless its key was listed before."""
        if downtime.key in self.unreadable:
            raise record.malformed("is listed several times, and not all of them can be read or agree.")
        known = self.downtimes.setdefault(downtime.key, downtime)
        if known is downtime:
            return
        if known != downtime:
            raise record.malformed("is listed several times, and they do not agree.")
        self.problems.append(f"{record.place}: is listed several times, all alike; taken once.")

    def announcement(self) -> Announcement:
        """All that was read."""
        return Announcement(
            self.downtimes,
            frozenset(self.unreadable),
            conclusive=self.conclusive,
            problems=(
                *self.problems,
                *self.services.problems(),
                *unknown_severities(self.downtimes.values(), SEVERITIES, "OSG"),
            ),
        )


def _key(record: OsgRecord, source: str) -> DowntimeKey:
    number, resource = record.required("ID"), record.required("ResourceName")
    if not re.fullmatch("[0-9]{1,20}", number):
        raise record.malformed(f"ID is {number!r}; it must be a number.")
    key = DowntimeKey(source, f"{number}@{resource}")
    if len(key.record) > NAME_LIMIT:
        raise record.malformed(f"ResourceName is {len(resource)} characters long, more than make sense.")
    return key


def _downtime(record: OsgRecord, key: DowntimeKey, services: ServiceNames) -> Downtime:
    return Downtime(
        key,
        _targets(record, services),
        _interval(record),
        severity=record.required("Severity", WORD_LIMIT),
        scheduling=record.text("Class", CLASS_LIMIT).upper() or "UNSCHEDULED",
        description=record.text("Description", TEXT_LIMIT),
        created_at=_created(record),
    )


def _targets(record: OsgRecord, services: ServiceNames) -> frozenset[ElementKey]:
    name = record.required("ResourceName")
    kinds = [
        services.type_of(service.required("Name", WORD_LIMIT)) for service in record.children("Services/Service", "Service")
    ]
    if not kinds:
        raise record.malformed("names no service.")
    return frozenset(ElementKey(kind.family, kind.name, name) for kind in kinds)


def _interval(record: OsgRecord) -> Interval:
    start, end = _moment(record, "StartTime"), _moment(record, "EndTime")
    if end < start:
        raise record.malformed(f"ends at {end:%Y-%m-%d %H:%M} UTC, before it starts at {start:%Y-%m-%d %H:%M} UTC.")
    return Interval(start, None if end.year >= OPEN_FROM else end)


def _moment(record: OsgRecord, path: str) -> datetime:
    try:
        return moment(record.required(path))
    except ValueError as error:
        raise record.malformed(f"{path} {error}.") from error


def _created(record: OsgRecord) -> datetime | None:
    """When it was created; most old records do not tell, and nothing depends on it."""
    try:
        return moment(record.text("CreatedTime"))
    except (ValueError, MalformedAnswer):
        return None

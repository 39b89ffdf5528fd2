"""GOCDB's announced outages as domain downtimes.

Two methods tell them: ``get_downtime_nested_services`` lists each downtime once, with its services in it;
``get_downtime`` lists it once for each service, all else repeated. Both are understood.

GOCDB tells neither when a downtime was modified nor that it was deleted. So one question is asked again and again: for all
downtimes that touch a window from yesterday to a year ahead. What was edited is in the answer as it is now, since both its old
and its new times touch the window, or else it is no longer anything that matters; what was deleted is missing from it. That
holds for whatever had not ended yesterday: what ended before is over, and that it is missing says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.collectors.gocdb.answer import records
from gridmask.collectors.gocdb.targets import targets
from gridmask.collectors.gocdb.times import created, interval
from gridmask.collectors.record import LEFT_OUT, STANDS, TEXT_LIMIT, WORD_LIMIT
from gridmask.collectors.severities import unknown_severities
from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gridmask.collectors.gocdb.record import GocdbRecord

METHOD = "get_downtime_nested_services"

SEVERITIES = ("OUTAGE", "WARNING")
"""The severities that GOCDB declares, from most to least."""

CLASS_LIMIT = 32
"""The most characters that a class can sensibly have; GOCDB's are ``SCHEDULED`` and ``UNSCHEDULED``."""

LOOK_BACK = timedelta(days=1)
LOOK_AHEAD = timedelta(days=365)

_TAG = "DOWNTIME"


def question(now: datetime, scope: str) -> dict[str, str]:
    """What to ask GOCDB for. Without a scope it would give those of its default scope only; an empty one is all."""
    return {
        "method": METHOD,
        "windowstart": f"{now - LOOK_BACK:%Y-%m-%d}",
        "windowend": f"{now + LOOK_AHEAD:%Y-%m-%d}",
        "scope": scope,
    }


def read(bodies: Sequence[bytes], source: str) -> Announcement:
    """What the pages ``bodies`` announce.

    Args:
        bodies: the answers as they came, in their order.
        source: the source that the downtimes belong to.

    Raises:
        MalformedAnswer: one of them is no page. A record in it that cannot be read is a problem of the announcement instead.
    """
    reading = _Reading(source)
    for entry in records(bodies, source, _TAG):
        if isinstance(entry, MalformedAnswer):
            reading.lose(entry)
        else:
            reading.take(entry)
    return reading.announcement()


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    source: str
    records: defaultdict[DowntimeKey, list[GocdbRecord]] = field(default_factory=lambda: defaultdict(list))
    conclusive: bool = True
    problems: list[str] = field(default_factory=list)

    def lose(self, error: MalformedAnswer) -> None:
        """Notes that something is listed of which cannot be told which downtime it is."""
        self.conclusive = False
        self.problems.append(f"{error} {LEFT_OUT}")

    def take(self, record: GocdbRecord) -> None:
        """Notes that ``record`` is about a certain downtime."""
        try:
            key = DowntimeKey(self.source, _identifier(record))
        except MalformedAnswer as error:
            self.lose(error)
        else:
            self.records[key].append(record.called(f"{key.record} ({record.place})"))

    def announcement(self) -> Announcement:
        """All that was read."""
        downtimes: dict[DowntimeKey, Downtime] = {}
        unreadable: set[DowntimeKey] = set()
        for key, about in self.records.items():
            try:
                downtimes[key] = _downtime(key, about)
            except MalformedAnswer as error:
                unreadable.add(key)
                self.problems.append(f"{error} {STANDS}")
        problems = (*self.problems, *unknown_severities(downtimes.values(), SEVERITIES, "GOCDB"))
        return Announcement(downtimes, frozenset(unreadable), conclusive=self.conclusive, problems=problems)


def _identifier(record: GocdbRecord) -> str:
    name = "PRIMARY_KEY" if record.whole("PRIMARY_KEY") else "ID"
    identifier = record.required(name)
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,63}", identifier):
        raise record.malformed(f"{name} is {identifier[:80]!r}; it must be an identifier such as '123G0'.")
    return identifier


def _downtime(key: DowntimeKey, about: Sequence[GocdbRecord]) -> Downtime:
    """The downtime that is told by all of the records ``about`` it."""
    told = {_version(key, record): record for record in about}
    first, *others = told
    nested = any(record.element.find("SERVICES") is not None for record in about)
    for other in others:
        if nested or replace(other, targets=first.targets) != first:
            raise told[other].malformed("is listed several times, and they do not agree.")
    return replace(first, targets=frozenset().union(*(version.targets for version in told)))


def _version(key: DowntimeKey, record: GocdbRecord) -> Downtime:
    return Downtime(
        key,
        targets(record),
        interval(record),
        severity=record.required("SEVERITY", WORD_LIMIT),
        scheduling=record.text("CLASSIFICATION", CLASS_LIMIT).upper() or "UNSCHEDULED",
        description=record.cut("DESCRIPTION", TEXT_LIMIT),
        url=record.link("GOCDB_PORTAL_URL"),
        created_at=created(record),
    )

"""Downtimes: those that are announced, and those that people declare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, overload

from gridmask_client.answer import Json, Tagged, Versioned, raw
from gridmask_client.call import Call, Listing, change, get, listing, unless
from gridmask_client.shapes import MOST, ElementId, ElementName, Moment, Said
from gridmask_client.shapes import elements as named

When = Literal["ongoing", "future", "pending", "past", "all"]
Severity = Literal["OUTAGE", "WARNING"]

_ROUTE = "/api/v1/downtimes"


class HostedService(Said, frozen=True):
    """A service on a host, as registries name it; empty: everything there."""

    host: str
    service: str


class Downtime(Said, frozen=True):
    """An announced outage. ``end`` None: without an announced end."""

    source: str
    record: str
    elements: tuple[ElementId, ...]
    hosts: tuple[HostedService, ...]
    start: Moment
    end: Moment | None
    severity: str
    scheduling: str
    description: str
    vo: str
    owner: str | None
    url: str | None
    created_at: Moment | None


class DowntimeVersion(Downtime, frozen=True):
    """A downtime as it was known for some time. ``known_to`` None: it still stands."""

    known_from: Moment
    known_to: Moment | None
    ended_by: str | None


class Downtimes(Said, frozen=True):
    """A page of downtimes."""

    downtimes: tuple[DowntimeVersion, ...]
    next: int | None


class DowntimeChanged(Said, frozen=True):
    """What became of a downtime. ``revision`` None: no status changed."""

    revision: int | None
    downtime: Downtime


def list(
    when: When = "pending",
    *,
    source: str | None = None,
    name: str | None = None,
    versions: bool = False,
    limit: int = MOST,
) -> Listing[Downtimes, DowntimeVersion]:
    """Downtimes, in the order in which they became known.

    Args:
        when: where now is relative to them; ``pending`` is ongoing or future.
        source: of this source; ``manual`` is what people declared.
        name: of an element that is down.
        versions: also what was edited or withdrawn since.
        limit: how many come in a page at most.
    """
    given = {"when": when, "source": source, "name": name, "versions": versions, "limit": limit}
    return listing(_ROUTE, Json(Downtimes), lambda page: page.downtimes, given, cursor="cursor")


def declare(
    description: str,
    *,
    elements: Iterable[str | ElementName] = (),
    sites: Iterable[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    severity: Severity = "OUTAGE",
    vo: str = "all",
) -> Call[DowntimeChanged]:
    """Declare an outage, which takes effect at once or at its start. No feed can remove it.

    Args:
        description: what is going on, for people.
        elements: what is down;
        sites: and sites, each with everything that is there now.
        start: now, unless told otherwise.
        end: None: until it is cancelled.
        severity: what it means for what is down.
        vo: for this VO alone; ``all`` is everyone.
    """
    body = {"elements": named(elements), "sites": [*sites], "start": start, "end": end, "severity": severity}
    return change(_ROUTE, Json(DowntimeChanged), {**body, "description": description, "vo": vo})


def cancel(record: str, reason: str) -> Call[DowntimeChanged]:
    """Cancel a downtime that was declared here. What sources announce, only they can withdraw."""
    given = {"reason": reason}
    return change(f"{_ROUTE}/{{record}}", Json(DowntimeChanged), query=given, method="DELETE", record=record)


@overload
def calendar(vo: str, *, site: str | None = None) -> Call[Versioned[bytes]]: ...
@overload
def calendar(vo: str, *, site: str | None = None, have: str) -> Call[Versioned[bytes] | None]: ...
def calendar(vo: str, *, site: str | None = None, have: str = "") -> Call[Any]:
    """The downtimes that concern a VO, as iCalendar.

    Args:
        vo: the VO, by its name or an alias, or ``all``.
        site: only what concerns this site and what is there.
        have: the entity tag of what you have; if that is what there is, the answer is None.
    """
    return unless(get(f"{_ROUTE}/{{vo}}.ics", Tagged(raw), {"site": site}, vo=vo), have)

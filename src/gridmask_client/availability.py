"""For how much of a period a VO could use things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gridmask_client.answer import Answer, Json
from gridmask_client.call import Listing, listing
from gridmask_client.shapes import MOST, Moment, Said

By = Literal["total", "month", "day"]
Per = Literal["element", "status-type", "site"]

_ROUTE = "/api/v1/availability/{vo}"


class Tally(Said, frozen=True):
    """How a period was spent, in seconds; the five add up to its length."""

    start: Moment
    end: Moment
    usable: float
    excused: float
    unexcused: float
    unknown: float
    absent: float
    availability: float | None
    reliability: float | None


class Line(Said, frozen=True):
    """How an element fared, or, where it names none, a site."""

    family: str | None
    type: str | None
    name: str | None
    site: str
    status_type: str | None
    unsure: bool
    periods: tuple[Tally, ...]


class Availability(Said, frozen=True):
    """A page of a report."""

    vo: str
    start: Moment
    end: Moment
    by: str
    per: str
    lines: tuple[Line, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Csv:
    """A page of a report as CSV, which begins with a heading."""

    text: bytes
    next: int | None


def report(
    vo: str,
    start: datetime | date,
    end: datetime | date | None = None,
    *,
    by: By = "total",
    per: Per = "element",
    family: str | None = None,
    type: str | None = None,
    name: str | None = None,
    site: str | None = None,
    status_type: str | None = None,
    limit: int = MOST,
) -> Listing[Availability, Line]:
    """For how much of the time a VO could use things, and what was excused of the rest.

    Args:
        vo: the VO, by its name or an alias, or ``all``; also one that left.
        start: from when on. A day is its beginning in UTC.
        end: up to when, not including it; else up to now.
        by: by which parts of the period.
        per: of what there is a line.
        family: elements of this family,
        type: of this type,
        name: called so,
        site: of this site.
        status_type: by this aspect alone.
        limit: how many elements come in a page at most.
    """
    when = {"from": start, "to": end, "by": by, "per": per, "limit": limit}
    where = {"family": family, "type": type, "name": name, "site": site, "status_type": status_type}
    return listing(_ROUTE, Json(Availability), lambda page: page.lines, {**when, **where}, cursor="cursor", vo=vo)


def csv(of: Listing[Availability, Line]) -> Listing[Csv, bytes]:
    """The same report as CSV; ``each`` gives the text of each page."""
    asked = (*of.query, ("format", "csv"))
    return Listing(of.method, of.route, of.path, _csv, asked, cursor=of.cursor, items=lambda page: (page.text,))


def _csv(answer: Answer) -> Csv:
    return Csv(answer.body, answer.number("gridmask-next"))

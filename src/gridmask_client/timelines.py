"""Timelines: what a VO saw of elements, from when to when."""

from __future__ import annotations

from datetime import date, datetime

from gridmask_client.answer import Json
from gridmask_client.call import Listing, listing
from gridmask_client.shapes import ElementId, Moment, Reason, Said


class Stretch(Said, frozen=True):
    """What a VO saw for a while. ``status`` None: its mask did not show it; ``absence`` says why."""

    start: Moment
    end: Moment
    status: str | None
    absence: str | None
    row: str | None
    binding: bool
    owner: str | None
    reasons: tuple[Reason, ...]
    kind: str | None
    actor: str | None
    revision: int


class Timeline(ElementId, frozen=True):
    """What a VO saw of one aspect of an element: stretches in order, without a gap."""

    status_type: str
    stretches: tuple[Stretch, ...]


class Timelines(Said, frozen=True):
    """A page of timelines."""

    vo: str
    start: Moment
    end: Moment
    timelines: tuple[Timeline, ...]
    next: int | None


def list(
    vo: str,
    start: datetime | date | None = None,
    end: datetime | date | None = None,
    *,
    family: str | None = None,
    type: str | None = None,
    name: str | None = None,
    site: str | None = None,
    status_type: str | None = None,
    limit: int = 100,
) -> Listing[Timelines, Timeline]:
    """What a VO's mask said of each element for which every filter holds.

    Args:
        vo: the VO, by its name or an alias, or ``all``; also one that left.
        start: from when on; else for the seven days before ``end``. A day is its beginning in UTC.
        end: up to when; else up to now.
        family: elements of this family,
        type: of this type,
        name: called so,
        site: of this site.
        status_type: this aspect alone.
        limit: how many elements come in a page at most.
    """
    given = {"from": start, "to": end, "limit": limit}
    where = {"family": family, "type": type, "name": name, "site": site, "status_type": status_type}
    route = "/api/v1/timelines/{vo}"
    return listing(route, Json(Timelines), lambda page: page.timelines, {**given, **where}, cursor="cursor", vo=vo)

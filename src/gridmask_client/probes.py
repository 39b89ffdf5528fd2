"""Probes: what Gridmask looks at itself, and whether what it finds there is believed."""

from __future__ import annotations

from datetime import datetime

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, listing
from gridmask_client.shapes import Moment, Said

_ROUTE = "/api/v1/probes"


class Probe(Said, frozen=True):
    """A probe, and how it fares; ``failure``: why what it finds does not count."""

    name: str
    kind: str
    targets: int
    state: str
    answered_at: Moment | None
    failure: str | None
    failing_since: Moment | None
    problems: tuple[str, ...]


class Belief(Said, frozen=True):
    """That a person says that the failures are real, however many hosts fail."""

    since: Moment
    until: Moment
    actor: str
    reason: str


class Probes(Said, frozen=True):
    """All probes, the process that makes them (None: none does), and what a person says of their failures (None: nothing)."""

    probes: tuple[Probe, ...]
    made_by: str | None
    belief: Belief | None


def list() -> Listing[Probes, Probe]:
    """All probes that are configured."""
    return listing(_ROUTE, Json(Probes), lambda page: page.probes)


def believe(until: datetime, reason: str) -> Call[Belief]:
    """Have their failures believed until then, also those that were not, however many hosts fail. For administrators."""
    return change(f"{_ROUTE}/believe", Json(Belief), {"until": until, "reason": reason})


def doubt(reason: str) -> Call[Belief]:
    """Have failures doubted again, where too many hosts begin to fail at once. What was said before, with its end."""
    return change(f"{_ROUTE}/doubt", Json(Belief), {"reason": reason})

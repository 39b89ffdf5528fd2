"""Actuators: what other systems have that the mask does not say, and what is done about it."""

from __future__ import annotations

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, get, listing
from gridmask_client.shapes import Moment, Said

_ROUTE = "/api/v1/actuators"


class Actuator(Said, frozen=True):
    """An actuator, and how it fares. ``state``: ``good``, ``drifting``, ``failing``, or ``new``."""

    name: str
    kind: str
    vo: str
    dry_run: bool
    state: str
    things: int
    in_line: int
    held: int
    revision: int
    compared_at: Moment | None
    changed_at: Moment | None
    problem: str | None
    problem_since: Moment | None


class Actuators(Said, frozen=True):
    """All actuators."""

    actuators: tuple[Actuator, ...]


class Drift(Said, frozen=True):
    """A thing that is not what the mask says: what it is, and should be, in the aspects that differ."""

    thing: str
    state: str
    found: dict[str, bool | str]
    wished: dict[str, bool | str]
    since: Moment
    touched_by: str | None
    written_at: Moment | None
    detail: str


class Report(Said, frozen=True):
    """An actuator, and all that is not as it should be."""

    actuator: Actuator
    drift: tuple[Drift, ...]


def list() -> Listing[Actuators, Actuator]:
    """How many things of other systems are as the mask says."""
    return listing(_ROUTE, Json(Actuators), lambda page: page.actuators)


def drift(name: str) -> Call[Report]:
    """What the actuator found when it last looked, with what should be there."""
    return get(f"{_ROUTE}/{{name}}/drift", Json(Report), name=name)


def plan(name: str) -> Call[Report]:
    """What would be done now. The other system is read for that, and nothing is written."""
    return get(f"{_ROUTE}/{{name}}/plan", Json(Report), name=name)


def run(name: str, reason: str, *, everything: bool = False) -> Call[Report]:
    """Have done now what is to be done; with ``everything``, also what is held. What is left then."""
    return change(f"{_ROUTE}/{{name}}/run", Json(Report), {"all": everything, "reason": reason}, name=name)

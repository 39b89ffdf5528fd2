"""Actions: what tells the outside, and what it could not tell."""

from __future__ import annotations

from collections.abc import Iterable

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, listing
from gridmask_client.shapes import Moment, Said

_ROUTE = "/api/v1/actions"


class Action(Said, frozen=True):
    """An action, and how it fares. ``state``: ``good``, ``failing``, or ``gone`` from the settings."""

    name: str
    kind: str
    state: str
    since: Moment
    told_at: Moment | None
    waiting: int
    oldest_at: Moment | None
    failing: str | None
    attempts: int
    next_at: Moment | None
    dead: int


class Actions(Said, frozen=True):
    """All actions; last, those that are gone."""

    actions: tuple[Action, ...]


class Failure(Said, frozen=True):
    """Something that an action could not tell. ``state``: ``waiting``, ``recalled`` or ``dead``; ``failure``: why."""

    action: str
    key: str
    about: str
    made_at: Moment
    state: str
    attempts: int
    first_failed_at: Moment
    failed_at: Moment
    next_at: Moment | None
    trouble: str
    failure: str


class Failures(Said, frozen=True):
    """What could not be told, by action, the oldest first."""

    failures: tuple[Failure, ...]


class Letters(Said, frozen=True):
    """What was decided about."""

    keys: tuple[str, ...]


def list() -> Listing[Actions, Action]:
    """How far each action is, and whether it fails."""
    return listing(_ROUTE, Json(Actions), lambda page: page.actions)


def failed(action: str | None = None) -> Listing[Failures, Failure]:
    """What is waited for, and what is not tried any more; of one action, or of all."""
    return listing(f"{_ROUTE}/failed", Json(Failures), lambda page: page.failures, {"action": action})


def retry(action: str, reason: str, keys: Iterable[str] | None = None) -> Call[Letters]:
    """Have it tried again at once what an action could not tell. ``keys``: these failures alone; else all."""
    return _decide("retry", action, reason, keys)


def drop(action: str, reason: str, keys: Iterable[str] | None = None) -> Call[Letters]:
    """Give up on what an action could not tell. ``keys``: these failures alone; else all."""
    return _decide("drop", action, reason, keys)


def _decide(deed: str, action: str, reason: str, keys: Iterable[str] | None) -> Call[Letters]:
    body = {"action": action, "keys": None if keys is None else [*keys], "reason": reason}
    return change(f"{_ROUTE}/{deed}", Json(Letters), body)

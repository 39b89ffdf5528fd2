"""Sources: what Gridmask reads, and how each fares."""

from __future__ import annotations

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, get, listing
from gridmask_client.shapes import Moment, Said

_ROUTE = "/api/v1/sources"
_QUARANTINE = f"{_ROUTE}/{{name}}/quarantine"


class Held(Said, frozen=True):
    """An answer that would change too much, and that waits for a person, or that one ``dropped``."""

    state: str
    since: Moment
    url: str
    fetched_at: Moment
    elapsed: float
    sha256: str
    size: int
    repeated_at: Moment
    times: int
    problem: str
    added: int
    changed: int
    removed: int
    decided_at: Moment | None
    decided_by: str | None
    reason: str | None


class Item(Said, frozen=True):
    """Something that such an answer would ``add``, ``change`` or ``remove``."""

    deed: str
    name: str
    before: str | None
    after: str | None


class HeldAnswer(Held, frozen=True):
    """Such an answer, with what it would change: the first ``items``, and how many are ``untold``."""

    source: str
    items: tuple[Item, ...]
    untold: int


class Source(Said, frozen=True):
    """A source, and how it fares. ``evidence`` None: an inventory; ``state``: good, failing, quarantined, stale, never."""

    name: str
    kind: str
    evidence: str | None
    url: str
    inventories: tuple[str, ...]
    state: str
    attempted_at: Moment | None
    next_at: Moment | None
    answered_at: Moment | None
    age: float | None
    between: float | None
    elapsed: float | None
    valid_until: Moment | None
    failures: int
    failure: str | None
    failing_since: Moment | None
    failed_at: Moment | None
    last_failure: str | None
    problems: tuple[str, ...]
    records: int
    in_force: int
    etag: str | None
    last_modified: str | None
    sha256: str | None
    size: int | None
    quarantine: Held | None


class Sources(Said, frozen=True):
    """All sources."""

    sources: tuple[Source, ...]


class Report(Said, frozen=True):
    """How reading a source went."""

    source: str
    unchanged: bool
    records: int
    added: int
    edited: int
    removed: int
    problems: tuple[str, ...]
    revision: int | None


def list() -> Listing[Sources, Source]:
    """All sources that are configured."""
    return listing(_ROUTE, Json(Sources), lambda page: page.sources)


def sync(name: str, *, force: bool = False) -> Call[Report]:
    """Read a source now. ``force``: even if that takes out more than its share. ``SourceFailed``: it gave no usable answer."""
    return change(f"{_ROUTE}/{{name}}/sync", Json(Report), query={"force": force}, name=name)


def quarantine(name: str) -> Call[HeldAnswer]:
    """The answer of a source that would change too much, with what it would change; the one before stays in force."""
    return get(_QUARANTINE, Json(HeldAnswer), name=name)


def accept(name: str, sha256: str, reason: str) -> Call[Report]:
    """Take in exactly this answer, whatever it takes back; not what the source says by now."""
    return change(f"{_QUARANTINE}/accept", Json(Report), {"sha256": sha256, "reason": reason}, name=name)


def drop(name: str, sha256: str, reason: str) -> Call[HeldAnswer]:
    """It waits for nobody any more, as long as the source says what would change the same."""
    return change(f"{_QUARANTINE}/drop", Json(HeldAnswer), {"sha256": sha256, "reason": reason}, name=name)

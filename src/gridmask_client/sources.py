"""Sources: what Gridmask reads, and how each fares."""

from __future__ import annotations

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, listing
from gridmask_client.shapes import Moment, Said

_ROUTE = "/api/v1/sources"


class Source(Said, frozen=True):
    """A source, and how it fares. ``evidence`` None: it is an inventory; ``state``: good, failing, stale or never."""

    name: str
    kind: str
    evidence: str | None
    url: str
    inventories: tuple[str, ...]
    state: str
    attempted_at: Moment | None
    answered_at: Moment | None
    age: float | None
    valid_until: Moment | None
    failures: int
    failure: str | None
    problems: tuple[str, ...]
    records: int
    etag: str | None
    last_modified: str | None
    sha256: str | None
    size: int | None


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

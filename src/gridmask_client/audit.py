"""Who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gridmask_client.answer import Json
from gridmask_client.call import Listing, listing
from gridmask_client.shapes import ElementId, Moment, Said


class AuditChange(ElementId, frozen=True):
    """A change of a row; without a ``status_type``, of an element as such."""

    status_type: str
    vo: str
    kind: str
    old: str | None
    new: str | None


class AuditEntry(Said, frozen=True):
    """Something that somebody did; ``changes`` are the first of all that ``changed`` counts."""

    id: int
    at: Moment
    actor: str
    actor_kind: str
    issuer: str
    address: str
    request: str
    action: str
    comment: str
    vos: tuple[str, ...]
    revision: int | None
    details: dict[str, Any] | None
    changed: int
    changes: tuple[AuditChange, ...]


class Audit(Said, frozen=True):
    """A page of entries, the last first."""

    entries: tuple[AuditEntry, ...]
    next: int | None


def list(
    *,
    vo: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    request: str | None = None,
    limit: int = 100,
) -> Listing[Audit, AuditEntry]:
    """What concerned a VO, for who operates it; without ``vo`` everything, for administrators. ``limit``: of a page."""
    given = {
        "vo": vo,
        "actor": actor,
        "action": action,
        "since": since,
        "until": until,
        "request": request,
        "limit": limit,
    }
    return listing("/api/v1/audit", Json(Audit), lambda page: page.entries, given, cursor="before")

"""``/api/v1/audit``: who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from gridmask.api.dependencies import By, Here, WordFilter
from gridmask.api.models import ElementId, Moment, Said, StatusName
from gridmask.domain.status import Status
from gridmask.service.audit import MOST_ENTRIES
from gridmask.store.audit import MOST_CHANGES, Record, Wanted

if TYPE_CHECKING:
    from sqlalchemy import Row

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


class AuditChange(ElementId):
    """A change of a row, or of an element as such."""

    status_type: str = Field(description="Empty: the element as such.")
    vo: str
    kind: str
    old: StatusName | None
    new: StatusName | None


class AuditEntry(Said):
    """Something that somebody did."""

    id: int
    at: Moment
    actor: str
    actor_kind: str
    issuer: str = Field(description="Who vouched for the actor; empty: nobody had to.")
    address: str = Field(description="Whence it was asked for; empty: from the server's own machine.")
    request: str = Field(description="The identifier of the request, as in the header `X-Request-Id`.")
    action: str
    comment: str = Field(description="Why, as the actor had it.")
    vos: list[str] = Field(description="The VOs that it concerned; `all`: the installation.")
    revision: int | None = Field(description="The revision that it made; null: no status changed.")
    details: dict[str, Any] | None = Field(description="What no change of a row tells: before, and after.")
    changed: int = Field(description="How many rows and elements changed.")
    changes: list[AuditChange] = Field(description=f"The first {MOST_CHANGES} of them.")


class AuditSaid(Said):
    """Entries, the last first."""

    entries: list[AuditEntry]
    next: int | None = Field(description="`before` of the entries that come after these; null: there are none.")


@router.get("", summary="Look who did what")
async def list_audit(
    gridmask: Here,
    by: By,
    vo: WordFilter = None,
    actor: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
    action: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    since: Annotated[Moment | None, Query(description="Only what was done then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Only what was done before.")] = None,
    request: Annotated[str | None, Query(min_length=1, max_length=64, description="Only what this request did.")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the answer before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES, description="How many entries to list at most.")] = 100,
) -> AuditSaid:
    """What concerned a VO, for who operates it; without `vo`, everything, for administrators."""
    found = await gridmask.audit.list(by, Wanted(vo, actor, action, since, until, before, request), limit)
    return AuditSaid(entries=[_said(record) for record in found], next=found[-1].id if len(found) == limit else None)


def _said(record: Record) -> AuditEntry:
    members = AuditEntry.model_fields.keys() - {"changes", "vos"}
    told = {name: getattr(record, name) for name in members}
    return AuditEntry(**told, vos=list(record.vos), changes=[_change(change) for change in record.changes])


def _change(change: Row[Any]) -> AuditChange:
    old, new = (None if value is None else Status(value) for value in (change.old, change.new))
    identity = {name: getattr(change, name) for name in ("family", "type", "name", "status_type", "vo", "kind")}
    return AuditChange(**identity, old=old, new=new)

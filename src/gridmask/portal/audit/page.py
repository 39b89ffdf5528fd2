"""``/audit``: who did what, for those who answer for a VO or for all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.element import ElementKey
from gridmask.domain.rights import Action
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.moments import LONGEST, field, moment
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import AUDIT
from gridmask.portal.frame.sheets import sheet
from gridmask.store.audit import Record, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from gridmask.bootstrap import Installation

router = APIRouter(include_in_schema=False, tags=[TAG])

AT_ONCE = 50
"""So many entries are on a page."""

Kind = Literal["", "person", "service", "automation"]
Text = Annotated[str, Query(max_length=128)]
Moment = Annotated[str, Query(max_length=LONGEST)]

COLUMNS = ("id", "at", "actor", "actor_kind", "issuer", "address", "request", "action", "comment", "vos", "revision", "changed")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries to show. Empty: all."""

    vo: str = ""
    actor: str = ""
    kind: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    request: str = ""

    @property
    def filled(self) -> bool:
        """Whether anything but a VO is filtered by."""
        return any((self.actor, self.kind, self.action, self.since, self.until, self.request))

    def wanted(self, before: int | None) -> Wanted:
        """What they ask for.

        Raises:
            InvalidRequest: a moment is none.
        """
        said = {"actor": self.actor, "action": self.action, "request": self.request, "actor_kind": self.kind, "vo": self.vo}
        texts: dict[str, Any] = {name: value.strip() or None for name, value in said.items()}
        return Wanted(since=moment(self.since), until=moment(self.until), before=before, **texts)

    def address(self, **other: str) -> str:
        """The page with these, but for what is given."""
        return addresses.asking("/audit", {**self._told(), **other})

    def _told(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("vo", "actor", "kind", "action", "since", "until", "request")}


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed of a row, or of an element as such."""

    said: sa.Row[Any]

    @property
    def element(self) -> ElementKey:
        """Whose row it is."""
        return ElementKey(self.said.family, self.said.type, self.said.name)

    @property
    def old(self) -> Status | None:
        """What it was; None: it was not there."""
        return None if self.said.old is None else Status(self.said.old)

    @property
    def new(self) -> Status | None:
        """What it became; None: it is not there any more."""
        return None if self.said.new is None else Status(self.said.new)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with the first of what it changed. ``details``: what no row tells, as people read it."""

    record: Record
    changes: list[Change]
    details: list[tuple[str, str]]


@router.api_route("/audit", methods=["GET", "HEAD"])
async def audit(  # noqa: PLR0913, PLR0917 - each is a filter in the address
    request: Request,
    vo: Text = "",
    actor: Text = "",
    kind: Kind = "",
    action: Text = "",
    since: Moment = "",
    until: Moment = "",
    request_: Annotated[str, Query(alias="request", max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    format: Literal["", "csv"] = "",  # noqa: A002 - its name in the URL
) -> Response:
    """The page; or what is on it, as CSV."""
    gridmask: Installation = request.app.state.installation
    filters = Filters(vo, actor, kind, action, since, until, request_)
    reader = reader_of(request)

    async def found() -> list[Record]:
        return await gridmask.audit.list(reader.actor, filters.wanted(before), AT_ONCE)

    if format == "csv":
        return sheet(f"audit-{vo or 'everything'}", COLUMNS, map(_row, await found()))

    async def make() -> pages.Page:
        records = await found()
        called = await gridmask.vos.resolve_ever(vo) if vo else None
        about = {
            "vo": called,
            "filters": filters,
            "entries": list(map(_entry, records)),
            "following": records[-1].id if len(records) == AT_ONCE else None,
            "begins": before is None,
            "fields": {"since": field(moment(since)), "until": field(moment(until))},
            "audited": {one for record in records for one in record.vos if reader.actor.may(Action.READ_AUDIT, one)},
            "everything": reader.actor.may(Action.READ_AUDIT, ALL),
            "csv": filters.address(format="csv", before=str(before or "")),
        }
        return await pages.made("audit/audit.html", {**about, **await around(gridmask, reader, AUDIT, called)})

    return await pages.answer(request, make)


def _entry(record: Record) -> Entry:
    return Entry(record, [Change(change) for change in record.changes], _details(record.details or {}))


def _details(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value if isinstance(value, str) else json.dumps(value, default=str, indent=1)) for name, value in told.items()
    ]


def _row(record: Record) -> list[object]:
    return [" ".join(record.vos) if name == "vos" else getattr(record, name) for name in COLUMNS]

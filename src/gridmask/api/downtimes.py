"""``/api/v1/downtimes``: those that are announced, and those that people declare here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from gridmask.api.dependencies import By, Cursor, Here, Limit, NameFilter, WordFilter
from gridmask.api.models import Asked, ElementAsked, ElementId, Moment, Name, Prose, Said, Some, Word
from gridmask.domain.element import ElementKey
from gridmask.domain.naming import HostedService
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.service.downtimes import Declaration, When
from gridmask.service.selection import ElementName

if TYPE_CHECKING:
    from gridmask.domain.downtime import Downtime
    from gridmask.store.downtimes import Version

router = APIRouter(prefix="/api/v1/downtimes", tags=["downtimes"])


class HostedServiceId(Said):
    """A service on a host, as registries name it."""

    host: str = Field(examples=["se01.example.org"])
    service: str = Field(description="Empty: everything on that host.", examples=["webdav"])


class DowntimeSaid(Said):
    """An announced outage."""

    source: str = Field(description="Who announced it; `manual` is people, here.")
    record: str = Field(description="Which record it is there.")
    elements: list[ElementId] = Field(description="What is down, whether or not the inventory has it.")
    hosts: list[HostedServiceId] = Field(
        description="Services on hosts that are down, by whatever name the inventory has them."
    )
    start: Moment
    end: Moment | None = Field(description="Null: without an announced end.")
    severity: str = Field(description="As published.")
    scheduling: str
    description: str
    vo: str = Field(description="For whom; `all` is everyone.")
    owner: Some
    url: Some
    created_at: Moment | None = Field(description="When its author says that it was created.")


class VersionSaid(DowntimeSaid):
    """A downtime as it was known for some time."""

    known_from: Moment
    known_to: Moment | None = Field(description="Null: it still stands.")
    ended_by: str | None = Field(description="`edit` or `withdrawal`, if it does not stand any more.")


class DowntimesSaid(Said):
    """Part of the downtimes."""

    downtimes: list[VersionSaid]
    next: int | None = Field(description="The `cursor` that asks for what comes after; null: that was all.")


class DeclarationAsked(Asked):
    """A downtime to be declared, of some elements, and of some sites with all that is there."""

    elements: list[ElementAsked] = Field([], max_length=1000)
    sites: list[Name] = Field([], max_length=1000)
    start: Moment | None = Field(None, description="Now, unless told otherwise.")
    end: Moment | None = Field(None, description="Null: until cancelled.")
    severity: Literal["OUTAGE", "WARNING"] = "OUTAGE"
    description: Prose
    vo: Word = ALL


class DowntimeChanged(Said):
    """What became of a downtime."""

    revision: int | None = Field(description="The revision that was made; null: no status changed.")
    downtime: DowntimeSaid


@router.get("", summary="List downtimes")
async def list_downtimes(
    gridmask: Here,
    by: By,
    when: Annotated[When, Query(description="Where now is relative to them; `pending` is ongoing or future.")] = When.PENDING,
    source: WordFilter = None,
    name: Annotated[NameFilter, Query(description="The name of an element that is down.")] = None,
    versions: Annotated[bool, Query(description="Also what was edited or withdrawn since.")] = False,
    cursor: Cursor = 0,
    limit: Limit = 100,
) -> DowntimesSaid:
    """The downtimes for which every filter holds, in the order in which they became known.

    Those that are for everyone, and those that are for a VO about which the reader may read; none of what is offered to others
    alone. So an answer may have fewer than `limit`, and still not be the last; only `next` tells.
    """
    vos = None if by.may(Action.READ, ALL) else {grant.vo for grant in by.grants if by.may(Action.READ, grant.vo)}
    found = await gridmask.downtimes.list(
        when, source=source, name=name, versions=versions, vos=vos, cursor=cursor, limit=limit
    )
    told = found if vos is None else await gridmask.downtimes.told_to(vos, found)
    return DowntimesSaid(downtimes=list(map(version_said, told)), next=found[-1].number if len(found) == limit else None)


@router.post("", status_code=201, summary="Declare a downtime")
async def declare_downtime(asked: DeclarationAsked, gridmask: Here, by: By, response: Response) -> DowntimeChanged:
    """Declare an outage, which takes effect at once or at its start. No feed can remove it."""
    declaration = Declaration(
        tuple(ElementName(element.name, element.type, element.family) for element in asked.elements),
        asked.start or gridmask.clock(),
        asked.end,
        asked.severity,
        asked.description,
        asked.vo,
        tuple(asked.sites),
    )
    outcome, downtime = await gridmask.downtimes.add(by, declaration)
    response.headers["Location"] = f"{router.prefix}/{downtime.key.record}"
    return DowntimeChanged(revision=outcome.revision, downtime=DowntimeSaid(**members(downtime)))


@router.delete("/{record}", summary="Cancel a downtime")
async def cancel_downtime(
    record: Annotated[str, Path(max_length=255)],
    reason: Annotated[str, Query(min_length=1, max_length=4000)],
    gridmask: Here,
    by: By,
) -> DowntimeChanged:
    """Cancel a downtime that was declared here. What sources announce, only they can withdraw."""
    outcome, downtime = await gridmask.downtimes.cancel(by, record, reason)
    return DowntimeChanged(revision=outcome.revision, downtime=DowntimeSaid(**members(downtime)))


def version_said(version: Version) -> VersionSaid:
    """A downtime as the API says it, with when it was known."""
    known = {"known_from": version.known_from, "known_to": version.known_to, "ended_by": version.ended_by}
    return VersionSaid(**members(version.downtime), **known)


def members(downtime: Downtime) -> dict[str, object]:
    """What the API says about a downtime, by name."""
    elements = sorted(target for target in downtime.targets if isinstance(target, ElementKey))
    hosts = sorted(target for target in downtime.targets if isinstance(target, HostedService))
    return {
        "source": downtime.key.source,
        "record": downtime.key.record,
        "elements": [ElementId(**target._asdict()) for target in elements],
        "hosts": [HostedServiceId(**target._asdict()) for target in hosts],
        "start": downtime.interval.start,
        "end": downtime.interval.end,
        "severity": downtime.severity,
        "scheduling": downtime.scheduling,
        "description": downtime.description,
        "vo": downtime.vo,
        "owner": downtime.owner,
        "url": downtime.url,
        "created_at": downtime.created_at,
    }

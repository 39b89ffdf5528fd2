"""``/api/v1/statuses/review``: the bans that somebody should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gridmask.api.dependencies import Here, WordFilter
from gridmask.api.models import ElementId, Moment, Reason, Said, StatusName
from gridmask.service.review import Doubt

if TYPE_CHECKING:
    from gridmask.service.review import Ban

router = APIRouter(prefix="/api/v1/statuses/review", tags=["statuses"])


class BanSaid(ElementId):
    """A row that is banned, or that a person restricted."""

    status_type: str
    vo: str
    status: StatusName
    since: Moment
    opinion: StatusName = Field(description="What automation would make it.")
    owner: str = Field(description="Who answers for it: a person, or the policies that decide.")
    review_at: Moment | None = Field(description="When to look at it again; null: when something is learnt.")
    doubts: list[Doubt] = Field(description="Why to look at it now.")
    reasons: list[Reason]


class BansSaid(Said):
    """Bans; those whose review is due first come first."""

    bans: list[BanSaid]


@router.get("", summary="List bans to look at")
async def review_statuses(
    gridmask: Here,
    vo: WordFilter = None,
    every: Annotated[bool, Query(alias="all", description="Also those that nothing is wrong with.")] = False,
) -> BansSaid:
    """The bans whose evidence is gone, that automation would end and may not, or whose review is due."""
    return bans_said(await gridmask.reviews.bans(vo, every=every))


def bans_said(bans: list[Ban]) -> BansSaid:
    """Bans as the API says them."""
    return BansSaid(bans=[_ban(ban) for ban in bans])


def _ban(ban: Ban) -> BanSaid:
    row = ban.row
    return BanSaid(
        **row.key.element._asdict(),
        status_type=row.key.status_type,
        vo=row.key.vo,
        status=row.status,
        since=row.standing.since,
        opinion=row.opinion,
        owner=ban.owner,
        review_at=ban.review_at,
        doubts=list(ban.doubts),
        reasons=list(map(Reason.model_validate, row.reasons)),
    )

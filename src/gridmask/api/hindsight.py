"""``/api/v1/masks/{vo}/hindsight``: what a VO was served at a past moment, beside what it should have been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from gridmask.api.dependencies import Here
from gridmask.api.models import ElementId, Moment, Reason, Said, StatusName
from gridmask.domain.decision import combine
from gridmask.domain.hindsight import Divergence, Whose, Why

if TYPE_CHECKING:
    from gridmask.domain.hindsight import Hindsight, Judged

router = APIRouter(prefix="/api/v1/masks", tags=["masks"])


class RowJudged(ElementId):
    """A row as it was served, and as it should have been."""

    site: str
    status_type: str
    served: StatusName = Field(description="What was served.")
    status: StatusName = Field(description="What it should have been, people's decisions and debts being as they were.")
    asked: StatusName = Field(description="What the policies ask for, whatever people decided and the row owed.")
    by: list[str] = Field(description="The policies that ask for it.")
    divergence: Divergence | None = Field(
        description="`missed`: it was usable and should not have been; `lost`: the reverse; `other`: as usable, with another "
        "status; null: it was served as it should have been."
    )
    why: Why | None = Field(description="Why it was served otherwise; null: it was not.")
    learnt_at: Moment | None = Field(
        description="When the downtime became known, or was taken back, that makes the difference."
    )
    owner: str | None = Field(description="Whose the row was, if a person's.")
    reasons: list[Reason] = Field(description="Why it should have been so.")


class HindsightSaid(Said):
    """A VO's mask at a moment, judged again."""

    vo: str
    at: Moment
    known: Moment = Field(description="What was known when, counts.")
    revision: int = Field(description="The last revision that had been made at the moment.")
    policies: str = Field(description="The revision of the policies that judge.")
    missed: int = Field(description="How many rows differ so, listed or not; likewise those below.")
    lost: int
    other: int
    rows: list[RowJudged] = Field(description="In the order of masks.")
    unsure: list[ElementId] = Field(description="Elements that were edited since, and are taken as they are described now.")


@router.get("/{vo}/hindsight", summary="Tell what a mask of the past should have been", response_model=HindsightSaid)
async def judge_mask(
    gridmask: Here,
    vo: Annotated[str, Path(min_length=1, max_length=255)],
    at: Annotated[Moment, Query(description="The moment in the past.")],
    known: Annotated[Moment | None, Query(description="Judge by what was known then. Else: by what is known now.")] = None,
    policies: Annotated[Whose, Query(description="By the policies of `then`, or of `now`.")] = Whose.THEN,
    differences: Annotated[bool, Query(description="Only the rows that were served otherwise.")] = False,
) -> Response:
    """Each row of the VO's mask at a moment, as it was served, and as it should have been by what became known since."""
    found = await gridmask.hindsights.look(vo, at, known, policies)
    # thousands of rows: whoever else asks need not wait for that
    return Response(await to_thread.run_sync(_written, found, differences), media_type="application/json")


def _written(hindsight: Hindsight, differences: bool) -> bytes:
    return said(hindsight, differences=differences).model_dump_json().encode()


def said(hindsight: Hindsight, *, differences: bool = False) -> HindsightSaid:
    """``hindsight`` as the API says it."""
    shown = hindsight.differences() if differences else hindsight
    return HindsightSaid(
        vo=hindsight.vo,
        at=hindsight.at,
        known=hindsight.known,
        revision=hindsight.revision,
        policies=hindsight.policies,
        missed=hindsight.of(Divergence.MISSED),
        lost=hindsight.of(Divergence.LOST),
        other=hindsight.of(Divergence.OTHER),
        rows=list(map(_row, shown.rows)),
        unsure=[ElementId.model_validate(key) for key in sorted(hindsight.unsure)],
    )


def _row(judged: Judged) -> RowJudged:
    served, after = judged.served, judged.after
    asked = combine(after.verdicts)
    return RowJudged(
        **judged.key.element._asdict(),
        site=judged.site,
        status_type=judged.key.status_type,
        served=served.status,
        status=after.status,
        asked=asked.status,
        by=[verdict.policy for verdict in asked.winners],
        divergence=judged.divergence,
        why=judged.why,
        learnt_at=judged.learnt_at,
        owner=served.token.owner if served.token is not None else None,
        reasons=list(map(Reason.model_validate, after.reasons)),
    )

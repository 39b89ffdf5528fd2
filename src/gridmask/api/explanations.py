"""``/api/v1/statuses/why`` and ``/history``: why rows are what they are, and what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from gridmask.api.dependencies import FamilyFilter, Here, Limit, WordFilter
from gridmask.api.models import Moment, Reason, Said, StatusName, Token
from gridmask.api.statuses import RowSaid, members
from gridmask.domain.automation import Mode
from gridmask.domain.mask import Absence
from gridmask.domain.outlook import WayKind
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.service.selection import ElementName, RowName

if TYPE_CHECKING:
    from gridmask.service.statuses import Explanation

router = APIRouter(prefix="/api/v1/statuses", tags=["statuses"])

Named = Annotated[str, Query(min_length=1, max_length=255)]


class VerdictSaid(Said):
    """What one policy says about the row."""

    policy: str
    layer: str = Field(description="Whose policy it is: a VO's, or that of `all`.")
    status: StatusName
    wins: bool = Field(description="Whether it is among those that automation's opinion rests on.")
    advisory: bool = Field(description="Recorded, but without influence on the status.")
    held: bool = Field(description="Repeated from before, since the evidence for a new one is missing.")
    lasting: bool = Field(description="Whether a ban by it is left through Probing only.")
    reasons: list[Reason]


class HoldSaid(Said):
    """That a row is kept usable against what automation asks for."""

    batch: str = Field(description="The batch that it is held in.")
    until: Moment = Field(description="When it is looked at anew.")
    dropped: bool = Field(description="Whether a person decided that it stays as it is; else it waits for one.")


class PenaltySaid(Said):
    """What a row has gathered by flapping."""

    value: float = Field(description="The penalty, as of `at`; it halves with every half-life.")
    at: Moment
    damped: bool = Field(description="Whether the row is held back for it.")


class RulingBy(Said):
    """A person's decision on how far automation goes."""

    mode: Mode
    by: str
    reason: str
    at: Moment


class UsedSaid(Said):
    """A piece of evidence that verdicts rested on."""

    source: str
    record: str
    kind: str
    vo: str
    observed_at: Moment
    value: Any = Field(description="What was measured; null for a downtime, every version of which is kept.")


class WaySaid(Said):
    """A way in which a row would become another."""

    kind: WayKind = Field(
        description="`time`: by itself, if nothing is learnt; `release`: its owner's release; `batch`: the confirmation of a "
        "batch; `automation`: no restraint of automation; `policy`: the absence of a policy."
    )
    status: StatusName = Field(description="What automation would make it then.")
    name: str = Field(description="The owner, the batch, the mode or the policy.")
    at: Moment | None = Field(description="When that happens by itself, where it does.")


class ExplanationSaid(RowSaid):
    """Why a row is what it is."""

    absence: Absence | None = Field(description="Why the VO's mask does not show it; null if it does.")
    verdicts: list[VerdictSaid] = Field(description="What every policy says, those that win and those that lose.")
    hold: HoldSaid | None = Field(description="What keeps it as it is against automation, if the guard holds it.")
    penalty: PenaltySaid | None = Field(description="What it has gathered by flapping, if anything.")
    automation: Mode = Field(description="How far automation goes with it.")
    ruling: RulingBy | None = Field(description="Who decided so about the element; null: the policies, or nobody.")
    evidence: list[UsedSaid] = Field(description="What the verdicts rested on when they became what they are.")
    ways: list[WaySaid] = Field(description="What would make it another, as far as that can be told.")
    owes_probing: bool = Field(description="Whether automation must lead it through Probing before it is usable again.")
    decided_at: Moment | None = Field(description="Since when the policies say what they say.")
    due: Moment | None = Field(description="When it is evaluated again, should nothing happen before; null: only a sweep will.")
    policies: str = Field(description="The policy revision that it was judged by; none since has concerned it.")
    sources: dict[str, Moment | None] = Field(description="When each source that has a say about it last gave a usable answer.")


class ExplanationsSaid(Said):
    """Explanations, one for each row that was asked about."""

    statuses: list[ExplanationSaid]


class ChangeSaid(Said):
    """A change of a row."""

    id: int
    revision: int
    at: Moment
    actor: str
    kind: str
    status_type: str
    vo: str = Field(description="Whose row changed: the VO's own, or `all`.")
    old: StatusName | None = Field(description="Null: there was no such row.")
    new: StatusName | None = Field(description="Null: the row ended.")
    token: Token | None
    taken_from: str | None = Field(description="Whose the row was, if it was another's.")
    binding: bool
    reasons: list[Reason]


class HistorySaid(Said):
    """Changes, newest first."""

    changes: list[ChangeSaid]
    next: int | None = Field(description="The `before` that asks for older ones; null: that was all.")


@router.get("/why", summary="Explain statuses")
async def why(
    gridmask: Here,
    name: Named,
    type: WordFilter = None,  # noqa: A002 - its name in the URL
    family: FamilyFilter = None,
    status_type: WordFilter = None,
    vo: Annotated[str, Query(min_length=1, max_length=64)] = ALL,
) -> ExplanationsSaid:
    """Why the rows of an element are what they are for a VO.

    It tells whose row answers, what each policy says and on what evidence, who holds the row, what automation would do, and
    when that will be looked at again.
    """
    called = RowName(ElementName(name, type, family), status_type, vo)
    return ExplanationsSaid(statuses=[said(explanation) for explanation in await gridmask.statuses.why(called)])


@router.get("/history", summary="Look back at statuses")
async def history(
    gridmask: Here,
    name: Named,
    type: WordFilter = None,  # noqa: A002 - its name in the URL
    family: FamilyFilter = None,
    status_type: WordFilter = None,
    vo: Annotated[str, Query(min_length=1, max_length=64)] = ALL,
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="`next` of the answer before.")] = None,
    limit: Limit = 50,
) -> HistorySaid:
    """The changes of an element's rows, newest first: a VO's own, and those of `all`, which are its when it has none."""
    called = RowName(ElementName(name, type, family), status_type, vo)
    changes = await gridmask.statuses.history(called, before=before, limit=limit)
    return HistorySaid(changes=list(map(change_said, changes)), next=changes[-1].id if len(changes) == limit else None)


def said(explained: Explanation) -> ExplanationSaid:
    """An explanation as the API says it."""
    row = explained.seen.row
    return ExplanationSaid(
        **members(explained.seen),
        absence=explained.seen.absence,
        verdicts=[
            VerdictSaid(
                policy=verdict.policy,
                layer=verdict.layer,
                status=verdict.status,
                wins=verdict in explained.winners,
                advisory=verdict.advisory,
                held=verdict.held,
                lasting=verdict.lasting,
                reasons=list(map(Reason.model_validate, verdict.reasons)),
            )
            for verdict in row.verdicts
        ],
        hold=HoldSaid.model_validate(row.hold) if row.hold else None,
        penalty=PenaltySaid.model_validate(row.penalty) if row.penalty else None,
        automation=explained.mode,
        ruling=RulingBy.model_validate(explained.ruling) if explained.ruling else None,
        evidence=[UsedSaid.model_validate(used) for used in explained.evidence],
        ways=[WaySaid.model_validate(way) for way in explained.ways],
        owes_probing=row.standing.owes_probing,
        decided_at=explained.decided_at,
        due=row.due,
        policies=explained.policies,
        sources=dict(explained.sources),
    )


def change_said(record: Any) -> ChangeSaid:  # noqa: ANN401 - a row of a table
    """A change as the API says it."""
    held = {"owner": record.token_owner, "expires_at": record.token_expires_at, "agreed": record.token_agreed}
    token = Token(**held) if record.token_owner is not None else None
    return ChangeSaid(
        id=record.id,
        revision=record.revision,
        at=record.at,
        actor=record.actor,
        kind=record.kind,
        status_type=record.status_type,
        vo=record.vo,
        old=None if record.old is None else Status(record.old),
        new=None if record.new is None else Status(record.new),
        token=token,
        taken_from=record.token_from,
        binding=record.binding,
        reasons=list(map(Reason.model_validate, record.reasons)),
    )

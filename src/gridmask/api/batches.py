"""``/api/v1/batches``: what the guard holds for a person to look at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Moment, Prose, Said, Some, StatusName
from gridmask.domain.rights import Action

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.domain.guard import Batch
    from gridmask.domain.row import Row
    from gridmask.service.batches import Held
    from gridmask.service.offers import Reads

router = APIRouter(prefix="/api/v1/batches", tags=["batches"])

Id = Annotated[str, Path(max_length=64)]


class BatchSaid(Said):
    """Rows that automation would make unusable, and that are held."""

    id: str = Field(description="What it is called.")
    cause: str = Field(description="What they have in common.", examples=["source gocdb-downtimes"])
    state: Literal["held", "emptied", "confirmed", "dropped"] = Field(
        description="`held` waits for a person, until it expires; `emptied`: nothing asks any more for what it held."
    )
    rows: int = Field(description="How many rows were held in it, ever.")
    vos: list[str] = Field(description="The VOs from which too much would have been taken, of those that the reader may read.")
    opened_at: Moment
    expires_at: Moment = Field(description="When what is still asked for then is looked at anew.")
    decided_at: Moment | None
    decided_by: Some
    comment: Some = Field(description="What whoever decided had to say.")


class BatchesSaid(Said):
    """Batches, newest first."""

    batches: list[BatchSaid]


class HeldRowSaid(Said):
    """A row that is held."""

    family: str
    type: str
    name: str
    status_type: str
    vo: str
    status: StatusName = Field(description="What it is, and stays.")
    opinion: StatusName = Field(description="What automation asks for.")


class HeldSaid(BatchSaid):
    """A batch, with the rows that are held in it now."""

    held: list[HeldRowSaid]


class DecisionAsked(Asked):
    """A person's decision."""

    reason: Prose = Field(description="Why, for those who come after.")


class BatchDecidedSaid(Said):
    """What a decision led to."""

    revision: int | None = Field(description="The revision that was made; null: no status changed.")
    changed: int = Field(description="How many rows changed.")


@router.get("", summary="List what is held")
async def list_batches(
    gridmask: Here,
    by: By,
    waiting: Annotated[bool, Query(description="Only what waits for a person.")] = True,
) -> BatchesSaid:
    """Batches of rows that automation would take from VOs, and that are held since they are too many."""
    found = await gridmask.batches.list(waiting=waiting, reads=_reads(by))
    return BatchesSaid(batches=[BatchSaid(**members(batch)) for batch in found])


@router.get("/{batch}", summary="Look into a batch")
async def read_batch(batch: Id, gridmask: Here, by: By) -> HeldSaid:
    """A batch, with the rows that are held in it now: those that are in the mask of a VO about which the reader may read."""
    return said(await gridmask.batches.show(batch, reads=_reads(by)))


@router.post("/{batch}/confirm", summary="Let a batch through")
async def confirm_batch(batch: Id, asked: DecisionAsked, gridmask: Here, by: By) -> BatchDecidedSaid:
    """Its rows become what automation asks for."""
    await gridmask.batches.show(batch, reads=_reads(by))
    outcome = await gridmask.batches.confirm(by, batch, asked.reason)
    return BatchDecidedSaid(revision=outcome.revision, changed=len(outcome.changed))


@router.post("/{batch}/drop", summary="Drop a batch")
async def drop_batch(batch: Id, asked: DecisionAsked, gridmask: Here, by: By) -> BatchDecidedSaid:
    """Its rows stay as they are until automation asks for something else, or a day has passed."""
    await gridmask.batches.show(batch, reads=_reads(by))
    outcome = await gridmask.batches.drop(by, batch, asked.reason)
    return BatchDecidedSaid(revision=outcome.revision, changed=len(outcome.changed))


def _reads(by: Actor) -> Reads:
    return partial(by.may, Action.READ)


def said(held: Held) -> HeldSaid:
    """A batch and its rows as the API says them."""
    return HeldSaid(**members(held.batch), held=list(map(_row, held.rows)))


def members(batch: Batch) -> dict[str, object]:
    """What the API says about a batch, by name."""
    return {
        "id": batch.id,
        "cause": str(batch.cause),
        "state": batch.state,
        "rows": batch.rows,
        "vos": sorted(batch.vos),
        "opened_at": batch.opened_at,
        "expires_at": batch.expires_at,
        "decided_at": batch.decided_at,
        "decided_by": batch.decided_by,
        "comment": batch.comment,
    }


def _row(row: Row) -> HeldRowSaid:
    identity = {**row.key.element._asdict(), "status_type": row.key.status_type, "vo": row.key.vo}
    return HeldRowSaid(**identity, status=row.status, opinion=row.opinion)

"""``/api/v1/actions``: how far actions are, and what they could not tell."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Moment, Name, Prose, Said, Some

router = APIRouter(prefix="/api/v1/actions", tags=["actions"])


class ActionSaid(Said):
    """An action, and how it fares."""

    name: str
    kind: str = Field(examples=["webhook"])
    state: Literal["good", "failing", "gone"] = Field(description="`gone`: the settings do not name it any more.")
    since: Moment = Field(description="When it began; it was told of nothing earlier.")
    told_at: Moment | None = Field(description="When it last told the outside something.")
    waiting: int = Field(description="How many entries of the outbox it is not through with.")
    oldest_at: Moment | None = Field(description="When the first of these was made.")
    failing: Some = Field(description="Why it could not tell that; null, if it does not fail.")
    attempts: int = Field(description="How often it tried.")
    next_at: Moment | None = Field(description="When it tries again.")
    dead: int = Field(description="How many dead letters it has.")


class ActionsSaid(Said):
    """All actions; last, those that are gone."""

    actions: list[ActionSaid]


class FailureSaid(Said):
    """Something that an action could not tell."""

    action: str
    key: str = Field(description="The same however often it is told.", examples=["revision-42"])
    about: str = Field(description="What it tells, in a few words.")
    made_at: Moment = Field(description="When that happened.")
    state: Literal["waiting", "recalled", "dead"] = Field(
        description="`waiting`: nothing later is told before it; `recalled`: by a person; `dead`: it is not tried by itself."
    )
    attempts: int
    first_failed_at: Moment
    failed_at: Moment = Field(description="When it failed last.")
    next_at: Moment | None = Field(description="When it is tried again.")
    trouble: Literal["unreachable", "deferred", "fault", "refused"] = Field(
        description="`unreachable`: nobody answered; `deferred`: later, they said; `fault`: they failed; `refused`: they do "
        "not take it."
    )
    failure: str = Field(description="The same in words.")


class FailuresSaid(Said):
    """What could not be told, by action, the oldest first."""

    failures: list[FailureSaid]


class LettersAsked(Asked):
    """What of it somebody decides about."""

    action: Name
    keys: list[Name] | None = Field(None, max_length=1000, description="Which of its failures; null: all of them.")
    reason: Prose = Field(description="Why, for those who come after.")


class LettersSaid(Said):
    """What was decided about."""

    keys: list[str]


@router.get("", summary="List actions, and how each fares")
async def list_actions(gridmask: Here, by: By) -> ActionsSaid:
    """How far each is, and whether it fails."""
    return ActionsSaid(actions=list(map(ActionSaid.model_validate, await gridmask.deliveries.list(by))))


@router.get("/failed", summary="List what actions could not tell")
async def list_failures(
    gridmask: Here,
    by: By,
    action: Annotated[str | None, Query(max_length=255, description="Only of this action.")] = None,
) -> FailuresSaid:
    """What is waited for, and dead letters; a thousand at most."""
    return FailuresSaid(failures=list(map(FailureSaid.model_validate, await gridmask.deliveries.failed(by, action))))


@router.post("/retry", summary="Have it tried again what an action could not tell")
async def retry_failures(asked: LettersAsked, gridmask: Here, by: By) -> LettersSaid:
    """At once. What is told late is told out of its order."""
    return LettersSaid(keys=[*await gridmask.deliveries.retry(by, asked.action, asked.keys, asked.reason)])


@router.post("/drop", summary="Give up on what an action could not tell")
async def drop_failures(asked: LettersAsked, gridmask: Here, by: By) -> LettersSaid:
    """It is never told. An action that waits for it goes on."""
    return LettersSaid(keys=[*await gridmask.deliveries.drop(by, asked.action, asked.keys, asked.reason)])

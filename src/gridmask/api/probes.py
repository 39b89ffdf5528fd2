"""``/api/v1/probes``: what Gridmask looks at itself, and whether what it finds there is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Moment, Prose, Said
from gridmask.probes.settings import OF_PROBES

if TYPE_CHECKING:
    from gridmask.service.sources import Health

router = APIRouter(prefix="/api/v1/probes", tags=["probes"])


class ProbeSaid(Said):
    """A probe, and how it fares."""

    name: str
    kind: str = Field(examples=["webdav"])
    targets: int = Field(description="At how many it looks.")
    state: Literal["good", "failing", "quarantined", "stale", "never"] = Field(
        description="As that of a source. `failing`: nothing can be found out, or what it finds is not believed."
    )
    answered_at: Moment | None = Field(description="When it last found something out.")
    failure: str | None = Field(description="Why what it finds does not count; null: it does.")
    failing_since: Moment | None = Field(description="Since when; null: it does.")
    problems: list[str] = Field(description="Why some elements are not looked at, or could not be.")


class BeliefSaid(Said):
    """That a person says that the failures are real, however many hosts fail."""

    since: Moment
    until: Moment
    actor: str
    reason: str


class ProbesSaid(Said):
    """All probes."""

    probes: list[ProbeSaid]
    made_by: str | None = Field(
        description="The process that makes them now: its host and number; several by commas; null: none does."
    )
    belief: BeliefSaid | None = Field(description="What a person says of their failures; null: nothing.")


class BeliefAsked(Asked):
    """That the failures are real."""

    until: Moment = Field(description="Until when that is to count: seven days from now at most.")
    reason: Prose = Field(description="How it is known, for those who come after.")


class DoubtAsked(Asked):
    """That failures are to be doubted again."""

    reason: Prose = Field(description="Why, for those who come after.")


@router.get("", summary="List the probes, and whether they are believed")
async def list_probes(gridmask: Here) -> ProbesSaid:
    """All probes that are configured, how each fares, who makes them, and what a person said of what they find."""
    probes = [_said(one) for one in await gridmask.sources.health() if one.noted.kind.startswith(OF_PROBES)]
    watch = await gridmask.beliefs.watch()
    belief = BeliefSaid.model_validate(watch.belief) if watch.belief else None
    return ProbesSaid(probes=probes, made_by=watch.made_by, belief=belief)


@router.post("/believe", summary="Say that the failures are real")
async def believe_probes(asked: BeliefAsked, gridmask: Here, by: By) -> BeliefSaid:
    """Have them believed until then, also those that were not, however many hosts fail. The guard goes on to guard."""
    return BeliefSaid.model_validate(await gridmask.beliefs.believe(by, asked.until, asked.reason))


@router.post("/doubt", summary="Have failures doubted again")
async def doubt_probes(asked: DoubtAsked, gridmask: Here, by: By) -> BeliefSaid:
    """Where too many hosts begin to fail at once, as usual. What was believed meanwhile stays. Answers with what ends."""
    return BeliefSaid.model_validate(await gridmask.beliefs.doubt(by, asked.reason))


def _said(health: Health) -> ProbeSaid:
    noted = health.noted
    return ProbeSaid(
        name=noted.name,
        kind=noted.kind.removeprefix(OF_PROBES),
        targets=noted.records,
        state=health.state,
        answered_at=noted.answered_at,
        failure=noted.failure,
        failing_since=noted.failing_since,
        problems=list(noted.problems),
    )

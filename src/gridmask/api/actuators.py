"""``/api/v1/actuators``: what other systems have that the mask does not say, and what is done about it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BeforeValidator, Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Moment, Prose, Said, Some

router = APIRouter(prefix="/api/v1/actuators", tags=["actuators"])

Name = Annotated[str, Path(max_length=255, description="The actuator.")]


Toucher = Annotated[Literal["gridmask", "others"] | None, BeforeValidator(lambda text: text or None)]


class ActuatorSaid(Said):
    """An actuator, and how it fares."""

    name: str
    kind: Literal["rucio", "fts3", "feed"]
    vo: str = Field(description="The VO whose mask it goes by.")
    dry_run: bool = Field(description="Whether it only tells what it would do.")
    state: Literal["good", "drifting", "failing", "new"] = Field(
        description="`drifting`: something is not as the mask says; `failing`: nobody can tell of late; `new`: nor ever yet."
    )
    things: int = Field(description="How many things of the other system the mask says something about.")
    in_line: int = Field(description="How many of them are as it says.")
    held: int = Field(description="How many changes wait for an administrator.")
    revision: int = Field(description="The revision of the mask that it last went by.")
    compared_at: Moment | None = Field(description="When everything was last compared.")
    changed_at: Moment | None = Field(description="When it last changed something.")
    problem: Some = Field(description="Why nothing can be compared; null: it can.")
    problem_since: Moment | None


class ActuatorsSaid(Said):
    """All actuators."""

    actuators: list[ActuatorSaid]


class DriftSaid(Said):
    """A thing that is not what the mask says."""

    thing: str = Field(description="What the other system calls it.", examples=["EXAMPLE_DISK"])
    state: Literal["due", "dry-run", "held", "foreign", "unknown", "failed", "forgotten", "orphan"] = Field(
        description="Why it is so: `due` to be changed; only told (`dry-run`); `held` for an administrator; a ban of somebody "
        "else (`foreign`); `unknown` there; the other system `failed` on it, or has `forgotten` what it said yes to; a ban of "
        "ours about which the mask says nothing any more (`orphan`)."
    )
    found: dict[str, bool | str] = Field(description="What it is, in the aspects that differ.")
    wished: dict[str, bool | str] = Field(description="What it should be in these.")
    since: Moment = Field(description="Since when that is known.")
    touched_by: Toucher = Field(description="Who made it what it is; null: nobody knows.")
    written_at: Moment | None = Field(description="When Gridmask last wrote it.")
    detail: str


class DriftReport(Said):
    """An actuator, and all that is not as it should be."""

    actuator: ActuatorSaid
    drift: list[DriftSaid]


class RunAsked(Asked):
    """What is to be done now."""

    all: bool = Field(default=False, description="Whether to let through what is held as well.")
    reason: Prose = Field(description="Why, for those who come after.")


@router.get("", summary="List actuators, and how each fares")
async def list_actuators(gridmask: Here, by: By) -> ActuatorsSaid:
    """How many things of other systems are as the mask says."""
    return ActuatorsSaid(actuators=list(map(ActuatorSaid.model_validate, await gridmask.actuators.list(by))))


@router.get("/{name}/drift", summary="Tell what is not as the mask says")
async def tell_drift(name: Name, gridmask: Here, by: By) -> DriftReport:
    """What the actuator found when it last looked, with what should be there."""
    return DriftReport.model_validate(await gridmask.actuators.drift(by, name))


@router.get("/{name}/plan", summary="Tell what would be done now")
async def tell_plan(name: Name, gridmask: Here, by: By) -> DriftReport:
    """The other system is read for that, and nothing is written."""
    return DriftReport.model_validate(await gridmask.actuators.plan(by, name))


@router.post("/{name}/run", summary="Have done now what is to be done")
async def run_actuator(name: Name, asked: RunAsked, gridmask: Here, by: By) -> DriftReport:
    """What is left then. A dry run stays one."""
    done = await gridmask.actuators.run(by, name, asked.reason, everything=asked.all)
    return DriftReport.model_validate(done)

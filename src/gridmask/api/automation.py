"""``/api/v1/automation``: how far automation goes with elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field

from gridmask.api.dependencies import By, Here, WordFilter
from gridmask.api.models import Asked, ElementAsked, ElementId, Moment, Prose, Said, Word
from gridmask.domain.automation import Mode
from gridmask.domain.vo import ALL
from gridmask.service.selection import ElementName, elements_that_match

if TYPE_CHECKING:
    from gridmask.domain.matching import Match
    from gridmask.service.automation import Automation, Ruled

router = APIRouter(prefix="/api/v1/automation", tags=["automation"])


class RulingSaid(ElementId):
    """What a person decided about one element."""

    vo: str = Field(description="For whose rows: a VO's, or `all` for those of every other.")
    mode: Mode
    by: str
    reason: str
    at: Moment


class AutomationSaid(Said):
    """How far automation goes."""

    layers: dict[str, Mode] = Field(
        description="By policy layer, how far where nothing was decided about an element; where there is none, all the way."
    )
    rulings: list[RulingSaid]


class RulingAsked(Asked):
    """How far automation is to go with elements: those that are named, and those that match."""

    elements: list[ElementAsked] = Field([], max_length=1000)
    match: dict[str, Word | list[Word]] = Field(
        {}, description="Patterns by key, as in a policy's `match`, but for what is about rows.", examples=[{"site": "LCG.*"}]
    )
    vo: Word = ALL
    mode: Mode | None = Field(description="Null: as far as with all others again.", strict=False)
    reason: Prose


class Ruling(Said):
    """What a decision led to."""

    elements: int = Field(description="How many elements it is about.")
    revision: int | None = Field(description="The revision that was made; null: no status changed.")
    changed: int = Field(description="How many rows changed.")


@router.get("", summary="List how far automation goes")
async def list_automation(gridmask: Here, vo: WordFilter = None) -> AutomationSaid:
    """What people decided about elements, and what the policy layers say of all others."""
    return automation_said(gridmask.automation, await gridmask.automation.list(vo))


@router.post("", summary="Decide how far automation goes")
async def rule_automation(asked: RulingAsked, gridmask: Here, by: By) -> Ruling:
    """Let automation go so far with elements, and no further, until somebody decides otherwise."""
    chosen: list[ElementName | Match] = [ElementName(one.name, one.type, one.family) for one in asked.elements]
    if asked.match:
        chosen.append(elements_that_match(asked.match))
    outcome, keys = await gridmask.automation.rule(by, chosen, asked.vo, asked.mode, asked.reason)
    return Ruling(elements=len(keys), revision=outcome.revision, changed=len(outcome.changed))


def automation_said(automation: Automation, rulings: list[Ruled]) -> AutomationSaid:
    """How far automation goes as the API says it."""
    return AutomationSaid(layers=dict(automation.by_layer), rulings=list(map(_ruling, rulings)))


def _ruling(ruled: Ruled) -> RulingSaid:
    one = ruled.ruling
    return RulingSaid(**ruled.element._asdict(), vo=ruled.vo, mode=one.mode, by=one.by, reason=one.reason, at=one.at)

"""``/policies``: what governs what for a VO, what it says, and how often it decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.errors import NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.portal.drawing.bars import ORDER
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import Reader, reader_of
from gridmask.portal.frame.sections import POLICIES
from gridmask.portal.frame.shelf import shelf_of
from gridmask.portal.policies import governing
from gridmask.portal.policies.wording import confirmation, matching, parameters, rule_of, state_of
from gridmask.service import policies as service

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.policy import Policy

router = APIRouter(include_in_schema=False, tags=[TAG])

EVERY = 120
"""Seconds after which these pages are looked at anew: what they count takes a while, and changes slowly."""

FRESH_FOR = 60.0
"""Seconds for which it is not counted again how often policies decided, while nothing changes."""

Days = Annotated[int, Query(ge=1, le=366)]
Vo = Annotated[str, Query(min_length=1, max_length=64)]
StatusChoice = Literal["", "Active", "Degraded", "Probing", "Banned", "Error", "Unknown"]


@router.api_route("/policies", methods=["GET", "HEAD"])
async def policies(
    request: Request,
    vo: Vo = ALL,
    days: Days = 30,
    name: Annotated[str | None, Query(max_length=255)] = None,
    verdict: StatusChoice = "",
) -> Response:
    """The page of all policies; with a name, that of the one that is called so."""
    if name is not None:
        return await _policy(request, name, vo, days, verdict)
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        called = await gridmask.vos.resolve(vo)
        in_force, layered = gridmask.inspector.policies, await gridmask.policy_texts.layered()
        standing = None if called == ALL else await gridmask.policy_texts.standing(called)
        work = await _work(request, called, days)
        about = {
            "vo": called,
            "days": days,
            "work": work,
            "layers": governing.layers_of(called, layered, standing),
            "policies": await to_thread.run_sync(governing.shown, in_force, called, work, layered.document),
            "standing": standing,
            "tries": called != ALL and reader.actor.may(Action.CHECK_POLICIES, called),
            "revision": in_force.revision,
            "refused": gridmask.reloading.problem,
        }
        return await pages.made("policies/policies.html", {**about, **await _around(gridmask, reader, called)})

    return await pages.answer(request, make)


@router.api_route("/policies/{name:path}", methods=["GET", "HEAD"])
async def policy(request: Request, name: str, vo: Vo = ALL, days: Days = 30, verdict: StatusChoice = "") -> Response:
    """The page of one policy."""
    return await _policy(request, name, vo, days, verdict)


async def _policy(request: Request, name: str, vo: str, days: int, verdict: str) -> Response:
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        called = await gridmask.vos.resolve(vo)
        about = await _about(gridmask, _one(gridmask, name, called), called, await _work(request, called, days), verdict)
        about["days"] = days
        tries = called != ALL and reader.actor.may(Action.CHECK_POLICIES, called)
        return await pages.made("policies/policy.html", {**about, "tries": tries, **await _around(gridmask, reader, called)})

    return await pages.answer(request, make)


def _one(gridmask: Installation, name: str, vo: str) -> Policy:
    in_force = gridmask.inspector.policies
    found = governing.called(in_force, name, vo)
    if found is None:
        raise NotKnown("policy", name, [one.name for one in in_force.policies if one.layer in {ALL, vo}])
    return found


async def _work(request: Request, vo: str, days: int) -> service.Work:
    """What the policies of ``vo`` do: counted anew once a status of its changed, other policies are in force, or it is old."""
    gridmask: Installation = request.app.state.installation
    in_force = gridmask.inspector.policies
    revisions = await gridmask.masks.revisions()
    since = gridmask.clock() - timedelta(days=days)
    called = ("work", vo, days, in_force.revision, revisions.get(vo))
    return await shelf_of(request).get(called, FRESH_FOR, lambda: service.at_work(gridmask.database, in_force, since, vo))


async def _about(gridmask: Installation, policy: Policy, vo: str, work: service.Work, verdict: str) -> dict[str, object]:
    in_force = gridmask.inspector.policies
    layered = await gridmask.policy_texts.layered()
    said = await service.said(gridmask.database, in_force, policy, vo) if policy.enabled else []
    wanted = next((status for status in Status if status.label == verdict), None)
    general = any(one.layer == ALL and one.name == policy.name for one in in_force.policies)
    return {
        "vo": vo,
        "work": work,
        "policy": policy,
        "state": state_of(policy),
        "rule": rule_of(policy),
        "overrides": policy.layer != ALL and general,
        "matching": matching(policy),
        "parameters": await to_thread.run_sync(parameters, policy, layered.document),
        "confirmation": list(confirmation(policy)),
        "record": next((one for one in work.records if one.policy == policy), None),
        "verdicts": governing.verdicts(said, wanted),
        "verdict": verdict,
        "order": ORDER,
    }


async def _around(gridmask: Installation, reader: Reader, vo: str) -> dict[str, object]:
    made = await around(gridmask, reader, POLICIES, vo)
    return {**made, "frame": replace(made["frame"], every=EVERY)}  # type: ignore[type-var]  # a dataclass it is

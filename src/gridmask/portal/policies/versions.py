"""``/policies/versions``: what the policies of a VO were, while they are kept by the API, and how each came from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import POLICIES
from gridmask.portal.policies.difference import difference

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.store.policy_layers import Version

router = APIRouter(include_in_schema=False, tags=[TAG])

AT_ONCE = 50
"""So many versions are listed on a page."""

Number = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@router.api_route("/policies/versions", methods=["GET", "HEAD"])
async def versions(
    request: Request,
    vo: Annotated[str, Query(min_length=1, max_length=64)] = ALL,
    version: Number = None,
    against: Number = None,
    before: Number = None,
) -> Response:
    """The page; ``against``: the version from which differences are told, else the one before."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        called = await gridmask.vos.resolve(vo)
        found = await gridmask.policy_layers.versions(called, before=before or None, limit=AT_ONCE)
        standing = None if called == ALL else await gridmask.policy_texts.standing(called)
        about = {
            "vo": called,
            "in_force": standing is not None and standing.layer is not None,
            "audits": reader.actor.may(Action.READ_AUDIT, called),
            "versions": found,
            "following": found[-1].number if len(found) == AT_ONCE and found[-1].number > 1 else None,
            "begins": before is None,
            "tries": called != ALL and reader.actor.may(Action.CHECK_POLICIES, called),
            **await _chosen(gridmask, called, found, version, against),
        }
        return await pages.made("policies/versions.html", {**about, **await around(gridmask, reader, POLICIES, called)})

    return await pages.answer(request, make)


async def _chosen(
    gridmask: Installation, vo: str, found: list[Version], number: int | None, against: int | None
) -> dict[str, object]:
    """The version that is looked at, and how it came from another; none, where there are none."""
    if not found and not number:
        return {"chosen": None, "against": None, "difference": None}
    chosen = await gridmask.policy_layers.show(vo, number or found[0].number)
    from_ = max(0, chosen.version.number - 1) if against is None else against
    other = (await gridmask.policy_layers.show(vo, from_)).text if from_ else ""
    return {
        "chosen": chosen,
        "against": from_,
        "difference": await to_thread.run_sync(difference, other, chosen.text),
    }

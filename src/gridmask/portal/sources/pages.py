"""``/sources`` and ``/sources/{name}``: how each source fares, and what of it is in quarantine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.upheaval import Deed
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.forms import sent
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import SOURCES

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.service.sources import Health

router = APIRouter(include_in_schema=False, tags=[TAG])

STATES = ("quarantined", "stale", "failing", "never", "good")
"""How sources can be, what needs somebody first."""

Name = Annotated[str, Path(max_length=64)]


@router.api_route("/sources", methods=["GET", "HEAD"])
async def sources(request: Request) -> Response:
    """The page of all sources."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        found = await gridmask.sources.health()
        counted = Counter(one.state for one in found)
        ordered = sorted(found, key=lambda one: (STATES.index(one.state), one.noted.name))
        counts = [(state, counted[state]) for state in STATES if counted[state]]
        return await pages.made(
            "sources/sources.html", {**await around(gridmask, reader, SOURCES), "sources": ordered, "counts": counts}
        )

    return await pages.answer(request, make)


@router.api_route("/sources/{name}", methods=["GET", "HEAD"])
async def source(request: Request, name: Name) -> Response:
    """The page of one source."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        one = _called(await gridmask.sources.health(), name)
        about = {"source": one, "deeds": tuple(Deed), "decides": reader.actor.may(Action.DECIDE_QUARANTINE, ALL)}
        return await pages.made("sources/source.html", {**await around(gridmask, reader, SOURCES), **about})

    return await pages.answer(request, make)


@router.post("/sources/{name}/decide")
async def decide(request: Request, name: Name) -> Response:
    """What somebody decides about the answer that they see in quarantine; then back to its source."""
    gridmask: Installation = request.app.state.installation
    form = await sent(request, "sha256", "reason", "decision")
    decisions = {"accept": gridmask.sources.accept, "drop": gridmask.sources.drop}
    if form["decision"] not in decisions:
        raise InvalidRequest("An answer in quarantine is accepted or dropped.")
    await decisions[form["decision"]](request.state.actor, name, form["sha256"], form["reason"])
    return RedirectResponse(addresses.source(name), 303, {"Cache-Control": "no-store"})


def _called(found: list[Health], name: str) -> Health:
    for one in found:
        if one.noted.name == name:
            return one
    raise NotKnown("source", name, [one.noted.name for one in found])

"""``/sources`` and ``/sources/{name}``: how each source fares, and what of it is in quarantine."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from gridmask.access.doorkeeper import is_anonymous
from gridmask.domain.errors import GridmaskError, InvalidRequest, NotKnown, Unauthenticated
from gridmask.domain.rights import Action
from gridmask.domain.upheaval import Deed
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.forms import UNKEPT, sent
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.refusals import status_of
from gridmask.portal.frame.sections import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.bootstrap import Installation
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.sources import Health

router = APIRouter(include_in_schema=False, tags=[TAG])

STATES = ("quarantined", "stale", "failing", "never", "good")
"""How sources can be, what needs somebody first."""

Name = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent that was not done, and why. ``login``: they are not logged in; ``sha256``: about which answer."""

    reason: str = ""
    problem: str = ""
    login: bool = False
    sha256: str = ""


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
        return await _made(gridmask, reader, name, Sent())

    return await pages.answer(request, make)


@router.post("/sources/{name}/decide")
async def decide(request: Request, name: Name) -> Response:
    """What somebody decides about the answer that they see in quarantine; then back to its source.

    Whatever keeps it from that, they get back what they typed.
    """
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)
    form = await sent(request, "sha256", "reason", "decision")
    try:
        await _decide(gridmask, reader, name, form)
    except GridmaskError as error:
        again = Sent(form["reason"], str(error), isinstance(error, Unauthenticated), form["sha256"])
        page = await _given_back(gridmask, reader, name, again)
        return Response(page.body, status_of(error), {**pages.HEADERS, **UNKEPT}, "text/html")
    return RedirectResponse(addresses.source(name), 303, UNKEPT)


async def _decide(gridmask: Installation, reader: Reader, name: str, form: Mapping[str, str]) -> None:
    if is_anonymous(reader.actor):
        raise Unauthenticated("You are not logged in any more.")
    decisions = {"accept": gridmask.sources.accept, "drop": gridmask.sources.drop}
    if form["decision"] not in decisions:
        raise InvalidRequest("An answer in quarantine is accepted or dropped.")
    await decisions[form["decision"]](reader.actor, name, form["sha256"], form["reason"])


async def _given_back(gridmask: Installation, reader: Reader, name: str, again: Sent) -> pages.Page:
    """The page of the source, or of nothing, to who may not read it, or where there is none."""
    if any(reader.reads(grant.vo) for grant in reader.actor.grants):
        with suppress(NotKnown):
            return await _made(gridmask, reader, name, again)
    return await pages.made("sources/given_back.html", {"reader": reader, "name": name, "sent": again})


async def _made(gridmask: Installation, reader: Reader, name: str, again: Sent) -> pages.Page:
    one = _called(await gridmask.sources.health(), name)
    decides = reader.actor.may(Action.DECIDE_QUARANTINE, ALL)
    about = {"source": one, "deeds": tuple(Deed), "decides": decides, "sent": again}
    return await pages.made("sources/source.html", {**await around(gridmask, reader, SOURCES), **about})


def _called(found: list[Health], name: str) -> Health:
    for one in found:
        if one.noted.name == name:
            return one
    raise NotKnown("source", name, [one.noted.name for one in found])

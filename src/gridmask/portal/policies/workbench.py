"""``/policies/workbench``: where somebody tries other policies of a VO. What is in force stays until they say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from gridmask.domain.errors import Conflict, Forbidden, GridmaskError, InvalidRequest, NotKnown, StaleLayer, Unauthenticated
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.forms import sent
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import POLICIES
from gridmask.portal.policies.bench import Bench, Draft
from gridmask.portal.policies.difference import unified
from gridmask.service.replay_trials import DAYS

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.portal.frame.reader import Reader

router = APIRouter(include_in_schema=False, tags=[TAG])

Vo = Annotated[str, Query(min_length=1, max_length=64)]


@router.api_route("/policies/workbench", methods=["GET", "HEAD"])
async def workbench(
    request: Request, vo: Vo = ALL, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> Response:
    """The page, with what stands, or stood."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        called = await gridmask.vos.resolve(vo)
        if called == ALL:
            context = {"vo": ALL, **await around(gridmask, reader, POLICIES, ALL)}
            return await pages.made("policies/whose.html", context)
        bench = await _bench(gridmask, reader, called)
        return await bench.page(await bench.begun(version), None)

    return await pages.answer(request, make)


@router.post("/policies/workbench")
async def work(request: Request, vo: Vo) -> Response:
    """What somebody asks of what they wrote. Whatever comes of it, they get it back."""
    gridmask: Installation = request.app.state.installation
    form = await sent(request, "text", "tests", "seen", "reason", "days", "do")
    draft = Draft(unified(form["text"]), unified(form["tests"]), form["seen"], form["reason"], _days(form["days"]))
    reader = reader_of(request)
    try:
        bench = await _bench(gridmask, reader, await _readable(gridmask, reader, vo))
    except (Forbidden, Unauthenticated) as error:
        return _answer(await _given_back(reader, vo, draft, form["do"], error), 401 if reader.login else 403)
    match form["do"]:
        case "edit":
            return _answer(await bench.page(draft, None))
        case "download":
            return _download(bench.vo, draft.text)
        case "check" | "test" | "what-if" | "replay":
            return _answer(await bench.page(draft, await bench.results(draft, form["do"])))
        case "save":
            return await _saved(bench, draft)
        case "put":
            return await _put(bench, draft)
    raise InvalidRequest("A text can be checked, tested, tried and put; nothing else.")


def _days(told: str) -> int:
    """Over how many days somebody looks back; what is no number is none, which is refused with the rest."""
    if not told:
        return DAYS[1]
    return int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0


async def _readable(gridmask: Installation, reader: Reader, vo: str) -> str:
    """The VO called ``vo``, of which ``reader`` may read.

    Raises:
        NotKnown: there is none; of what others there are, only who reads about all is told. Forbidden, Unauthenticated.
    """
    if reader.login:
        raise Unauthenticated("You are not logged in, or not any more.")
    try:
        called = await gridmask.vos.resolve(vo)
    except NotKnown:
        if reader.reads(ALL):
            raise
        raise NotKnown("VO", vo) from None
    reader.actor.require(Action.READ, called)
    return called


async def _given_back(reader: Reader, vo: str, draft: Draft, do: str, error: GridmaskError) -> pages.Page:
    """What somebody sent who may not, or who was logged out while they wrote: nothing of it is lost."""
    about = {"reader": reader, "vo": vo, "draft": draft, "do": do, "problem": str(error)}
    return await pages.made("policies/given_back.html", about)


async def _bench(gridmask: Installation, reader: Reader, vo: str) -> Bench:
    return Bench(gridmask, reader, vo, await gridmask.policy_texts.standing(vo))


async def _saved(bench: Bench, draft: Draft) -> Response:
    results = await bench.results(draft, "save")
    if results.problem or results.checked is None or results.checked.errors:
        return _answer(await bench.page(draft, results), 422)
    return _answer(await bench.confirmation(draft, results))


async def _put(bench: Bench, draft: Draft) -> Response:
    """Put it into force, and go on to what is in force then; whatever keeps it from that is told beside the text."""
    gridmask, vo = bench.gridmask, bench.vo
    try:
        if draft.seen != bench.seen and bench.standing.layer is None:
            raise Conflict("The file is another by now.")
        done = await gridmask.policy_layers.put(bench.reader.actor, vo, draft.text, draft.reason, seen={draft.seen})
    except StaleLayer as error:
        again = replace(bench, standing=await gridmask.policy_texts.standing(vo))
        if again.standing.layer is not None and again.standing.text == draft.text:
            # it was put already, as by who presses twice
            return _versions(vo, again.standing.layer.version.number)
        page = await again.confirmation(draft, await again.results(draft, "put"), str(error))
        return _answer(page, 409)
    except GridmaskError as error:
        results = await bench.results(draft, "put")
        if results.problem or (results.checked and results.checked.errors):
            return _answer(await bench.page(draft, replace(results, problem=results.problem or str(error))), 422)
        return _answer(await bench.confirmation(draft, results, str(error)), 409 if isinstance(error, Conflict) else 422)
    return _versions(vo, done.layer.version.number)


def _versions(vo: str, number: int) -> Response:
    """On to what is in force by now."""
    where = addresses.layer_versions(vo, {"version": str(number)})
    return RedirectResponse(where, 303, {"Cache-Control": "no-store"})


def _answer(page: pages.Page, status: int = 200) -> Response:
    """What somebody asked for by a form: nobody keeps it."""
    return Response(page.body, status, {**pages.HEADERS, "Cache-Control": "no-store"}, media_type="text/html")


def _download(vo: str, text: str) -> Response:
    named_ = f"attachment; filename*=UTF-8''{quote(vo, safe='')}.toml"
    headers = {"Content-Disposition": named_, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(text.encode(errors="replace"), headers=headers, media_type="text/plain; charset=utf-8")

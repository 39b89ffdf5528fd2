"""``/guard``: what the guard holds, and whether failures that probes see are believed; for people to decide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from gridmask.access.doorkeeper import is_anonymous
from gridmask.domain.errors import Conflict, GridmaskError, InvalidRequest, Unauthenticated
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.forms import UNKEPT, all_sent
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.once import Sending
from gridmask.portal.frame.reader import Reader, reader_of
from gridmask.portal.frame.refusals import status_of
from gridmask.portal.frame.sections import GUARD
from gridmask.portal.guard.held import Held, held, lately
from gridmask.probes.settings import OF_PROBES

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.service.beliefs import Watch
    from gridmask.service.offers import Reads
    from gridmask.service.sources import Health

router = APIRouter(include_in_schema=False, tags=[TAG])

MOST_SHOWN = 25
"""So many batches are told row by row; of others that wait, that they do."""

MOST_LATELY = 50
HOURS = (1, 6, 24, 72)
"""For how long somebody can say that an outage is real, in hours."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent and not done: what was typed, and why not."""

    reason: str = ""
    batches: frozenset[str] = frozenset()
    problem: str = ""
    probes: bool = False
    login: bool = False


@dataclass(frozen=True, slots=True)
class Doubts:
    """What there is to say of probes: those that see failures which are not believed, or cannot see; and what people said."""

    watch: Watch
    failing: tuple[Health, ...]
    decides: bool


@router.api_route("/guard", methods=["GET", "HEAD"])
async def guard(
    request: Request,
    vo: Annotated[str, Query(min_length=1)] = ALL,
    decided: Annotated[str, Query(max_length=1000, description="What was decided just now.")] = "",
) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        return await _made(gridmask, reader, await gridmask.vos.resolve(vo), Sent(), decided)

    return await pages.answer(request, make)


@router.post("/guard/decide")
async def decide(request: Request) -> Response:
    """What somebody decides about one batch, or about several; then back to what waits."""
    fields = await all_sent(request, MOST_LATELY + 20)
    return await _done(request, fields, partial(_decide, fields=fields), probes=False)


@router.post("/guard/probes")
async def probes(request: Request) -> Response:
    """That failures which probes see are real, or that they are to be doubted again."""
    fields = await all_sent(request)
    return await _done(request, fields, partial(_believe, fields=fields), probes=True)


Fields = Mapping[str, Sequence[str]]


async def _done(
    request: Request, fields: Fields, do: Callable[[Installation, Reader], Awaitable[str]], *, probes: bool
) -> Response:
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)
    vo, reason = _last(fields, "vo") or ALL, _last(fields, "reason")
    try:
        if is_anonymous(reader.actor):
            raise Unauthenticated("You are not logged in any more.")
        parts = [f"{request.url.path} {sorted(fields.items())}".encode(errors="replace")]
        sending = Sending(gridmask.errands, reader.actor, parts, lambda _: _address(vo))
        to = await sending.once(partial(do, gridmask, reader))
    except GridmaskError as error:
        sent = Sent(
            reason, frozenset(map(_id, fields.get("batch", ()))), str(error), probes, isinstance(error, Unauthenticated)
        )
        # what is shown again is what they may see
        shown = vo if reader.reads(vo) else ""
        page = await _made(gridmask, reader, shown, sent)
        return Response(page.body, status_of(error), {**pages.HEADERS, **UNKEPT}, "text/html")
    return RedirectResponse(to, 303, UNKEPT)


async def _decide(gridmask: Installation, reader: Reader, fields: Fields) -> str:
    """Decide about the batches that are named, one after the other; each is a decision of its own."""
    decisions = {"confirm": gridmask.batches.confirm, "drop": gridmask.batches.drop}
    decision, reason, named = _last(fields, "decision"), _last(fields, "reason"), fields.get("batch", ())
    if decision not in decisions:
        raise InvalidRequest("A batch is confirmed or dropped.")
    if not named:
        raise InvalidRequest("Nothing is chosen. Say which batches it is about.")
    for one in named:
        # also of those that they may not know, nothing is told
        found = await gridmask.batches.show(_id(one), reads=_reads(reader))
        if one != f"{found.batch.id} {found.batch.rows}":
            raise Conflict(
                f"Batch {found.batch.id} has grown since you looked at it: it has {found.batch.rows:,} rows now. "
                "Nothing was decided; look again and repeat."
            )
    for number, one in enumerate(named):
        try:
            await decisions[decision](reader.actor, _id(one), reason)
        except GridmaskError as error:
            if not number:
                raise
            done = f"{number} of {len(named)} were {'confirmed' if decision == 'confirm' else 'dropped'}, and then: "
            raise Conflict(f"{done}{error}") from error
    return _address(_last(fields, "vo") or ALL, ",".join(map(_id, named)))


async def _believe(gridmask: Installation, reader: Reader, fields: Fields) -> str:
    said, reason, hours = _last(fields, "say"), _last(fields, "reason"), _last(fields, "hours")
    if said == "doubt":
        await gridmask.beliefs.doubt(reader.actor, reason)
    elif said == "believe" and hours in map(str, HOURS):
        await gridmask.beliefs.believe(reader.actor, gridmask.clock() + timedelta(hours=int(hours)), reason)
    else:
        raise InvalidRequest(f"Say that the failures are real, for {', '.join(map(str, HOURS))} hours, or to doubt them again.")
    return _address(_last(fields, "vo") or ALL)


async def _made(gridmask: Installation, reader: Reader, vo: str, sent: Sent, decided: str = "") -> pages.Page:
    reads = _reads(reader) if vo == ALL else partial(_is_of, vo)
    found = await gridmask.batches.list(waiting=False, reads=reads) if vo else []
    now = gridmask.clock()
    waiting = [batch for batch in found if batch.is_open(now)]
    about = {
        "vo": vo,
        "revision": (await gridmask.masks.revisions()).get(vo, 0),
        "waiting": [await _held(gridmask, reader, batch.id, reads) for batch in waiting[:MOST_SHOWN]],
        "more": max(0, len(waiting) - MOST_SHOWN),
        "lately": lately(found, now)[:MOST_LATELY],
        "decided": [batch for batch in found if batch.id in decided.split(",") and batch.decided_at],
        "doubts": await _doubts(gridmask, reader),
        "hours": HOURS,
        "sent": sent,
        "expires": gridmask.inspector.policies.guard.expires,
        "enabled": gridmask.inspector.policies.guard.enabled,
    }
    return await pages.made("guard/guard.html", {**await around(gridmask, reader, GUARD, vo or None), **about})


async def _held(gridmask: Installation, reader: Reader, name: str, reads: Reads) -> Held:
    found = await gridmask.batches.show(name, reads=reads)
    seen = await gridmask.statuses.rows([row.key for row in found.rows])
    return held(found.batch, found.rows, {one.element.key: one.element.site for one in seen}, reader.actor)


async def _doubts(gridmask: Installation, reader: Reader) -> Doubts | None:
    """What there is to say of probes; None: there are none, or it is nobody's business."""
    if not any(reader.reads(grant.vo) for grant in reader.actor.grants):
        return None
    probing = [one for one in await gridmask.sources.health() if one.noted.kind.startswith(OF_PROBES)]
    if not probing:
        return None
    failing = tuple(one for one in probing if one.noted.failure)
    return Doubts(await gridmask.beliefs.watch(), failing, reader.actor.may(Action.BELIEVE_PROBES, ALL))


def _reads(reader: Reader) -> Reads:
    return partial(reader.actor.may, Action.READ)


def _is_of(vo: str, other: str) -> bool:
    return vo == other


def _address(vo: str, decided: str = "") -> str:
    said = {"vo": vo, "decided": decided}
    return f"/guard?{urlencode({name: value for name, value in said.items() if value})}"


def _last(fields: Fields, name: str) -> str:
    return ["", *fields.get(name, ())][-1]


def _id(said: str) -> str:
    """The batch of which a form says how many rows it had."""
    return said.partition(" ")[0]

"""``/elements/{family}/{type}/{name}``: one element, and why it is what it is for a VO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.mask import NotOffered
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.portal.deeds.of_element import deeds_of
from gridmask.portal.drawing.axis import Axis
from gridmask.portal.drawing.timeline import needed
from gridmask.portal.element.answers import answers, contacts, hands, tickets
from gridmask.portal.element.facts import facts
from gridmask.portal.element.gauged import gauged, limit, worded
from gridmask.portal.element.measured import measured
from gridmask.portal.element.past import in_a_line, links, picture, shifts, together
from gridmask.portal.element.window import DAY, Span, Window, customary, said, window
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around, frame
from gridmask.portal.frame.reader import Reader, reader_of
from gridmask.portal.frame.sections import MATRIX
from gridmask.service.chronicles import Chronicle, Course
from gridmask.service.offers import as_told
from gridmask.service.portrait import MOST_CHANGES, Back
from gridmask.service.selection import ElementName

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementKey
    from gridmask.service.portrait import Portrait
    from gridmask.store.downtimes import Version

router = APIRouter(include_in_schema=False, tags=[TAG])

MOST_OTHERS = 24
"""So many elements of a site are listed, beside those on the same host."""

FEW_ANSWERS = 3
"""So many answers are told whole, one below the other; of more, the worst is, and the others stand side by side."""

Asked = Annotated[str, Query(min_length=1, max_length=255)]
SpanChoice = Literal["", "hour", "day", "week", "month", "year", "all"]
Number = Annotated[int | None, Query(ge=1, lt=2**63)]
Did = Annotated[str, Query(max_length=64, description="What was done just now, and what was so before.")]


@dataclass(frozen=True, slots=True)
class Looking:
    """What somebody looks at: so much of the time up to a moment, and which part of the history."""

    span: SpanChoice = ""
    until: datetime | None = None
    aspect: str = ""
    before: int | None = None
    change: int | None = None

    @property
    def back(self) -> Back:
        """Which changes that is."""
        return Back(self.change or self.before, self.change is not None, self.aspect or None, MOST_CHANGES)

    def address(self, key: ElementKey, vo: str, **other: str) -> str:
        """The page of an element for ``vo``, looked at in the same way but for ``other``."""
        shown = {"span": self.span, "until": said(self.until) if self.until else "", "aspect": self.aspect}
        asked = {name: value for name, value in {**shown, **other}.items() if value}
        return addresses.element(key, vo) + (f"&{urlencode(asked)}" if asked else "")


async def looking_at(
    span: SpanChoice = "",
    until: datetime | None = None,
    aspect: Annotated[str, Query(max_length=64)] = "",
    before: Number = None,
    change: Number = None,
) -> Looking:
    """What these parameters ask to look at."""
    return Looking(span, until, aspect, before, change)


async def done_before(done: Did = "", was: Did = "") -> tuple[str, str]:
    """What was done just now, and what was so before."""
    return done, was


@router.api_route("/elements/{family}/{type}/{name:path}", methods=["GET", "HEAD"])
async def element(  # noqa: PLR0913, PLR0917 - what is in the address
    request: Request,
    family: str,
    type: str,  # noqa: A002 - its name in the URL
    name: str,
    looking: Annotated[Looking, Depends(looking_at)],
    did: Annotated[tuple[str, str], Depends(done_before)],
    vo: Asked = ALL,
) -> Response:
    """The page."""
    return await _answer(request, ElementName(name, type, family), vo, looking, did)


@router.api_route("/elements", methods=["GET", "HEAD"])
async def element_asked_for(  # noqa: PLR0913, PLR0917 - what is in the address
    request: Request,
    family: Asked,
    type: Asked,  # noqa: A002 - its name in the URL
    name: Asked,
    looking: Annotated[Looking, Depends(looking_at)],
    did: Annotated[tuple[str, str], Depends(done_before)],
    vo: Asked = ALL,
) -> Response:
    """The page of an element that no path can name."""
    return await _answer(request, ElementName(name, type, family), vo, looking, did)


async def _answer(request: Request, called: ElementName, vo: str, looking: Looking, did: tuple[str, str]) -> Response:
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        try:
            found = await gridmask.portraits.of(called, vo, looking.back)
        except NotOffered as refusal:
            return await _not_offered(gridmask, refusal, reader)
        portrait = for_reader(found, reader)
        shell = frame(gridmask, portrait.revisions, reader, vo=portrait.vo, section=MATRIX)
        seen = _window(gridmask, portrait, looking, shell.now)
        past = await _past(gridmask, portrait, seen, reader)
        about = {"reader": reader, "frame": shell, "looking": looking, "window": seen, **past}
        about |= await deeds_of(gridmask, reader, portrait, *did)
        return await pages.made("element/element.html", {**about, **_present(gridmask, portrait, looking, reader)})

    return await pages.answer(request, make)


async def _not_offered(gridmask: Installation, refusal: NotOffered, reader: Reader) -> pages.Page:
    """What is told for a VO of what is not offered to it: just that, and for whom else its reader may look."""
    told = as_told(refusal.element, reader.reads)
    others = sorted(told.offered) if told else []
    about: dict[str, object] = {
        "key": refusal.element.key,
        "vo": refusal.vo,
        "others": [ALL, *others] if reader.reads(ALL) else others,
        "here": partial(addresses.element, refusal.element.key),
    }
    return await pages.made("element/not_offered.html", {**about, **await around(gridmask, reader, MATRIX, refusal.vo)})


def for_reader(portrait: Portrait, reader: Reader) -> Portrait:
    """What ``reader`` may read of ``portrait``: what is of other VOs is left out."""
    shown = ((view, reader.readable(view.vos)) for view in portrait.views)
    views = tuple(replace(view, vos=vos) for view, vos in shown if vos)
    # whose business is one VO is told what was measured for everyone, too: that decides of its rows
    told = tuple(item for item in portrait.measured if item.vo == ALL or reader.reads(item.vo))
    to_come, past = (tuple(one for one in some if _is_told(one, reader)) for some in (portrait.downtimes, portrait.past))
    element = as_told(portrait.element, reader.reads) or portrait.element
    return replace(portrait, element=element, views=views, measured=told, downtimes=to_come, past=past)


def chronicle_for(chronicle: Chronicle, reader: Reader) -> Chronicle:
    """What ``reader`` may read of ``chronicle``."""
    heard = (one for one in chronicle.courses if _is_told(one.versions[-1], reader))
    courses = tuple(Course(tuple(one for one in course.versions if _is_told(one, reader))) for course in heard)
    recorded = {
        key: tuple(one for one in versions if one.vo == ALL or reader.reads(one.vo))
        for key, versions in chronicle.recorded.items()
    }
    return replace(chronicle, courses=courses, recorded=recorded)


def _is_told(version: Version, reader: Reader) -> bool:
    return version.downtime.vo == ALL or reader.reads(version.downtime.vo)


def _window(gridmask: Installation, portrait: Portrait, looking: Looking, now: datetime) -> Window:
    since = (one.seen.row.standing.since for one in portrait.explanations)
    # a demonstration plays a week in minutes
    least = Span.HOUR if gridmask.demonstration else Span.DAY
    span = Span(looking.span) if looking.span else customary(since, now, least)
    return window(span, looking.until, now)


async def _past(gridmask: Installation, portrait: Portrait, seen: Window, reader: Reader) -> dict[str, object]:
    """What was, and how numbers went; without it, why it cannot be told."""
    trouble, found = "", Chronicle(seen.since or seen.until - DAY, seen.until)
    try:
        found = await gridmask.chronicles.of(portrait.element, portrait.vo, seen.since, seen.until)
    except InvalidRequest as error:
        trouble = str(error)
    told = chronicle_for(found, reader)
    axis = Axis(told.since, told.until, reader.zone)
    return {
        "picture": picture(told, seen, reader.zone, [one.seen.row.key.status_type for one in portrait.explanations]),
        "picture_courses": told.courses,
        "shifts": shifts,
        "worded": worded,
        "limit": limit,
        "needed": needed,
        "told": in_a_line,
        "trouble": trouble,
        "gauged": gauged(portrait.vo, portrait.measured, portrait.judges, told.recorded, axis),
    }


def _present(gridmask: Installation, portrait: Portrait, looking: Looking, reader: Reader) -> Mapping[str, object]:
    key, site = portrait.element.key, portrait.surroundings.site
    found = answers(portrait.explanations)
    changes = together(portrait.changes[:MOST_CHANGES])
    by_api = gridmask.settings.managed_by_api()
    return {
        "portrait": portrait,
        "vo": portrait.vo,
        "here": partial(looking.address, key),
        "revision": portrait.revisions[portrait.vo],
        "answers": [(answer, hands(answer, portrait.vo, reader, by_api)) for answer in found],
        "changes": changes,
        "listed": links(changes),
        "older": portrait.changes[MOST_CHANGES - 1].id if len(portrait.changes) > MOST_CHANGES else None,
        "unknown": Status.UNKNOWN,
        "most_others": MOST_OTHERS,
        "few_answers": FEW_ANSWERS,
        "told_downtimes": {version.downtime.key for version in (*portrait.downtimes, *portrait.past)},
        "aspects": tuple(one.seen.row.key.status_type for one in portrait.explanations),
        "contacts": contacts(portrait.element, site.element if site else None),
        "tickets": tickets(portrait.measured, gridmask.clock()),
        "facts": facts({name: told for name, told in portrait.element.facts.items() if name != "site"}),
        "measured": measured(portrait.vo, portrait.measured),
        "damping": gridmask.inspector.policies.damping,
    }

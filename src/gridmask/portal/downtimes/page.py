"""``/downtimes``: what is announced for a VO, as a calendar and as a list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL
from gridmask.portal.downtimes.agenda import Period, Span, strips
from gridmask.portal.downtimes.edits import Edit, course, edits
from gridmask.portal.downtimes.impact import Impact, impact
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import DOWNTIMES

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.agenda import Announcement

router = APIRouter(include_in_schema=False, tags=[TAG])

FIRST, LAST = 2000, 2999
"""Between these years a calendar can begin."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A downtime as the list tells of it."""

    announcement: Announcement
    edits: tuple[Edit, ...]
    course: str
    impact: tuple[Impact, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for; ``begin`` None: from shortly before now on."""

    vo: str
    span: Span
    begin: datetime | None
    site: str

    def address(self, **other: str) -> str:
        """This view, but for what is given."""
        begin = _clock(self.begin) if self.begin else ""
        here = {"vo": self.vo, "span": str(self.span), "from": begin, "site": self.site}
        return addresses.asking("/downtimes", {**here, **other})

    def period(self, now: datetime, zone: str) -> Period:
        """The stretch that is looked at, by the clock of ``zone``."""
        here = ZoneInfo(zone)
        if self.begin is None:
            return Period(self.span, self.span.begin(now.astimezone(here)))
        return Period(self.span, self.begin.astimezone(here) if self.begin.tzinfo else self.begin.replace(tzinfo=here))


@router.api_route("/downtimes", methods=["GET", "HEAD"])
async def downtimes(
    request: Request,
    vo: Annotated[str, Query(min_length=1, max_length=255)] = ALL,
    span: Span | None = None,
    begin: Annotated[datetime | None, Query(alias="from")] = None,
    site: Annotated[str, Query(max_length=255)] = "",
) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        called = await gridmask.masks.canonical(vo)
        # a demonstration plays a week in minutes
        wanted = span or (Span.HOUR if gridmask.demonstration else Span.WEEK)
        about = await _about(gridmask, reader, Asked(called, wanted, _within(begin), site.strip()))
        return await pages.made("downtimes/downtimes.html", about)

    return await pages.answer(request, make)


def _within(begin: datetime | None) -> datetime | None:
    if begin is not None and not FIRST <= begin.year <= LAST:
        raise InvalidRequest(f"A calendar begins between the years {FIRST} and {LAST}, not in {begin.year}.")
    return begin


async def _about(gridmask: Installation, reader: Reader, asked: Asked) -> dict[str, object]:
    period = asked.period(gridmask.clock(), reader.zone)
    found = await gridmask.agendas.of(asked.vo, period.since.astimezone(UTC), period.until.astimezone(UTC))
    listed = [one for one in found if not asked.site or asked.site in one.sites]
    offered = Counter(line.element.key.type for line in (await gridmask.matrices.of(asked.vo)).lines)
    return {
        "vo": asked.vo,
        "asked": asked,
        "spans": tuple(Span),
        "period": period,
        "steps": _steps(asked, period),
        "strips": strips((one for one in listed if not one.is_withdrawn), period),
        "shown": [_shown(one, offered) for one in listed],
        "sites": sorted({site for one in found for site in one.sites}),
        **await around(gridmask, reader, DOWNTIMES, asked.vo),
    }


def _shown(one: Announcement, offered: Counter[str]) -> Shown:
    return Shown(one, tuple(edits(one.versions)), course(one.versions), tuple(impact(one.elements, offered)))


def _steps(asked: Asked, period: Period) -> tuple[str, str]:
    """The addresses of what comes before, and after."""
    before, after = (_clock(period.span.after(period.since, times)) for times in (-1, 1))
    return asked.address(**{"from": before}), asked.address(**{"from": after})


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if moment.time() == time.min else f"{moment:%Y-%m-%dT%H:%M}"

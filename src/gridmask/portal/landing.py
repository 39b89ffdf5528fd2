"""``/``: what this is, and how it fares, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from gridmask.portal.assets import POLICY, environment
from gridmask.service.downtimes import When

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.service.masks import Count

router = APIRouter(include_in_schema=False)

ORDER = (Status.ACTIVE, Status.DEGRADED, Status.PROBING, Status.BANNED, Status.ERROR, Status.UNKNOWN)
"""Statuses from the best to the worst, and those of which nothing is known."""

LENGTH = 1000
LEAST = 8
"""How long a bar is, and how long the shortest part of it: a single banned row must be seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a bar that one status has."""

    status: Status
    rows: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class MaskLine:
    """A VO's mask in one line."""

    vo: str
    revision: int
    rows: int
    usable: int
    parts: tuple[Part, ...]


@router.api_route("/", methods=["GET", "HEAD"])
async def landing(request: Request) -> HTMLResponse:
    """The page."""
    gridmask: Installation = request.app.state.installation
    counts = await gridmask.masks.counts()
    page = (
        environment()
        .get_template("landing.html")
        .render(
            version=version("gridmask"),
            revision=gridmask.board.revision,
            checked_at=gridmask.board.checked_at,
            everyone=line(ALL, counts[ALL]),
            masks=[line(vo, count) for vo, count in counts.items() if vo != ALL],
            sources=await gridmask.sources.health(),
            ongoing=len(await gridmask.downtimes.list(When.ONGOING)),
        )
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


def line(vo: str, count: Count) -> MaskLine:
    """A mask in one line."""
    by_status = count.by_status
    good = sum(rows for status, rows in by_status.items() if usable(status))
    return MaskLine(vo, count.revision, sum(by_status.values()), good, tuple(_parts(by_status)))


def _parts(by_status: Mapping[Status, int]) -> Iterator[Part]:
    present = [(status, by_status[status]) for status in ORDER if by_status.get(status)]
    lengths = [max(rows / sum(by_status.values()) * LENGTH, LEAST) for _, rows in present]
    start = 0.0
    for (status, rows), length in zip(present, lengths, strict=True):
        part = length / sum(lengths) * LENGTH
        yield Part(status, rows, round(start, 1), round(part, 1))
        start += part

"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever keeps the service running."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Response

from gridmask.api import metrics, problems
from gridmask.api.dependencies import Here
from gridmask.api.models import Moment, Said
from gridmask.bootstrap import Installation
from gridmask.domain.errors import GridmaskError, SchemaMismatch

router = APIRouter(tags=["health"])

PATIENCE = 5.0
"""Seconds that the database may take to say that it is there."""

BEHIND = 30.0
"""Seconds after which a replica of the database that could not be brought up to date counts as old."""


class Alive(Said):
    """The process lives."""

    status: Literal["alive"] = "alive"


class Ready(Said):
    """Requests will be answered."""

    status: Literal["ready"] = "ready"
    revision: int
    checked_at: Moment | None


@router.get("/healthz", summary="Tell whether the process lives")
async def healthz() -> Alive:
    """Nothing else is looked at: restarting would not help where anything else is wrong."""
    return Alive()


@router.get(
    "/readyz",
    summary="Tell whether requests can be answered",
    response_model=Ready,
    responses={503: {"description": "Not yet, or not now; `reasons` tells why."}},
)
async def readyz(gridmask: Here) -> Ready | Response:
    """Whether the database answers, its schema is right, and the masks are known and up to date."""
    reasons = [reason for reason in (await _database(gridmask), _board(gridmask)) if reason]
    if reasons:
        later = {"Retry-After": str(problems.RETRY_AFTER)}
        return problems.answer(503, " ".join(reasons), facts={"reasons": reasons}, headers=later)
    return Ready(revision=gridmask.board.revision, checked_at=gridmask.board.checked_at)


@router.get(
    "/metrics",
    summary="Tell figures to Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "In Prometheus' text format."}},
)
async def tell_metrics(gridmask: Here) -> Response:
    """Figures of this process, and of the installation as far as the database tells."""
    media_type, body = await metrics.told(gridmask)
    return Response(body, media_type=media_type)


async def _database(gridmask: Installation) -> str | None:
    # who is given up waiting for goes on to its own end, which the store sees to
    looking = asyncio.create_task(gridmask.database.check())
    done, _ = await asyncio.wait((looking,), timeout=PATIENCE)
    if not done:
        looking.add_done_callback(lambda late: late.cancelled() or late.exception())
        return f"The database does not answer within {PATIENCE:.0f} s."
    try:
        looking.result()
    except SchemaMismatch as mismatch:
        # a later program's only adds to what this one needs: it may run until it is replaced
        return str(mismatch) if mismatch.known else None
    except GridmaskError as error:
        return str(error)
    return None


def _board(gridmask: Installation) -> str | None:
    checked_at = gridmask.board.checked_at
    if checked_at is None:
        return "The masks are not loaded yet."
    age = (gridmask.clock() - checked_at).total_seconds()
    return f"The masks were last compared with the database {age:.0f} s ago." if age > BEHIND else None

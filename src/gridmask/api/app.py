"""The application: all routes of one installation behind the one door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gridmask.api import (
    access,
    actions,
    actuators,
    alerts,
    audit,
    automation,
    availability,
    batches,
    calendars,
    downtimes,
    elements,
    evidence,
    explanations,
    guards,
    health,
    hindsight,
    masks,
    policies,
    probes,
    problems,
    review,
    sources,
    statuses,
    timelines,
    tokens,
)
from gridmask.api.delta import DeltaDoor
from gridmask.api.dependencies import of_scope, only_known_parameters
from gridmask.api.follow import StreamDoor
from gridmask.api.gate import Gate
from gridmask.api.mask import MaskDoor
from gridmask.api.openapi import Api
from gridmask.api.quick import Quick
from gridmask.api.rights import admit
from gridmask.api.streams import Streams
from gridmask.dirac_rpc.door import DiracDoor
from gridmask.diracx_rest.door import DiracXDoor
from gridmask.diracx_rest.told import told as told_to_diracx
from gridmask.domain.errors import GridmaskError
from gridmask.portal.frame.pages import Pages
from gridmask.portal.frame.problem import is_for_people, problem
from gridmask.portal.routes import OPEN, PAGES

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

log = structlog.get_logger()

ABOUT = """Which services may a Virtual Organisation (VO) use, right now, for what, and why?

A VO's *mask* is the status of every row that concerns it; `all` is the row that counts for a VO without one of its own.
Times are in UTC. Lists are cut into pages: pass `next` on as `cursor`. What goes wrong is told as `application/problem+json`.
"""

SILENT = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""For FastAPI, which would send queries and texts of errors to whomever it finds configured. See :mod:`.following`."""

AFTER_A_FAULT = 1.0
"""Seconds after which what runs beside the requests begins anew, should it ever end."""


def create_app(gridmask: Installation) -> FastAPI:
    """The application that serves ``gridmask``.

    With its lifespan it runs the loop, and follows what other processes write; without, it answers requests alone.
    """
    gate, streams, mask = Gate(gridmask), Streams(), MaskDoor(gridmask)
    app = Api(
        gate,
        mask,
        StreamDoor(gridmask, gate, streams),
        DeltaDoor(gridmask),
        title="Gridmask",
        version=version("gridmask"),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=SILENT,
        generate_unique_id_function=lambda route: route.name,
        lifespan=_living,
    )
    app.set_quick(Quick(gridmask, gate, mask))
    app.set_beside(DiracDoor(gridmask, of_scope, gate.speaking), guards.FORM)
    app.set_beside(DiracXDoor(gridmask, of_scope), tell=told_to_diracx, counts=False)
    app.state.installation = gridmask
    app.state.gate = gate
    app.state.streams = streams
    about_rows = (masks, hindsight, timelines, availability, explanations, review, statuses, tokens, automation, batches)
    acting = (actions, actuators)
    for noun in (
        *about_rows,
        policies,
        evidence,
        alerts,
        elements,
        downtimes,
        calendars,
        sources,
        probes,
        *acting,
        access,
        audit,
        health,
    ):
        app.include_router(noun.router, dependencies=[Depends(admit), Depends(only_known_parameters)])
    app.state.pages = Pages()
    for page in PAGES:
        app.include_router(page, dependencies=[Depends(admit), Depends(only_known_parameters)])
    for page in OPEN:
        app.include_router(page, dependencies=[Depends(admit)])
    for error, told in _PROBLEMS.items():
        app.add_exception_handler(error, _to_whom_it_concerns(told))
    return app


Told = Callable[[Request, Any], Awaitable[Response]]

_PROBLEMS: Mapping[type[Exception], Told] = {
    GridmaskError: problems.of_error,
    HTTPException: problems.of_http,
    RequestValidationError: problems.of_validation,
}


def _to_whom_it_concerns(told: Told) -> Told:
    """Tells people by a page what ``told`` tells programs."""

    async def tell(request: Request, error: Exception) -> Response:
        answer = await told(request, error)
        return problem(request, answer, error) if is_for_people(request) else answer

    return tell


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    gridmask: Installation = app.state.installation
    runs = (("watch", gridmask.watch.run), ("loop", gridmask.loop.run), ("checkup", gridmask.checkup.run))
    tasks = [asyncio.create_task(_kept_running(name, run), name=name) for name, run in runs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_running(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run what should not end, and begin anew should it."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("what runs beside the requests met a fault, and begins anew", part=name)
        await asyncio.sleep(AFTER_A_FAULT)

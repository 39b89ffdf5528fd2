"""The door itself: what every request passes on its way in, and every answer on its way out."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from gridmask.api import guards, metrics, problems
from gridmask.domain.errors import GridmaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gridmask.api.gate import Gate

    Tell = Callable[[Scope, GridmaskError], ASGIApp]

log = structlog.get_logger()

HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}
"""On every answer that does not say otherwise itself."""

_HEADERS = list(HEADERS.items())


def problem(scope: Scope, error: GridmaskError) -> ASGIApp:
    """One of our own errors as an answer."""
    del scope
    return problems.told(error)


class Door:
    """Refuses what must not come in, adds headers that protect readers, counts, and lets no fault out."""

    def __init__(self, app: ASGIApp, gate: Gate, media_type: bytes = guards.JSON, tell: Tell = problem) -> None:
        """``media_type``: what the bodies of requests are; ``tell``: makes answers of errors."""
        self._app = app
        self._gate = gate
        self._media_type = media_type
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, started = perf_counter(), False
        headers = dict(scope["headers"])
        request = self._gate.request_id(scope, headers)

        async def out(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _protect(message)
                message["headers"] = [*message["headers"], (b"x-request-id", request.encode())]
                metrics.answered(scope, message["status"], perf_counter() - began)
            await send(message)

        try:
            await self._pass(scope, receive, out, headers, request)
        except GridmaskError as error:
            if started:
                raise
            await self._tell(scope, error)(scope, receive, out)
        except Exception:
            if started:
                raise
            log.exception("a request met a fault", method=scope["method"], path=scope["path"])
            await problems.of_fault()(scope, receive, out)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes], request: str) -> None:
        refusal = self._gate.refusal(headers) or guards.refusal(scope["method"], headers, self._media_type)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["actor"] = await self._gate.actor(scope, headers, request)
        if scope["method"] in guards.SAFE:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, guards.limited(receive), send)


def _protect(message: Message) -> None:
    headers = message["headers"]
    if message["status"] == 304:
        return  # what the reader has already came with them
    present = {name for name, _ in headers}
    message["headers"] = [*headers, *(header for header in _HEADERS if header[0] not in present)]

"""The door itself: what every request passes on its way in, and every answer on its way out."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gridmask import observe
from gridmask.access.doorkeeper import is_anonymous
from gridmask.api import following, guards, metrics, origins, problems
from gridmask.domain.errors import GridmaskError, TooMuch, Unauthenticated
from gridmask.portal.frame.problem import fault, is_for_people

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gridmask.api.gate import Gate
    from gridmask.api.throttle import Standing
    from gridmask.domain.actor import Actor
    from gridmask.tracing import Step

    Tell = Callable[[Scope, GridmaskError], ASGIApp]

log = structlog.get_logger()

HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    # a cookie does not keep what stands between from giving an answer to others, as a token does
    b"cache-control": b"private, no-cache",
}
"""On every answer that does not say otherwise itself."""

KNOWN, STRANGERS = "known", "strangers"
"""What the limits are called, of those who are known and of all others."""

UNCOUNTED = following.HEALTH
"""Paths that are asked for all the time."""

_HEADERS = list(HEADERS.items())


def problem(scope: Scope, error: GridmaskError) -> ASGIApp:
    """One of our own errors as an answer."""
    return problems.told(error, to_one_who_gives_up=scope["path"].startswith(guards.TOLD_ONCE))


class Door:
    """Refuses what must not come in, adds headers that protect readers, counts, and lets no fault out."""

    def __init__(
        self, app: ASGIApp, gate: Gate, media_type: bytes = guards.JSON, tell: Tell = problem, *, counts: bool = True
    ) -> None:
        """What this door does.

        Args:
            app: what is behind it.
            gate: who may come in.
            media_type: what the bodies of requests are.
            tell: makes answers of errors.
            counts: whether it is counted how often who is known asks.
        """
        self._app = app
        self._gate = gate
        self._media_type = media_type
        self._tell = tell
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request = self._gate.request_id(scope, headers)
        before = observe.ASKED.set((request, ""))
        try:
            with following.request(scope, headers) as asking:
                await self._answer(scope, receive, send, headers, (request, asking))
        finally:
            observe.ASKED.reset(before)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes], about: tuple[str, Step]
    ) -> None:
        began, started = perf_counter(), False
        request, asking = about
        told = [(b"x-request-id", request.encode())]

        async def out(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _protect(message)
                message["headers"] = [*message["headers"], *told]
                metrics.answered(scope, message["status"], perf_counter() - began)
                following.answered(asking, scope, message)
            await send(message)

        try:
            await self._pass(scope, receive, out, headers, told)
        except Exception as error:
            if started:
                raise
            await self._told(scope, error)(scope, receive, out)

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes], told: list[tuple[bytes, bytes]]
    ) -> None:
        """Let a request in, or refuse it. ``told`` are headers of the answer, whatever it is."""
        refusal = self._gate.refusal(headers) or guards.refusal(
            scope["method"], headers, guards.expected(scope["path"], self._media_type)
        )
        if refusal is None:
            told += origins.shared(scope, headers, self._gate.origins)
            refusal = origins.preflight(scope, headers, self._gate.origins)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        request = told[0][1].decode()
        actor = scope.setdefault("state", {})["actor"] = await self._actor(scope, headers, request, told)
        observe.ASKED.set((request, "" if is_anonymous(actor) else actor.name))
        safe = scope["method"] in guards.SAFE
        await self._app(scope, receive if safe else guards.limited(receive, self._gate.patience), send)

    def _told(self, scope: Scope, error: Exception) -> ASGIApp:
        """What went wrong, as an answer."""
        if isinstance(error, GridmaskError):
            return self._tell(scope, error)
        if isinstance(error, HTTPException):
            return problems.answer(error.status_code, error.detail, headers=error.headers)
        log.error("a request met a fault", method=scope["method"], path=scope["path"], exc_info=error)
        return fault() if is_for_people(Request(scope)) else problems.of_fault()

    async def _actor(
        self, scope: Scope, headers: Mapping[bytes, bytes], request: str, told: list[tuple[bytes, bytes]]
    ) -> Actor:
        """Who asks, and in ``told`` how they fare who may ask only so often.

        Raises:
            Unauthenticated, KeysUnavailable: as the gate has it. TooMuch: they ask too often.
        """
        throttle = self._gate.throttle
        try:
            actor = await self._gate.actor(scope, headers, request)
        except Unauthenticated:
            if throttle:
                # never before: others at the same address may have done nothing wrong
                _require(throttle.of_stranger(self._gate.address(scope, headers)), STRANGERS, told)
            raise
        if throttle and self._counts and scope["path"] not in UNCOUNTED:
            _require(throttle.of(actor), STRANGERS if is_anonymous(actor) else KNOWN, told)
        return actor


def _require(standing: Standing | None, name: str, told: list[tuple[bytes, bytes]]) -> None:
    if standing is None:
        return
    told += standing.headers(name)
    if standing.wait:
        raise TooMuch(standing.wait)


def _protect(message: Message) -> None:
    headers = message["headers"]
    if message["status"] == 304:
        return  # what the reader has already came with them
    present = {name for name, _ in headers}
    message["headers"] = [*headers, *(header for header in _HEADERS if header[0] not in present)]

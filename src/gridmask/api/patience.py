"""Patience: how long a connection may take to ask for something, and how many there may be. uvicorn would wait for ever."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gridmask.api.wire import EXTENSION

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gridmask.api.crowd import Crowd
    from gridmask.api.wire import Direct

HEAD_WITHIN = 20.0
"""Seconds that the head of a request may take to arrive."""


class Patient(H11Protocol):
    """A connection that is closed unless a whole head of a request arrives in time, and at once if there are too many."""

    within = HEAD_WITHIN
    crowd: Crowd | None = None
    wire: Direct | None = None
    _counted: str | None = None
    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """See asyncio's."""
        super().connection_made(transport)
        self.app = partial(_on, self.app, self)
        if self.crowd is not None:
            address = self.client[0] if self.client else ""
            if not self.crowd.enter(address):
                transport.abort()
                return
            self._counted = address
        self._wait()

    def data_received(self, data: bytes) -> None:
        """See asyncio's."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._ending is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio's."""
        self._wait_no_more()
        if self.crowd is not None and self._counted is not None:
            self.crowd.leave(self._counted)
        super().connection_lost(exc)
        if self.wire is not None:
            self.wire.lost()

    def resume_writing(self) -> None:
        """See asyncio's."""
        super().resume_writing()
        if self.wire is not None:
            self.wire.resume()

    def _wait(self) -> None:
        self._ending = self.loop.call_later(self.within, self._end)

    def _wait_no_more(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end(self) -> None:
        self._ending = None
        # between two requests there is a limit of uvicorn's own
        if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            self.transport.close()


def _on(app: ASGIApp, line: Patient, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Have ``app`` answer, and know of the connection: streams write to it."""
    scope.setdefault("extensions", {})[EXTENSION] = line
    return app(scope, receive, send)


def patient(crowd: Crowd) -> type[Patient]:
    """Connections that are counted in ``crowd``."""
    return type("Patient", (Patient,), {"crowd": crowd})

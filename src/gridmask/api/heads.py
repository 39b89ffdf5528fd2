"""Heads: what is asked for by HEAD is answered as by GET, without the body (:rfc:`9110`, section 9.3.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOT_READ = "/login"
"""How paths begin that do more than tell something."""


class Heads:
    """Stands before routes that know of GET alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(NOT_READ):
            await self._app(scope, receive, send)
            return
        told = asyncio.Event()

        async def hear() -> Message:
            # what would go on for long ends here: nobody hears it
            await told.wait()
            return {"type": "http.disconnect"}

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["method"] = "HEAD"
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                told.set()

        # in place, so that what is found out about the request is known outside
        scope["method"] = "GET"
        try:
            await self._app(scope, hear, tell)
        finally:
            # what went wrong on the way is told to who asked for the head
            scope["method"] = "HEAD"

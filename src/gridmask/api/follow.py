"""``/api/v1/masks/{vo}/stream``: one VO's mask, and each change of it as it comes.

Thousands of these are open at once, and come back together after a restart: so it is a plain ASGI application.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from gridmask.api import problems
from gridmask.api.dependencies import check_parameters
from gridmask.api.mask import METHODS, PREFIX
from gridmask.api.rights import require_reader
from gridmask.api.streams import EventStream
from gridmask.domain.errors import GridmaskError, InvalidRequest
from gridmask.service.bookmark import Bookmark

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gridmask.api.gate import Gate
    from gridmask.api.streams import Ask, Streams
    from gridmask.bootstrap import Installation

PARAMETERS = {"since": False}

_PATH = re.compile(re.escape(PREFIX) + "([^/]{1,255})/stream")


class StreamDoor:
    """Has a VO's mask followed."""

    path = PREFIX + "{vo}/stream"

    def __init__(self, gridmask: Installation, gate: Gate, streams: Streams) -> None:
        self.description: Mapping[str, Any] = DESCRIPTION
        self._gridmask = gridmask
        self._gate = gate
        self._streams = streams

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for a stream."""
        path: str = scope["path"]
        return path.endswith("/stream") and _PATH.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        scope["route"] = self
        try:
            answer = await self._answer(scope)
        except GridmaskError as error:
            answer = problems.told(error)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Any:  # noqa: ANN401 - an answer of any kind
        if scope["method"] not in METHODS:
            return problems.not_allowed(scope["method"], ", ".join(METHODS))
        told, actor = _told(scope), scope["state"]["actor"]
        vo = scope["path"][len(PREFIX) :].partition("/")[0]
        await require_reader(self._gridmask, actor, vo)
        name = await self._gridmask.masks.canonical(vo)
        # nothing is awaited from here until the stream counts
        self._streams.require_room(whose := self._gate.bucket(actor), self._gridmask.settings.limits)
        asked = self._asking(scope, name) if self._gridmask.doorkeeper.asks else None
        return EventStream(partial(self._gridmask.masks.newsroom.following, name, told), self._streams, whose, asked)

    def _asking(self, scope: Scope, vo: str) -> Ask:
        async def ask() -> None:
            await require_reader(self._gridmask, await self._gate.again(scope, scope["state"]["actor"]), vo)

        return ask


def _told(scope: Scope) -> Bookmark | None:
    """Where the reader is; what it says as it comes back counts for more than what it asked for at first.

    Raises:
        InvalidRequest: it asked for something that cannot be.
    """
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    check_parameters(asked, PARAMETERS)
    since = [Bookmark.parse(value) for _, value in asked]
    if None in since:
        raise InvalidRequest(f"since={asked[0][1]!r} is no revision, such as `42`, nor one with its mark: `{_MARKED}`.")
    came_back = next((value for name, value in scope["headers"] if name == b"last-event-id"), None)
    if came_back is not None:
        return Bookmark.parse(came_back.decode("latin-1"))
    return since[0] if since else None


_MARKED = "42-3f9a0c5be1d27846"
_STRING = {"type": "string"}
_PLACE = {**_STRING, "pattern": "^[0-9]{1,18}(-[0-9a-f]{16})?$"}
_SINCE = f"Begin with what changed since this revision; with its mark, as in `{_MARKED}`, only if it is of this past."
_GET = {
    "tags": ["masks"],
    "summary": "Follow a VO's mask",
    "description": "A whole mask, or what changed in it since some revision; then each change as it comes, as server-sent "
    "events.\n\n`mask` is a whole mask, as `GET /api/v1/masks/{vo}` gives it; `delta` is what changed since the event before: "
    "`elements` that are new or other, and `gone`, the identities of those to be forgotten. An event's `id` is the revision "
    "that it leads to, with its mark. What cannot be resumed begins with a whole mask. A comment every 15 s tells that all is "
    "well. Within as long, it ends for who may not read this any more.",
    "operationId": "follow_mask",
    "parameters": [
        {
            "name": "vo",
            "in": "path",
            "required": True,
            "schema": {**_STRING, "minLength": 1, "maxLength": 255},
            "description": "The VO, by its name or an alias, or `all`.",
        },
        {"name": "since", "in": "query", "required": False, "schema": _PLACE, "description": _SINCE},
        {
            "name": "last-event-id",
            "in": "header",
            "required": False,
            "schema": _STRING,
            "description": "The same, as readers send it when they come back.",
        },
    ],
    "responses": {
        "200": {"description": "Events, until either side ends.", "content": {"text/event-stream": {"schema": _STRING}}},
    },
}
DESCRIPTION: Mapping[str, Any] = {"get": _GET}
"""What OpenAPI says about each method."""

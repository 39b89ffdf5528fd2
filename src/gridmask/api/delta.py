"""``/api/v1/masks/{vo}/delta``: what turns the mask that a reader has into the one of now.

For those who cannot keep a stream open, and want more than the whole mask each time. As the mask itself, it is a plain ASGI
application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from gridmask.api import problems, telling
from gridmask.api.dependencies import check_parameters
from gridmask.api.mask import ELEMENT, IDENTITY, METHODS, PREFIX, parameter
from gridmask.api.rights import require_reader
from gridmask.domain.errors import GridmaskError, InvalidRequest
from gridmask.feeds import mask_json
from gridmask.service.bookmark import Bookmark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from gridmask.bootstrap import Installation

SUFFIX = "/delta"
PARAMETERS = {"since": False}


class DeltaDoor:
    """Gives what changed in a VO's mask since a revision."""

    path = PREFIX + "{vo}" + SUFFIX

    def __init__(self, gridmask: Installation) -> None:
        self.description: Mapping[str, Any] = DESCRIPTION
        self._gridmask = gridmask

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for it."""
        path = scope["path"]
        return path.startswith(PREFIX) and path.endswith(SUFFIX) and "/" not in (vo := _vo(path)) and bool(vo)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        scope["route"] = self
        try:
            if scope["method"] in METHODS:
                await self._answer(scope, send)
            else:
                await problems.not_allowed(scope["method"], ", ".join(METHODS))(scope, receive, send)
        except GridmaskError as error:
            await problems.told(error)(scope, receive, send)

    async def _answer(self, scope: Scope, send: Send) -> None:
        vo = _vo(scope["path"])
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
        check_parameters(asked, PARAMETERS)
        await require_reader(self._gridmask, scope["state"]["actor"], vo)
        since = _since(dict(asked).get("since"))
        served = await self._gridmask.masks.delta(vo, since, coding=telling.coding_for(scope))
        await telling.tell(scope, send, served, mask_json.MEDIA_TYPE.encode(), telling.age(self._gridmask))


def _vo(path: str) -> str:
    return path[len(PREFIX) : -len(SUFFIX)]


def _since(given: str | None) -> Bookmark:
    if given is None:
        raise InvalidRequest("Say since when: since=REVISION, with its mark where that is known, as in 42-3f9a0c5be1d27846.")
    found = Bookmark.parse(given)
    if found is None:
        raise InvalidRequest(f"since={given!r} is no revision; write it as in 42 or, with its mark, 42-3f9a0c5be1d27846.")
    return found


_STRING, _NUMBER = {"type": "string"}, {"type": "integer"}
_DELTA = {
    "type": "object",
    "required": ["vo", "since", "revision", "elements", "gone"],
    "properties": {
        "vo": _STRING,
        "since": {**_NUMBER, "description": "The revision that the reader has."},
        "revision": {**_NUMBER, "description": "The one to which this leads."},
        "mark": {**_STRING, "description": "Its mark."},
        "elements": {"type": "array", "items": ELEMENT, "description": "What is new or other."},
        "gone": {"type": "array", "items": IDENTITY, "description": "What is in the mask no more."},
    },
}
_GET = {
    "tags": ["masks"],
    "summary": "Read what changed in a VO's mask",
    "description": "What turns the mask at revision `since` into the one of now, however long ago that was. If that is the "
    "same, there is nothing in it. From what is not of this database's past, nothing leads here: then it is `410`, and the "
    "whole mask is to be read.",
    "operationId": "read_mask_delta",
    "parameters": [
        parameter("vo", "path", _STRING, "The VO, by its name or an alias, or `all`."),
        parameter("since", "query", _STRING, "The revision that the reader has, with its mark: `42-3f9a0c5be1d27846`.")
        | {"required": True},
        parameter("If-None-Match", "header", _STRING, "The validators of what the reader has."),
    ],
    "responses": {
        "200": {
            "description": "The changes.",
            "headers": telling.HEADERS,
            "content": {"application/json": {"schema": _DELTA}},
        },
        "304": {"description": "The reader has it already.", "headers": telling.HAS_IT},
        "410": {"description": "No changes lead from there to here."},
    },
}
DESCRIPTION: Mapping[str, Any] = {"get": _GET}
"""What OpenAPI says about each method."""

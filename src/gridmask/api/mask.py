"""``/api/v1/masks/{vo}``: one VO's mask.

It is what is read most, and by far: so it is a plain ASGI application, which costs little more than its bytes do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse

from gridmask.api import problems, telling
from gridmask.api.dependencies import check_parameters
from gridmask.api.models import Moment
from gridmask.api.rights import require_reader
from gridmask.domain.errors import GridmaskError, InvalidRequest, NotKnown
from gridmask.domain.mask import Absence, Entry
from gridmask.domain.status import Purpose
from gridmask.feeds import mask_json, mask_text, ssb, usable_sites, vo_feed
from gridmask.service.bookmark import Bookmark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementKey
    from gridmask.service.masks import Part

PREFIX = "/api/v1/masks/"

METHODS = ("GET", "HEAD")

PARAMETERS = {"format": False, "name": True, "purpose": False, "at": False}

MOST_NAMES = 1000
"""So many elements can be asked about at once."""

_MEDIA_TYPES = {
    "json": mask_json.MEDIA_TYPE.encode(),
    "text": mask_text.MEDIA_TYPE.encode(),
    "vo-feed": vo_feed.MEDIA_TYPE.encode(),
    "usable-sites": usable_sites.MEDIA_TYPE.encode(),
    "ssb": ssb.MEDIA_TYPE.encode(),
}
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class MaskDoor:
    """Gives a VO's mask, whole or about some elements."""

    path = PREFIX + "{vo}"

    def __init__(self, gridmask: Installation) -> None:
        self.description: Mapping[str, Any] = DESCRIPTION
        self._gridmask = gridmask

    @cached_property
    def _of_the_past(self) -> bytes:
        """Who may keep what will never be another."""
        access = self._gridmask.settings.access
        return telling.OF_ALL if access is None or access.reading == "public" else telling.OF_ONE

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for a mask."""
        path = scope["path"]
        return path.startswith(PREFIX) and len(path) > len(PREFIX) and "/" not in path[len(PREFIX) :]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        scope["route"] = self
        try:
            await self._answer(scope, receive, send)
        except GridmaskError as error:
            await problems.told(error)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in METHODS:
            await problems.not_allowed(scope["method"], ", ".join(METHODS))(scope, receive, send)
            return
        vo, encoding, names, purpose, at = scope["path"][len(PREFIX) :], "json", [], None, None
        if scope["query_string"]:
            asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
            check_parameters(asked, PARAMETERS)
            encoding = next((value for name, value in asked if name == "format"), encoding)
            names = [value for name, value in asked if name == "name"]
            purpose = next((_purpose(value) for name, value in asked if name == "purpose"), None)
            at = next((_moment(value) for name, value in asked if name == "at"), None)
        await require_reader(self._gridmask, scope["state"]["actor"], vo)
        if at is not None and names:
            raise InvalidRequest("The past is told of whole masks only: leave out `name`, and look for it in the answer.")
        if names:
            await (await self._part(vo, encoding, names, purpose))(scope, receive, send)
        else:
            await self._whole(vo, encoding, purpose, at, scope, send)

    async def _whole(
        self, vo: str, encoding: str, purpose: Purpose | None, at: datetime | Bookmark | None, scope: Scope, send: Send
    ) -> None:
        coding = telling.coding_for(scope)
        if at is None:
            served = await self._gridmask.masks.serve(vo, encoding, purpose, coding=coding)
            await telling.tell(scope, send, served, _MEDIA_TYPES[encoding], telling.age(self._gridmask))
        else:
            served = await self._gridmask.past_masks.serve(vo, at, encoding, purpose, coding=coding)
            cached = self._of_the_past if served.lasting else telling.NO_CACHE
            await telling.tell(scope, send, served, _MEDIA_TYPES[encoding], cached=cached)

    async def _part(self, vo: str, encoding: str, names: Sequence[str], purpose: Purpose | None) -> JSONResponse:
        if encoding != "json":
            raise InvalidRequest("What is asked for by name is answered in JSON only.")
        if len(names) > MOST_NAMES:
            raise InvalidRequest(f"Ask about {MOST_NAMES:,} names at most; or read the whole mask.")
        part = await self._gridmask.masks.say(vo, dict.fromkeys(names), purpose)
        told = {"vo": part.vo, "revision": part.revision, "elements": said(part)}
        age = {name.decode(): value.decode() for name, value in telling.age(self._gridmask)}
        return JSONResponse(told, headers={"Cache-Control": "no-cache", **age})


def said(part: Part) -> list[dict[str, Any]]:
    """What a mask says about elements, each for itself; or why it says nothing about one."""
    return [
        element
        for name, found in part.said.items()
        for element in [_said(key, entry) for key, entry in found.items()] or [{"name": name, "absence": Absence.NOT_KNOWN}]
    ]


def _said(key: ElementKey, entry: Entry | Absence) -> dict[str, Any]:
    return json.loads(mask_json.fragment(key, entry)) if isinstance(entry, Entry) else {**key._asdict(), "absence": entry}


def _purpose(name: str) -> Purpose:
    try:
        return Purpose.parse(name)
    except NotKnown as error:
        raise InvalidRequest(str(error)) from error


def _moment(text: str) -> datetime | Bookmark:
    revision = Bookmark.parse(text)
    if revision is not None:
        return revision
    try:
        return _MOMENT.validate_python(text)
    except ValidationError as error:
        hint = " A + in an address stands for a space: write %2B." if re.search(r" \d\d:?\d\d$", text) else ""
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidRequest(f"at={text!r}: {problem}.{hint}") from None


def parameter(name: str, where: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """What OpenAPI says of a parameter."""
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": description}


_STRING = {"type": "string"}
ELEMENT = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "family": _STRING,
        "type": _STRING,
        "name": _STRING,
        "site": _STRING,
        "status": {"type": "object", "additionalProperties": _STRING, "description": "Statuses by status type."},
        "absence": {"enum": [str(absence) for absence in Absence], "description": "Why nothing is said about it, if so."},
    },
}
IDENTITY = {
    "type": "object",
    "required": ["family", "type", "name"],
    "properties": {"family": _STRING, "type": _STRING, "name": _STRING},
}
_MASK = {
    "type": "object",
    "required": ["vo", "revision", "elements"],
    "properties": {
        "vo": _STRING,
        "at": {**_STRING, "format": "date-time", "description": "With `at`: the moment."},
        "revision": {"type": "integer"},
        "mark": {**_STRING, "description": "Of now: by what the revision is told apart from one of another past."},
        "elements": {"type": "array", "items": ELEMENT},
        "unsure": {"type": "array", "items": IDENTITY, "description": "With `at`: elements that were edited since."},
    },
}
_SITES = {
    "type": "array",
    "description": "As `usable-sites`.",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {
            "name": _STRING,
            "nvalue": {"type": "null"},
            "color": _STRING,
            "value": {"enum": ["usable", "not_usable"]},
            "url": _STRING,
            "date": {"type": "integer"},
        },
    },
}
_GET = {
    "tags": ["masks"],
    "summary": "Read a VO's mask",
    "description": "The status of every row of the elements in service that are offered to the VO, in the order of family, "
    "type and name. With `name`: about these elements alone, each with its statuses or the reason why there are none.",
    "operationId": "read_mask",
    "parameters": [
        parameter("vo", "path", _STRING, "The VO, by its name or an alias, or `all`."),
        parameter("format", "query", {"enum": list(_MEDIA_TYPES), "default": "json"}, "JSON, or one of the other formats."),
        parameter("name", "query", {"type": "array", "items": _STRING, "maxItems": MOST_NAMES}, "An element; repeatable."),
        parameter(
            "purpose",
            "query",
            {"enum": [purpose.value for purpose in Purpose]},
            "Only what may be used for this: `use`, or `test`, for which `Probing` will do. Else every row, with its status.",
        ),
        parameter("at", "query", _STRING, "The moment in the past of which to tell, or a revision. Else: now."),
        parameter("If-None-Match", "header", _STRING, "The validators of what the reader has."),
    ],
    "responses": {
        "200": {
            "description": "The mask.",
            "headers": telling.HEADERS,
            "content": {
                "application/json": {"schema": {"anyOf": [_MASK, _SITES]}},
                "text/plain": {"schema": _STRING},
                "application/xml": {"schema": _STRING},
            },
        },
        "304": {"description": "The reader has it already.", "headers": telling.HAS_IT},
    },
}
DESCRIPTION: Mapping[str, Any] = {"get": _GET}
"""What OpenAPI says about each method."""

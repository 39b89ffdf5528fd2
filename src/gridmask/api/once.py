"""Once: a change that comes with an ``Idempotency-Key`` is made once, and answered alike however often it comes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, cast

from starlette.datastructures import Headers
from starlette.responses import Response

from gridmask.access.doorkeeper import is_anonymous
from gridmask.api import problems
from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gridmask.bootstrap import Installation
    from gridmask.domain.actor import Actor
    from gridmask.service.errands import Errands
    from gridmask.store.errands import Errand

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""On an answer that was given before."""

PREFIX = "/api/v1/"
"""Where keys count."""

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""The methods of what can be done once; whatever else there may be one day is not done at all."""

_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')
_BARE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
_KEPT = ("content-type", "location", "etag", "cache-control")
_ASKED = ("content-type", "if-match")


class Routed(Protocol):
    """An application that knows its routes."""

    def methods(self, path: str) -> Sequence[str]:
        """Those that there are where ``path`` leads."""


class Once:
    """Stands between the door, which knows who asks, and the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification.

        Raises:
            KeyReused, InProgress, AnswerLost: as :meth:`Errands.answered` has it.
        """
        keys = Headers(scope=scope).getlist(HEADER) if _counts(scope) else []
        # what cannot be done at all is refused as such, whatever its key once stood for
        if not keys or scope["method"] not in cast("Routed", scope["app"]).methods(scope["path"]):
            await self._app(scope, receive, send)
            return
        key = keys[0].strip() if len(keys) == 1 else ""
        named = _QUOTED.fullmatch(key) or _BARE.fullmatch(key)
        if named is None:
            told = f"{HEADER} is one text of up to 255 ASCII characters that can be shown, best in quotes and made at random."
            await problems.answer(400, told, kind=problems.KINDS[InvalidRequest])(scope, receive, send)
            return
        await self._once(re.sub(r"\\(.)", r"\1", named[named.lastindex or 0]), scope, receive, send)

    async def _once(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        errands = cast("Installation", scope["app"].state.installation).errands
        body = await _whole(receive)
        if body is None:
            return
        errand = _errand(errands, key, scope, body)
        before = await errands.answered(errand)
        if before is not None:
            again = Response(before.body, before.status, {**before.headers, REPLAYED: "true"})
            await again(scope, receive, send)
            return
        taken: list[Message] = []
        with errands.doing(errand):
            await self._app(scope, _again(body, receive), _into(taken))
            if errand.is_done:
                await _keep(errands, errand, taken)
        for message in taken:
            await send(message)


def _counts(scope: Scope) -> bool:
    """Whether a key on a request would mean something. Who is not known changes nothing."""
    if scope["type"] != "http" or scope["method"] not in CHANGING or not scope["path"].startswith(PREFIX):
        return False
    return not is_anonymous(scope["state"]["actor"])


def _errand(errands: Errands, key: str, scope: Scope, body: bytes) -> Errand:
    actor = cast("Actor", scope["state"]["actor"])
    headers = Headers(scope=scope)
    asked = (",".join(headers.getlist(name)).encode() for name in _ASKED)
    what = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], *asked, body)
    return errands.errand(actor.name, key, actor.origin.request, *what)


async def _whole(receive: Receive) -> bytes | None:
    """The body of a request; None: whoever sent it went away meanwhile."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
    return None


def _again(body: bytes, receive: Receive) -> Receive:
    """``receive``, from the beginning."""
    read = False

    async def take() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return take


def _into(taken: MutableSequence[Message]) -> Send:
    async def take(message: Message) -> None:
        taken.append(message)

    return take


async def _keep(errands: Errands, errand: Errand, taken: list[Message]) -> None:
    """Keep an answer. What must be stored nowhere, such as a secret, is told this once only."""
    headers = Headers(raw=taken[0]["headers"])
    is_problem = headers.get("content-type", "").startswith(problems.MEDIA_TYPE)
    secret = "no-store" in headers.get("cache-control", "") and not is_problem
    body = None if secret else b"".join(message.get("body", b"") for message in taken[1:])
    kept = {name: headers[name] for name in _KEPT if name in headers}
    await errands.keep(errand, taken[0]["status"], kept, body)

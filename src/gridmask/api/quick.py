"""The quick way to a mask: what is read most is told at once, where nothing about a request asks for more.

That is a whole mask, in JSON, which everybody may read and which is there already: the name of the server is checked, and the
request is counted. Whatever else there is about it, however small, and all that can go wrong, takes the way that all take.
"""

from __future__ import annotations

from functools import cached_property
from random import getrandbits
from time import perf_counter
from typing import TYPE_CHECKING

from gridmask import tracing
from gridmask.api import metrics, telling
from gridmask.api.door import HEADERS
from gridmask.api.mask import METHODS, PREFIX
from gridmask.conditional import chosen, has_it
from gridmask.feeds import mask_json

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import Scope, Send

    from gridmask.api.gate import Gate
    from gridmask.api.mask import MaskDoor
    from gridmask.bootstrap import Installation

PLAIN = frozenset(
    {b"host", b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"connection", b"pragma", b"user-agent"}
    | {b"if-none-match", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"via"}
)
"""Headers that change nothing about what is told to somebody whom nobody knows, or that are heeded here."""

_HOSTS = 256
_PROTECTION = [header for header in HEADERS.items() if header[0] != b"cache-control"]
_OF_JSON = mask_json.MEDIA_TYPE.encode()


class Quick:
    """See above."""

    def __init__(self, gridmask: Installation, gate: Gate, door: MaskDoor) -> None:
        self._gridmask = gridmask
        self._gate = gate
        self._door = door
        self._hosts: set[bytes] = set()
        self._checked: tuple[datetime | None, bytes] = (None, b"")

    @cached_property
    def _is_open(self) -> bool:
        """Whether everybody may read everything, whoever it is."""
        access = self._gridmask.settings.access
        return (access is None or access.reading == "public") and not self._gridmask.doorkeeper.takes_certificates

    async def tell(self, scope: Scope, send: Send) -> bool:
        """Answer a request, if that can be done at once. Returns whether it was."""
        began, path = perf_counter(), scope["path"]
        if not path.startswith(PREFIX) or scope["query_string"] or scope["method"] not in METHODS:
            return False
        heard = dict(scope["headers"])
        if not (heard.keys() <= PLAIN and self._is_open and self._is_called(heard.get(b"host", b""))) or tracing.is_on():
            return False
        coding = chosen(heard[b"accept-encoding"].decode("latin-1")) if b"accept-encoding" in heard else ""
        served = self._gridmask.board.ready(path[len(PREFIX) :], "json", None, coding)
        if served is None:
            return False
        told = [*self._age(), (b"x-request-id", b"%032x" % getrandbits(128))]
        known = heard.get(b"if-none-match")
        if known is not None and has_it(known.decode("latin-1"), served.etag):
            status, head, body = 304, [*telling.unchanged(served.etag), told[1], told[2]], b""
        else:
            head = [*telling.about(served), *told, *telling.of_body(_OF_JSON, len(served.body), coding), *_PROTECTION]
            status, body = 200, b"" if scope["method"] == "HEAD" else served.body
        scope["route"] = self._door
        metrics.answered(scope, status, perf_counter() - began)
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
        return True

    def _is_called(self, host: bytes) -> bool:
        """Whether the server goes by this name."""
        if host in self._hosts:
            return True
        if self._gate.refusal({b"host": host}) is not None or len(self._hosts) >= _HOSTS:
            return False
        self._hosts.add(host)
        return True

    def _age(self) -> telling.Headers:
        board = self._gridmask.board
        checked_at, written = self._checked
        if checked_at is not board.checked_at and board.checked_at is not None:
            checked_at, written = self._checked = board.checked_at, telling.iso(board.checked_at)
        assert checked_at is not None  # there is a mask
        seconds = (self._gridmask.clock() - checked_at).total_seconds()
        return [(b"gridmask-checked-at", written), (b"age", b"%d" % max(seconds, 0))]

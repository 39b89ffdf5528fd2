"""The door: takes calls where DIRAC's clients look for its services, and answers as these would."""

from __future__ import annotations

import gzip
import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, partial
from hashlib import blake2b
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from anyio import to_thread
from prometheus_client import Counter

from gridmask.conditional import takes_gzip
from gridmask.dirac_rpc import encoding
from gridmask.dirac_rpc.protocol import EXTRA, Caller, Malformed, call_of, extra_in, failed, form_of, ok
from gridmask.dirac_rpc.publisher import Publisher
from gridmask.dirac_rpc.remembered import Encoded, Remembered
from gridmask.dirac_rpc.resource_management import ResourceManagement
from gridmask.dirac_rpc.resource_status import ResourceStatus
from gridmask.dirac_rpc.rights import admit, is_reading
from gridmask.dirac_rpc.told import Method, Told
from gridmask.domain.errors import GridmaskError, InvalidRequest, NotKnown, Unauthenticated
from gridmask.domain.vo import ALL
from gridmask.service.dirac_evidence import DiracEvidence
from gridmask.service.dirac_reads import DiracReads
from gridmask.service.dirac_records import DiracRecords
from gridmask.service.dirac_writes import DiracWrites
from gridmask.service.usability import WORTH_PACKING

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gridmask.access.extra import Extra
    from gridmask.bootstrap import Installation
    from gridmask.dirac_rpc.protocol import Answer, Call, Form
    from gridmask.domain.actor import Actor

log = structlog.get_logger()

CALLS = Counter("gridmask_dirac_calls_total", "Calls of clients of DIRAC, by service and method.", ["service", "method"])

Identify = Callable[["Scope"], Awaitable["Actor"]]
"""Tells who sent a request. Whoever may not come in at all is told so by what it raises."""

Speaking = Callable[["Scope", "Extra"], Awaitable["Actor"]]
"""Tells who asks, by what a client says of itself beside what it shows."""

SYSTEM = "/ResourceStatus/"
PATHS = tuple(f"{SYSTEM}{service}" for service in ("ResourceStatus", "ResourceManagement", "Publisher"))
"""Where clients look for the services."""

FEW = 100
"""So many rows are encoded at once."""

LEVEL = 6
"""How hard answers are packed."""


class DiracDoor:
    """The three services, as an ASGI application."""

    def __init__(self, gridmask: Installation, identify: Identify, speaking: Speaking) -> None:
        self._gridmask = gridmask
        self._identify = identify
        self._speaking = speaking
        self._encoded = Remembered()

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for it."""
        return scope["path"] in PATHS and self._gridmask.settings.dirac_rpc.enabled

    @cached_property
    def _reads(self) -> DiracReads:
        return DiracReads(self._gridmask.inspector, self._gridmask.board)

    @cached_property
    def services(self) -> Mapping[str, Mapping[str, Method]]:
        """The methods of each service, by its path and their names."""
        inspector, vos, clock = self._gridmask.inspector, self._gridmask.vos, self._gridmask.clock
        writes = DiracWrites(inspector, vos, declares=self._gridmask.settings.dirac_rpc.declare_unknown)
        records = DiracRecords(inspector, vos)
        statuses = ResourceStatus(self._reads, writes, records, vos, clock)
        caches = ResourceManagement(self._reads, DiracEvidence(inspector, vos), records, clock)
        publisher = Publisher(self._reads, statuses, caches)
        methods = (statuses.methods, caches.methods, publisher.methods)
        return {path: {**_EVERYWHERE, **its} for path, its in zip(PATHS, methods, strict=True)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["method"] != "POST":
            await _send(send, HTTPStatus.METHOD_NOT_ALLOWED, b"<html>Calls are posted.</html>", "text/html")
            return
        actor = await self._identify(scope)
        try:
            answer = await self._answered(scope, await _read(receive), actor)
        except Malformed as error:
            await _send(send, error.status, f"<html>{escape(str(error))}</html>".encode(), "text/html")
        else:
            await _send(send, HTTPStatus.OK, answer.body, "application/json; charset=utf-8", packed=answer.packed)

    async def _answered(self, scope: Scope, body: bytes, actor: Actor) -> Encoded:
        form = form_of(body) if EXTRA.encode() in body else None
        if form is not None:
            actor = await self._who(scope, form, actor)
        zipped = _takes_gzip(scope)
        # what an answer depends on, beside what there is: where and what was asked, and what who asks may do
        key = scope["path"], blake2b(body, digest_size=16).digest(), actor.grants, zipped
        known = self._encoded.get(key)
        if known is not None and await self._reads.is_still(known[0]):
            CALLS.labels(scope["path"].removeprefix(SYSTEM), known[1].called).inc()
            return known[1]
        told, called = await self._told(scope["path"], _plain(body) if form is None else form, actor)
        work = partial(_encoded, told.answer, called, packs=zipped)
        answer = await to_thread.run_sync(work) if _is_long(told.answer) else work()
        if told.state is not None:
            self._encoded.put(key, told.state, answer)
        return answer

    async def _who(self, scope: Scope, form: Form, actor: Actor) -> Actor:
        """Who asks, if a client says more of itself than it shows."""
        try:
            extra = extra_in(form)
            return actor if extra is None else await self._speaking(scope, extra)
        except Unauthenticated as error:
            raise Malformed(HTTPStatus.UNAUTHORIZED, str(error)) from error
        except GridmaskError as error:
            raise Malformed(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error

    async def _told(self, path: str, form: Form, actor: Actor) -> tuple[Told, str]:
        """The answer to the call in a form, and the name of the method; empty: there is none."""
        name = ""
        try:
            call = call_of(form)
            method = self.services[path].get(call.method)
            if method is None:
                raise Malformed(HTTPStatus.NOT_IMPLEMENTED, "There is no such method.")
            name, service = call.method, path.removeprefix(SYSTEM)
            CALLS.labels(service, name).inc()
            admit(actor, service, name)
            _require_fitting(call, method)
            return await (self._looked_up if is_reading(service, name) else self._done)(method, call, actor), name
        except Unauthenticated as error:
            raise Malformed(HTTPStatus.UNAUTHORIZED, str(error)) from error
        except GridmaskError as error:
            return Told(failed(error)), name

    async def _done(self, method: Method, call: Call, actor: Actor) -> Told:
        return await method(await self._caller(actor, call), *call.arguments)

    async def _looked_up(self, method: Method, call: Call, actor: Actor) -> Told:
        before = await self._reads.state()
        told = await self._done(method, call, actor)
        # where something changed meanwhile, a part of the answer may be of before, and the rest of after
        return told if told.state is not None and told.state.is_of(before) else Told(told.answer)

    async def _caller(self, actor: Actor, call: Call) -> Caller:
        if not (self._gridmask.settings.dirac_rpc.own_view and call.vo):
            return Caller(actor, ALL)
        try:
            return Caller(actor, await self._gridmask.vos.resolve(call.vo))
        except (NotKnown, InvalidRequest):
            return Caller(actor, ALL)


async def _ping(caller: Caller) -> Told:
    del caller
    return Told(ok({"name": "Gridmask"}))


async def _echo(caller: Caller, data: object) -> Told:
    del caller
    return Told(ok(data))


async def _whoami(caller: Caller) -> Told:
    answer: Answer = ok({"username": caller.actor.name, "identity": caller.actor.name, "VO": caller.vo, "properties": []})
    return Told(answer)


_EVERYWHERE: Mapping[str, Method] = {"ping": _ping, "echo": _echo, "whoami": _whoami}


def _plain(body: bytes) -> Form:
    form = form_of(body)
    if EXTRA in form:
        raise Malformed(HTTPStatus.BAD_REQUEST, f"Write {EXTRA} as it is.")
    return form


def _require_fitting(call: Call, method: Method) -> None:
    signature = inspect.signature(method)
    try:
        signature.bind(None, *call.arguments)
    except TypeError as error:
        wanted = ", ".join(name for name in signature.parameters if name != "caller")
        raise InvalidRequest(f"{call.method}({wanted}) is not called with {len(call.arguments)} arguments.") from error


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _takes_gzip(scope: Scope) -> bool:
    said = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
    return bool(said) and takes_gzip(said.decode("latin-1"))


def _is_long(answer: Answer) -> bool:
    """Whether to have a thread encode it costs less than to have others wait for that."""
    value = answer.get("Value")
    return isinstance(value, dict) or (isinstance(value, list) and len(value) > FEW)


def _encoded(answer: Answer, called: str, *, packs: bool) -> Encoded:
    text = encoding.encoded(answer)
    if not packs or len(text) < WORTH_PACKING:
        return Encoded(text, called)
    return Encoded(gzip.compress(text, LEVEL, mtime=0), called, packed=True)


async def _send(send: Send, status: int, body: bytes, kind: str, *, packed: bool = False) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Encoding"),
        *([(b"content-encoding", b"gzip")] if packed else []),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})

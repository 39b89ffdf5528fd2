"""What went wrong, as :rfc:`9457` wants it told: ``application/problem+json``, whoever noticed it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import singledispatch
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from starlette.responses import Response

from gridmask.access.keys import KeysUnavailable
from gridmask.domain.errors import (
    Ambiguous,
    AnswerLost,
    Conflict,
    Forbidden,
    GridmaskError,
    InProgress,
    InvalidConfiguration,
    InvalidRequest,
    KeyReused,
    LayerRefused,
    NotKnown,
    NotResumable,
    NotTold,
    SourceError,
    StaleLayer,
    StaleRow,
    StaleWrite,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    TooMuch,
    Unauthenticated,
)
from gridmask.domain.mask import Absence, NotOffered

if TYPE_CHECKING:
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER = 5
"""Seconds after which to try again what the database did not answer."""

SOON = 1
"""Seconds after which to ask again for the answer to what is being done."""

_SHOWN = 80


class Kind(NamedTuple):
    """What an error is called on the wire."""

    status: int
    type: str
    title: str


KINDS: Mapping[type[GridmaskError], Kind] = {
    InvalidRequest: Kind(422, "invalid-request", "The request makes no sense"),
    Ambiguous: Kind(422, "ambiguous", "The request could mean several things"),
    NotOffered: Kind(422, "not-offered", "It is not offered to the VO"),
    NotKnown: Kind(404, "not-known", "There is no such thing"),
    NotResumable: Kind(410, "not-resumable", "No changes lead from there to here"),
    Unauthenticated: Kind(401, "unauthenticated", "Nobody knows who asks"),
    KeysUnavailable: Kind(503, "keys-unavailable", "Nobody can tell who asks, for now"),
    Forbidden: Kind(403, "forbidden", "Not allowed"),
    TooMuch: Kind(429, "too-much", "Somebody asks too often"),
    Conflict: Kind(409, "conflict", "The world is not as the request presumes"),
    InProgress: Kind(409, "in-progress", "It is being done"),
    AnswerLost: Kind(409, "answer-lost", "It was done, and the answer is not there"),
    KeyReused: Kind(422, "key-reused", "The key stands for something else"),
    LayerRefused: Kind(422, "layer-refused", "Something is wrong in these policies"),
    StaleWrite: Kind(409, "stale-write", "The row changed since you saw it"),
    StaleRow: Kind(412, "stale-row", "The row is not what the request presumes"),
    StaleLayer: Kind(412, "stale-layer", "The policies changed since you saw them"),
    SourceError: Kind(502, "source-failed", "A source gave no usable answer"),
    NotTold: Kind(502, "not-told", "Another system could not be told"),
    StoreError: Kind(503, "store-unusable", "The database cannot be used"),
    StoreRefused: Kind(503, "store-refused", "The database takes no changes"),
    StoreUnavailable: Kind(503, "store-unavailable", "The database does not answer"),
    InvalidConfiguration: Kind(500, "invalid-configuration", "The installation is not set up correctly"),
    GridmaskError: Kind(500, "fault", "This went wrong"),
}
"""By the most special class that an error is of."""

_HEADERS = {
    StoreUnavailable: ("Retry-After", str(RETRY_AFTER)),
    KeysUnavailable: ("Retry-After", str(RETRY_AFTER)),
    InProgress: ("Retry-After", str(SOON)),
    Unauthenticated: ("WWW-Authenticate", "Bearer"),
}


def answer(
    status: int,
    detail: str,
    *,
    kind: Kind | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as an answer; ``facts`` are further members, for programs."""
    name = f"urn:gridmask:problem:{kind.type}" if kind else "about:blank"
    title = kind.title if kind else HTTPStatus(status).phrase
    body = {"type": name, "title": title, "status": status, "detail": detail, **facts}
    # what was asked for may be no proper text, and is part of what is told about it
    encoded = json.dumps(body, ensure_ascii=True).encode()
    return Response(encoded, status, headers={"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)


def told(error: GridmaskError, *, to_one_who_gives_up: bool = False) -> Response:
    """One of our own errors as an answer. ``to_one_who_gives_up``: who asked comes back only where the server is to blame."""
    kind = next(KINDS[known] for known in type(error).__mro__ if known in KINDS)
    if to_one_who_gives_up and not error.permanent:
        kind = kind._replace(status=max(kind.status, HTTPStatus.SERVICE_UNAVAILABLE))
    headers = {name: value for of, (name, value) in _HEADERS.items() if isinstance(error, of)}
    if isinstance(error, TooMuch):
        headers["Retry-After"] = str(error.wait)
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("a request failed", problem=str(error))
    elif isinstance(error, Forbidden):
        log.info("a request was refused", problem=str(error))
    return answer(kind.status, str(error), kind=kind, facts=facts(error), headers=headers)


async def of_error(_: Request, error: GridmaskError) -> Response:
    """The same, as the web framework asks for it."""
    return told(error)


async def of_http(request: Request, error: HTTPException) -> Response:
    """An error of the web framework as an answer."""
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return answer(error.status_code, str(error.detail), headers=error.headers)
    # the framework names the methods of one of the routes that the path has
    allowed = ", ".join(request.app.methods(request.scope["path"])) or (error.headers or {}).get("Allow", "")
    return not_allowed(request.method, allowed)


async def of_validation(_: Request, error: RequestValidationError) -> Response:
    """What is wrong with a request's parameters or body, as an answer that names each field and what is allowed."""
    wrong = [_wrong(detail) for detail in error.errors()]
    all_of_it = "; ".join(f"{w['in']} {w['field']}: {w['problem']}" if w["field"] else w["problem"] for w in wrong)
    is_no_json = any(detail["type"] == "json_invalid" for detail in error.errors())
    return answer(400 if is_no_json else 422, all_of_it, kind=KINDS[InvalidRequest], facts={"errors": wrong})


def not_allowed(method: str, allowed: str) -> Response:
    """That a route has other methods than ``method``."""
    return answer(405, f"{method} is nothing that can be done here; there is {allowed}.", headers={"Allow": allowed})


def of_fault() -> Response:
    """A fault of our own as an answer, without its innards."""
    return answer(500, "Gridmask met a fault of its own; its log says more.")


@singledispatch
def facts(error: GridmaskError) -> dict[str, Any]:
    """The data that an error carries, fit to be told."""
    del error
    return {}


@facts.register
def _(error: NotKnown) -> dict[str, Any]:
    return {"kind": error.kind, "name": error.name, "suggestion": error.suggestion}


@facts.register
def _(error: NotOffered) -> dict[str, Any]:
    return {"element": error.element.key._asdict(), "vo": error.vo, "absence": str(Absence.NOT_OFFERED)}


@facts.register
def _(error: NotResumable) -> dict[str, Any]:
    return {"vo": error.vo, "since": error.since, "reason": error.reason}


@facts.register
def _(error: Ambiguous) -> dict[str, Any]:
    return {"candidates": list(error.candidates)}


@facts.register
def _(error: StaleWrite) -> dict[str, Any]:
    return {"seen": error.seen, "current": {"row": error.row, "status": error.status, "revision": error.current}}


@facts.register
def _(error: InProgress | AnswerLost | KeyReused) -> dict[str, Any]:
    return {"key": error.key, "request": error.request}


@facts.register
def _(error: StaleLayer) -> dict[str, Any]:
    return {"seen": error.seen, "current": {"vo": error.vo, "revision": error.current, "author": error.author or None}}


@facts.register
def _(error: LayerRefused) -> dict[str, Any]:
    return {"problems": [dict(zip(("file", "line", "key", "text"), problem, strict=True)) for problem in error.problems]}


def _wrong(detail: Mapping[str, Any]) -> dict[str, str]:
    where, *path = detail["loc"]
    if detail["type"] == "json_invalid":
        problem = f"The body is not JSON: {detail['ctx']['error']}, at character {path[0]}."
        return {"in": "body", "field": "", "problem": problem}
    problem = re.sub(r"^Value error, ", "", detail["msg"])
    given = detail.get("input")
    if isinstance(given, str | int | float) and detail["type"] != "missing" and repr(given) not in problem:
        problem += f" (found {_short(repr(given))})"
    return {"in": str(where), "field": _path(path), "problem": problem}


def _path(location: Sequence[int | str]) -> str:
    """``("rows", 0, "name")`` as ``rows[0].name``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

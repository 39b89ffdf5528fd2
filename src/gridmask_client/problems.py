"""What an answer that is none means: which error it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gridmask_client.answer import Answer
from gridmask_client.errors import (
    Ambiguous,
    AnswerLost,
    Conflict,
    Fault,
    Forbidden,
    GridmaskError,
    InProgress,
    Invalid,
    KeyReused,
    NotFound,
    NotResumable,
    PoliciesRefused,
    Problem,
    Refused,
    SourceFailed,
    Stale,
    TooMuch,
    Unauthenticated,
    Unavailable,
    Unreadable,
)

KINDS: Mapping[str, type[Refused]] = {
    "ambiguous": Ambiguous,
    "key-reused": KeyReused,
    "layer-refused": PoliciesRefused,
    "stale-write": Stale,
    "stale-row": Stale,
    "stale-layer": Stale,
    "in-progress": InProgress,
    "not-resumable": NotResumable,
    "answer-lost": AnswerLost,
    "source-failed": SourceFailed,
}
"""By the kind of problem; of any other, the status decides."""

STATUSES: Mapping[int, type[Refused]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
}

TRANSIENT = frozenset({408, 502, 503, 504})
"""What servers, and what stands before them, say when they cannot answer now, or heard too slowly what was asked."""

_URN = "urn:gridmask:problem:"
_SHOWN = 200


def trouble(answer: Answer, key: str = "") -> GridmaskError | None:
    """What is wrong, by an answer; None: nothing. ``key`` is that of what was to be changed."""
    if 200 <= answer.status < 300 or answer.status == 304:
        return None
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "")[:_SHOWN]
        return Unreadable(f"The server sends on to {where!r} ({answer.status}). Give the client that address, if it is right.")
    problem = said(answer)
    kind = KINDS.get(problem.kind)
    if kind is None and answer.status in TRANSIENT:
        return Unavailable(str(problem), key, problem, answer.wait())
    if answer.status == 429:
        return TooMuch(str(problem), key, problem, answer.wait())
    return (kind or STATUSES.get(answer.status) or (Invalid if answer.status < 500 else Fault))(problem)


def said(answer: Answer) -> Problem:
    """The problem that an answer tells; where it tells none, as much as its status says."""
    request = answer.headers.get("x-request-id", "")
    told = _members(answer)
    if not told:
        return Problem(answer.status, detail=_plain(answer), request=request)
    kind, title, detail = (str(told.pop(name, "") or "") for name in ("type", "title", "detail"))
    told.pop("status", None)
    return Problem(answer.status, kind.removeprefix(_URN) if kind.startswith(_URN) else "", title, detail, told, request)


def _members(answer: Answer) -> dict[str, Any]:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _plain(answer: Answer) -> str:
    """What something other than Gridmask says that stands before it: the beginning of it, if it is text."""
    if not answer.headers.get("content-type", "").startswith("text/plain"):
        return "The server, or what stands before it, gives no reason"
    text = answer.body[: 4 * _SHOWN].decode(errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_SHOWN].strip()

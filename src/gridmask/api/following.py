"""Following requests: each is a step, where somebody wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask import tracing
from gridmask.tracing import Side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from starlette.types import Message, Scope

    from gridmask.tracing import Step

HEALTH = frozenset({"/healthz", "/readyz"})
"""Where it is asked all the time whether all is well."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "_OTHER"
_STREAM = (b"content-type", b"text/event-stream")


def request(scope: Scope, headers: Mapping[bytes, bytes]) -> AbstractContextManager[Step]:
    """A request that came in, perhaps as part of somebody else's trace."""
    if not tracing.is_on() or scope["path"] in HEALTH or scope["path"] == "/metrics":
        return tracing.NOBODY
    method = _method(scope)
    facts = {"http.request.method": method, "url.scheme": str(scope.get("scheme", "http"))}
    return tracing.step(method, facts, side=Side.SERVER, parent=headers.get(b"traceparent", b"").decode("latin-1"))


def answered(asking: Step, scope: Scope, head: Message) -> None:
    """Say by what the answer begins. A stream goes on for hours; what was asked for is there once it begins."""
    if asking is tracing.NOBODY:
        return
    status, route = int(head["status"]), getattr(scope.get("route"), "path", "")
    asking.note({"http.response.status_code": status})
    if route:
        asking.note({"http.route": route})
        asking.call(f"{_method(scope)} {route}")
    if status >= 500:
        asking.fail(str(status))
    if any(name == _STREAM[0] and value.startswith(_STREAM[1]) for name, value in head["headers"]):
        asking.end()


def _method(scope: Scope) -> str:
    # callers can make up methods, and names of steps are few
    method: str = scope["method"]
    return method if method in _METHODS else _OTHER

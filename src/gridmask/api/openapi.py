"""The description of the API in OpenAPI, from the routes themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.routing import compile_path

from gridmask.api import guards, problems
from gridmask.api.door import Door, problem
from gridmask.api.examples import EXAMPLES
from gridmask.api.heads import Heads
from gridmask.api.once import HEADER, PREFIX, Once
from gridmask.api.rights import ROUTES, Needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import Receive, Scope, Send

    from gridmask.api.door import Tell
    from gridmask.api.gate import Gate

_METHODS = frozenset({"get", "head", "post", "put", "patch", "delete"})
_REFERENCE = "#/components/schemas/Problem"
_PROBLEM = {"content": {problems.MEDIA_TYPE: {"schema": {"$ref": _REFERENCE}}}}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A text of your own, made at random: whatever comes with it again is answered alike, and not done again.",
    "schema": {"type": "string", "pattern": r'^([!#-\[\]-~]{1,255}|"([ !#-\[\]-~]|\\["\\]){1,255}")$'},
    "example": "8e03978e-40d5-43dd-bc93-6f0e8b6b1f3b",
}


class Problem(BaseModel):
    """What went wrong (RFC 9457). Further members carry the same as data."""

    type: str = Field(description="What kind of problem; `about:blank` where the status says it all.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, where, and what to do.")


class Plain(Protocol):
    """A route that is an ASGI application of its own."""

    @property
    def path(self) -> str:
        """Where it is, with parameters in braces."""

    @property
    def description(self) -> Mapping[str, Any]:
        """What OpenAPI says about each method."""

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""


class Beside(Protocol):
    """An ASGI application for clients of another system, which know its paths and need no description of them."""

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""


class Quickly(Protocol):
    """Answers some requests at once."""

    async def tell(self, scope: Scope, send: Send) -> bool:
        """Answer a request, if that can be done at once. Returns whether it was."""


class Api(FastAPI):
    """An application whose description tells all that its routes answer.

    Its ``plain`` routes are asked before FastAPI's, whose way to an answer is longer than some answers are worth.
    """

    def __init__(self, gate: Gate, *plain: Plain, **settings: Any) -> None:  # noqa: ANN401 - FastAPI's own
        super().__init__(**settings)
        self._gate = gate
        self._plain = [(route, Door(route, gate, counts=False)) for route in plain]
        self._beside: list[tuple[Beside, Door]] = []
        self._quick: Quickly | None = None
        self.add_middleware(Once)
        self.add_middleware(Heads)
        self.add_middleware(Door, gate=gate)

    def set_beside(self, other: Beside, media_type: bytes = guards.JSON, tell: Tell = problem, *, counts: bool = True) -> None:
        """Let requests that ``other`` takes go there.

        Their bodies are of ``media_type``, ``tell`` makes answers of errors, and ``counts`` says whether they are counted.
        """
        self._beside.append((other, Door(other, self._gate, media_type, tell, counts=counts)))

    def set_quick(self, quick: Quickly) -> None:
        """Ask ``quick`` first; what it does not answer goes its way."""
        self._quick = quick

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http":
            if self._quick is not None and await self._quick.tell(scope, send):
                return
            for route, door in (*self._plain, *self._beside):
                if route.takes(scope):
                    await door(scope, receive, send)
                    return
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The description."""
        if not self.openapi_schema:
            made = super().openapi()
            plain = {route.path: dict(route.description) for route, _ in self._plain}
            made["paths"] = dict(sorted({**made["paths"], **plain}.items()))
            _tell_problems(made)
            _tell_keys(made)
            _tell_examples(made)
            self.openapi_schema = made
        return self.openapi_schema

    def methods(self, path: str) -> list[str]:
        """The methods of all routes that ``path`` could be of; HEAD, which goes with GET, is not told."""
        found = [methods for route, methods in self.openapi()["paths"].items() if _pattern(route).match(path)]
        return sorted({method.upper() for methods in found for method in methods if method in _METHODS})


@lru_cache(256)
def _pattern(route: str) -> re.Pattern[str]:
    return compile_path(route)[0]


def _tell_problems(made: dict[str, Any]) -> None:
    """Whatever is not described otherwise is a problem, on every route."""
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    content = _PROBLEM["content"]
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            responses.pop("422", None)
            for status, description in _refusals(method.upper(), path):
                responses.setdefault(status, {"description": description})
            responses["default"] = {"description": "What went wrong.", "content": content}
            for status, response in responses.items():
                if status.isdigit() and int(status) >= 400:
                    response["content"] = content


def _refusals(method: str, path: str) -> Iterator[tuple[str, str]]:
    """What the door answers to who may not come in, or not so."""
    if ROUTES.get((method, path)) is not Needs.NOTHING:
        yield "403", "Whoever asks is known, and may not."
    yield "401", "Nobody knows who asks, and that is needed; or what was shown proves nothing."
    yield "429", "Whoever asks asks too often; `Retry-After` tells when to come back."
    if method not in guards.SAFE:
        yield "408", "The body took too long to arrive."
        yield "413", "The body is too long."
        yield "415", "The body is no JSON."


def _tell_keys(made: dict[str, Any]) -> None:
    """Every change takes a key by which it is made once."""
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            if method.upper() not in guards.SAFE and path.startswith(PREFIX):
                operation.setdefault("parameters", []).append(_KEY)
                operation["responses"].setdefault("409", {"description": "It is being done, or was done already.", **_PROBLEM})


def _tell_examples(made: dict[str, Any]) -> None:
    for name, example in EXAMPLES.items():
        made["components"]["schemas"][name]["examples"] = [example]

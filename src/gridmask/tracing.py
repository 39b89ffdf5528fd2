"""Tracing: what a request, or a source's answer, led to, step by step, where somebody wants to know.

This is the side that costs nothing: whoever does something says so here, and unless :func:`started` was told to trace, nobody
listens. :mod:`gridmask.otel` listens; it alone knows OpenTelemetry, which most installations do without.

What is said of a step must be fit for whoever runs the collector: names of sources, kinds, counts, statuses. No names of
people, no addresses with queries, no bodies, no texts of errors.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from enum import Enum
from types import TracebackType
from typing import Protocol, Self

Fact = str | bool | int | float
Facts = Mapping[str, Fact]


class Side(Enum):
    """Which side of a conversation a step is."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"


class Step(Protocol):
    """A step that is under way; also a context manager, which ends with it."""

    def __enter__(self) -> Self:
        """Begin; steps that begin until it ends are part of it."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End."""

    def note(self, facts: Facts) -> None:
        """Say more of it."""

    def call(self, name: str) -> None:
        """Give it another name: what it is was not known when it began."""

    def fail(self, why: str) -> None:
        """Say that it failed; ``why`` is a kind of failure, or the status of an answer."""

    def end(self) -> None:
        """End it now, though what it is about goes on."""


class Listener(Protocol):
    """Is told of steps."""

    def step(self, name: str, facts: Facts, side: Side, parent: str, cause: object) -> Step:
        """A step that begins now; ``parent`` is a ``traceparent`` from elsewhere, ``cause`` what :meth:`here` gave."""

    def here(self) -> object:
        """The step that is under way here, to be named later."""

    def header(self) -> str:
        """That step as a ``traceparent``; empty: there is none."""

    def ids(self) -> tuple[str, str] | None:
        """The ids of its trace, and its own."""


class _Nobody:
    """A step of which nobody hears."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def note(self, facts: Facts) -> None:
        """Nobody hears it."""

    def call(self, name: str) -> None:
        """Nobody hears it."""

    def fail(self, why: str) -> None:
        """Nobody hears it."""

    def end(self) -> None:
        """Nobody hears it."""


NOBODY = _Nobody()
"""The step that all are while nobody listens."""

_NONE: Facts = {}
_REMEMBERED = 1000

_listener: Listener | None = None
_causes: OrderedDict[int, object] = OrderedDict()
_passes_on: ContextVar[bool] = ContextVar("passes_on", default=False)


def part(name: str, facts: Facts = _NONE) -> AbstractContextManager[Step]:
    """A step that is worth telling only as part of the one that is under way, if any is."""
    return step(name, facts) if _listener is not None and _listener.ids() else NOBODY


def step(
    name: str, facts: Facts = _NONE, *, side: Side = Side.INTERNAL, parent: str = "", revision: int | None = None
) -> AbstractContextManager[Step]:
    """A step called ``name``, which is always the same for the same thing to do; ``facts`` tell which it is this time.

    Args:
        name: what is done.
        facts: about it.
        side: which side of a conversation it is.
        parent: a ``traceparent`` with which somebody asked for it.
        revision: the revision that led to it, if this process made it.
    """
    if _listener is None:
        return NOBODY
    return _listener.step(name, facts, side, parent, _causes.get(revision) if revision is not None else None)


def is_on() -> bool:
    """Whether anybody listens."""
    return _listener is not None


def remember(revision: int) -> None:
    """Remember that ``revision`` was made by the step that is under way: what it leads to later is part of it."""
    if _listener is None:
        return
    _causes[revision] = _listener.here()
    while len(_causes) > _REMEMBERED:
        _causes.popitem(last=False)


@contextmanager
def passing_on(passes: bool) -> Iterator[None]:  # noqa: FBT001 - it says so
    """Whether those who are asked meanwhile are told of which trace that is part."""
    token = _passes_on.set(passes)
    try:
        yield
    finally:
        _passes_on.reset(token)


def headers() -> Mapping[str, str]:
    """What those who are asked now are told, as headers: nothing, unless :func:`passing_on` says otherwise."""
    if _listener is None or not _passes_on.get():
        return {}
    traceparent = _listener.header()
    return {"traceparent": traceparent} if traceparent else {}


def ids() -> tuple[str, str] | None:
    """The ids of the trace and of the step that is under way; None: there is none."""
    return _listener.ids() if _listener is not None else None


@contextmanager
def heard_by(listener: Listener | None) -> Iterator[None]:
    """Have ``listener`` told of all steps meanwhile; None: nobody."""
    global _listener  # noqa: PLW0603 - logging is of the whole process as well
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before
        _causes.clear()

"""How a call is carried out: what to send, how long to wait, and what it came to.

Nothing is sent here, and nobody waits here. A client, be it sync or async, takes one step after another, and tells what came
of it: so that all of this is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from ssl import SSLCertVerificationError
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

from gridmask_client.answer import Answer
from gridmask_client.call import Call
from gridmask_client.errors import GridmaskError, InProgress, Unavailable, Unreachable
from gridmask_client.patience import Patience
from gridmask_client.problems import trouble

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send this, and tell the answer, or why there is none."""

    call: Call[Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for some seconds, and tell nothing."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """That no answer came, or none that is complete."""

    error: Exception


Step = Send | Wait
Told = Answer | Lost | None


def carried_out(call: Call[T], patience: Patience, clock: Callable[[], float] = monotonic) -> Generator[Step, Told, T]:
    """The steps that carry out ``call``, and what comes of it.

    What may only be delayed is asked for again, a change with the same key each time: so it is made once.

    Raises:
        GridmaskError: as ``errors`` has them.
    """
    asked, began, attempt = _keyed(call), clock(), 0
    while True:
        attempt += 1
        told = yield Send(asked)
        error, cause = _trouble(told, asked)
        if error is None:
            assert isinstance(told, Answer)
            return asked.read(told)
        pause = patience.pause(attempt, clock() - began, _wanted(told)) if _passes(error, cause) else None
        if pause is None:
            raise error from cause
        yield Wait(pause)


def _keyed(call: Call[T]) -> Call[T]:
    return call if call.key or not call.changes else call.once(uuid4().hex)


def _trouble(told: Told, asked: Call[Any]) -> tuple[GridmaskError | None, Exception | None]:
    if isinstance(told, Lost):
        what = str(told.error) or type(told.error).__name__
        return Unreachable(f"{asked.method} {asked.path}: no answer came ({what}).", asked.key), told.error
    assert told is not None
    return trouble(told, asked.key), None


def _wanted(told: Told) -> float | None:
    return told.wait() if isinstance(told, Answer) else None


def _passes(error: GridmaskError, cause: BaseException | None) -> bool:
    """Whether the same may succeed in a moment. Who is not believed now will not be believed then."""
    while cause is not None:
        if isinstance(cause, SSLCertVerificationError):
            return False
        cause = cause.__cause__ or cause.__context__
    return isinstance(error, Unavailable | InProgress)

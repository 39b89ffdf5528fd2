"""Asking again: whether, and after which pause."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING

from stamina import AsyncRetryingCaller

from gridmask.http.failure import Transient

if TYPE_CHECKING:
    from datetime import datetime

    from stamina import BoundAsyncRetryingCaller

    from gridmask.http.limits import Backoff, Limits

_RECOVERABLE = frozenset({408, 425, 429})


def is_recoverable(status: int) -> bool:
    """Whether an answer with this HTTP status may turn into a good one by waiting."""
    return status in _RECOVERABLE or status >= 500


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` header asks for, as a number or as a date; None if it says nothing usable."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        due = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((due.replace(tzinfo=due.tzinfo or UTC) - now).total_seconds(), 0.0)


def pause(error: Exception, longest: float) -> bool | float:
    """False to give up, True to ask again after the usual pause, a number for a pause of so many seconds."""
    if not isinstance(error, Transient):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= longest else False


def retrying(limits: Limits, backoff: Backoff) -> BoundAsyncRetryingCaller:
    """Calls an async function until it succeeds, fails for good, or was tried often enough."""
    caller = AsyncRetryingCaller(
        attempts=limits.attempts,
        timeout=None,  # the client's deadline also interrupts an attempt; this would not
        wait_initial=backoff.first,
        wait_max=backoff.longest,
        wait_jitter=backoff.jitter,
    )
    return caller.on(partial(pause, longest=backoff.longest))

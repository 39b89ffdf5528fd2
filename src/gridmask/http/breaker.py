"""A circuit breaker: when a source that failed again and again is left alone, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

_MOST_DOUBLINGS = 10


class BreakerState(StrEnum):
    """``closed``: ask. ``open``: do not ask. ``half-open``: one may try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The memory of a source's failures in a row; a value, so each event gives a new one.

    After ``threshold`` failures it opens for ``rest``. When that is over one caller may try (and says so by
    ``trying``, which keeps the others out meanwhile); a success closes it, a failure opens it for twice as long as
    before, up to ``longest_rest``.
    """

    threshold: int = 3
    rest: timedelta = timedelta(minutes=1)
    longest_rest: timedelta = timedelta(minutes=15)
    failures: int = 0
    open_until: datetime | None = None

    def state(self, now: datetime) -> BreakerState:
        """In which of its three states it is at ``now``."""
        if self.open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.open_until else BreakerState.HALF_OPEN

    def allows(self, now: datetime) -> bool:
        """Whether the source may be asked at ``now``."""
        return self.state(now) is not BreakerState.OPEN

    def retry_in(self, now: datetime) -> timedelta:
        """How long after ``now`` the source may be asked again; zero when it may be at once."""
        return timedelta() if self.open_until is None else max(self.open_until - now, timedelta())

    def trying(self, now: datetime) -> Breaker:
        """After somebody began to ask: half-open becomes open to the others for one more rest."""
        if self.state(now) is not BreakerState.HALF_OPEN:
            return self
        return replace(self, open_until=now + self._rest_after(self.failures))

    def failed(self, now: datetime) -> Breaker:
        """After one more failure."""
        failures = self.failures + 1
        if failures < self.threshold:
            return replace(self, failures=failures)
        return replace(self, failures=failures, open_until=now + self._rest_after(failures))

    def succeeded(self) -> Breaker:
        """After an answer: closed, and the failures forgotten."""
        return replace(self, failures=0, open_until=None)

    def _rest_after(self, failures: int) -> timedelta:
        doublings = min(failures - self.threshold, _MOST_DOUBLINGS)
        return min(self.rest * (1 << doublings), self.longest_rest)

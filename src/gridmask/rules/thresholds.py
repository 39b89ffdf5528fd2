"""Thresholds of shares: where good ends and bad begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.gauges import Gauge, Threshold
from gridmask.domain.quantities import Share, percent
from gridmask.domain.status import Status
from gridmask.rules.reading import Opinion

if TYPE_CHECKING:
    from collections.abc import Callable


def in_order(**thresholds: float) -> None:
    """Refuse thresholds of which a worse one, named first, begins later than the next: that would never decide.

    Raises:
        ValueError: they are not in order; the text names them.
    """
    (worse, first), (better, last) = thresholds.items()
    if first > last:
        raise ValueError(f"{worse} ({first}) is more than {better} ({last}), which would never decide then")


def too_few(count: int, minimum: int, what: str) -> Opinion | None:
    """That ``count`` is less than the ``minimum`` that a share of it says anything from; None if it is enough."""
    if count >= max(minimum, 1):
        return None
    return Opinion(Status.UNKNOWN, f"Only {count:,} {what}: at least {max(minimum, 1):,} are needed to say anything.")


def counts_in_order(**counts: int) -> None:
    """Refuse counts of which a worse one, named first, is reached sooner than the next; 0 is none.

    Raises:
        ValueError: they are not in order; the text names them.
    """
    (worse, most), (better, fewer) = counts.items()
    if 0 < most < fewer:
        raise ValueError(f"{worse} ({most:,}) is less than {better} ({fewer:,}), which would never decide then")


class Limit(NamedTuple):
    """A number of things that is too many, and the status that it asks for; 0 is no limit."""

    number: int
    status: Status


def too_many(count: int, what: str, limits: tuple[Limit, ...]) -> Opinion | None:
    """What ``count`` asks for by itself, whatever it is a part of: the status of the worst of ``limits`` that it reaches."""
    reached = [limit for limit in limits if limit.number and count >= limit.number]
    if not reached:
        return None
    worst = min(reached, key=lambda limit: limit.status)
    return Opinion(worst.status, f"{count:,} {what}: at least {worst.number:,}.")


def stricter(one: Opinion | None, other: Opinion) -> Opinion:
    """The more restrictive of both, the former if they agree; ``Unknown`` has no say where there is another."""
    return other if one is None or other.status < one.status else one


def limits_of(gauge: Gauge, limits: tuple[Limit, ...]) -> tuple[Threshold, ...]:
    """The ``limits`` of what ``gauge`` counts, as people are told of them."""
    return tuple(Threshold(gauge, one.number, one.status, rising=True, included=True) for one in limits if one.number)


def steps_of(gauge: Gauge, steps: tuple[Step, ...], *, included: bool) -> tuple[Threshold, ...]:
    """The ``steps`` of what ``gauge`` measures, as people are told of them. ``included``: a threshold itself is bad."""
    return tuple(Threshold(gauge, step.threshold, step.status, included=included) for step in steps)


class Step(NamedTuple):
    """A threshold, and the status that lies beyond it."""

    threshold: Share
    status: Status


def graded(part: int, whole: int, what: str, steps: tuple[Step, ...], bad: Callable[[float, float], bool]) -> Opinion:
    """What ``part`` of ``whole`` asks for: that of the first of ``steps``, from worst to best, for which it is ``bad``.

    ``bad`` is ``operator.lt`` where a threshold itself is still good, ``operator.le`` where it is not. ``what`` completes the
    sentence that begins with the two numbers.
    """
    share = part / whole
    told = f"{part:,} of {whole:,} {what} ({percent(share)})"
    for threshold, status in steps:
        if bad(share, threshold):
            return Opinion(status, f"{told}: {_BEYOND[bad.__name__]} {percent(threshold)}.")
    best = steps[-1][0]
    return Opinion(Status.ACTIVE, f"{told}: {_WITHIN[bad.__name__]} {percent(best)}.")


_BEYOND = {"lt": "less than", "le": "not more than"}
_WITHIN = {"lt": "at least", "le": "more than"}

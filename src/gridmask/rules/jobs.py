"""Job ratios: how a computing element or a site does with the jobs that it has. DIRAC's four, with its numbers.

Counts of several records of one source add up, such as those of a site's computing elements; of several sources the worst
decides. With less than ``minimum`` jobs to go by the verdict is ``Unknown``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.gauges import JOBS_DONE, JOBS_FAILED, JOBS_MATCHED, JOBS_TO_RUN, JOBS_WELL, Gauge, Threshold
from gridmask.domain.measurements import JOBS, Jobs
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, by_source, concluded, readings
from gridmask.rules.thresholds import (
    Limit,
    Step,
    counts_in_order,
    graded,
    in_order,
    limits_of,
    steps_of,
    stricter,
    too_few,
    too_many,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmask.domain.policy import Case, Finding


class _Ratio(NamedTuple):
    """A part of a whole, and the thresholds that it is compared with; ``bad`` tells whether these are still good."""

    part: Callable[[Jobs], int]
    whole: Callable[[Jobs], int]
    what: str
    bad: Callable[[float, float], bool]
    gauge: Gauge

    def thresholds(self, banned: Share, degraded: Share) -> tuple[Threshold, ...]:
        """Its thresholds, as people are told of them."""
        return steps_of(self.gauge, _steps(banned, degraded), included=self.bad is operator.le)


@lru_cache
def _steps(banned: Share, degraded: Share) -> tuple[Step, ...]:
    return Step(banned, Status.BANNED), Step(degraded, Status.DEGRADED)


def _assessed(
    case: Case,
    ratio: _Ratio,
    banned: Share,
    degraded: Share,
    minimum: int,
    by_number: Callable[[Jobs], Opinion | None] | None = None,
) -> Finding:
    def opinion(values: tuple[Jobs, ...]) -> Opinion:
        jobs = _added_up(values)
        whole, steps = ratio.whole(jobs), _steps(banned, degraded)
        scarce = too_few(whole, minimum, "jobs to go by")
        by_share = scarce or graded(ratio.part(jobs), whole, ratio.what, steps, ratio.bad)
        return stricter(by_number(jobs) if by_number else None, by_share)

    return concluded(case, JOBS, by_source(readings(case, JOBS, Jobs)), Judgement(opinion))


def _added_up(values: tuple[Jobs, ...]) -> Jobs:
    if len(values) == 1:
        return values[0]
    return Jobs(**{field.name: sum(getattr(jobs, field.name) for jobs in values) for field in fields(Jobs)})


_DONE = _Ratio(lambda j: j.done, lambda j: j.completed + j.done, "completed jobs are done", operator.le, JOBS_DONE)
_EFFICIENT = _Ratio(
    lambda j: j.done + j.completed,
    lambda j: j.done + j.completed + j.failed,
    "ended jobs did not fail",
    operator.lt,
    JOBS_WELL,
)
_MATCHED = _Ratio(
    lambda j: j.running,
    lambda j: j.running + j.matched + j.received + j.checking,
    "matched jobs are running",
    operator.le,
    JOBS_MATCHED,
)
_WAITING = _Ratio(
    lambda j: j.running,
    lambda j: j.running + j.waiting + j.staging,
    "jobs to run are running",
    operator.le,
    JOBS_TO_RUN,
)


@dataclass(frozen=True, slots=True)
class JobDoneRatio:
    """The part of completed jobs that got as far as ``done``. What is at a threshold is beyond it.

    Attributes:
        banned_at: this part or less bans.
        degraded_at: this part or less degrades.
        minimum: with fewer jobs, done and completed, the verdict is ``Unknown``.
    """

    banned_at: Share = Share(0.5)
    degraded_at: Share = Share(0.9)
    minimum: int = 10

    same_for_all_rows = True
    reads = frozenset({JOBS})

    def __post_init__(self) -> None:
        in_order(banned_at=self.banned_at, degraded_at=self.degraded_at)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _assessed(case, _DONE, self.banned_at, self.degraded_at, self.minimum)

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _DONE.thresholds(self.banned_at, self.degraded_at)


@dataclass(frozen=True, slots=True)
class JobEfficiency:
    """The part of ended jobs that did not fail, or the number of those that did.

    Unlike with the other ratios, a fraction itself is still good.

    Attributes:
        banned_below: a smaller part bans.
        degraded_below: a smaller part degrades.
        minimum: with fewer jobs, done, completed and failed, the verdict is ``Unknown``.
        banned_failed: so many failed jobs ban, of however many; 0: no number does.
        degraded_failed: so many degrade.
    """

    banned_below: Share = Share(0.5)
    degraded_below: Share = Share(0.9)
    minimum: int = 10
    banned_failed: int = 0
    degraded_failed: int = 0

    same_for_all_rows = True
    reads = frozenset({JOBS})

    def __post_init__(self) -> None:
        in_order(banned_below=self.banned_below, degraded_below=self.degraded_below)
        counts_in_order(banned_failed=self.banned_failed, degraded_failed=self.degraded_failed)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _assessed(case, _EFFICIENT, self.banned_below, self.degraded_below, self.minimum, self._by_number)

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        by_share = _EFFICIENT.thresholds(self.banned_below, self.degraded_below)
        return (*by_share, *limits_of(JOBS_FAILED, self._limits))

    @property
    def _limits(self) -> tuple[Limit, ...]:
        return Limit(self.banned_failed, Status.BANNED), Limit(self.degraded_failed, Status.DEGRADED)

    def _by_number(self, jobs: Jobs) -> Opinion | None:
        return too_many(jobs.failed, f"of {_EFFICIENT.whole(jobs):,} ended jobs failed", self._limits)


@dataclass(frozen=True, slots=True)
class JobRunningMatched:
    """The part of jobs that a pilot took which are running. What is at a threshold is beyond it.

    Attributes:
        banned_at: this part or less bans.
        degraded_at: this part or less degrades.
        minimum: with fewer jobs, running, matched, received and checking, the verdict is ``Unknown``.
    """

    banned_at: Share = Share(0.5)
    degraded_at: Share = Share(0.9)
    minimum: int = 10

    same_for_all_rows = True
    reads = frozenset({JOBS})

    def __post_init__(self) -> None:
        in_order(banned_at=self.banned_at, degraded_at=self.degraded_at)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _assessed(case, _MATCHED, self.banned_at, self.degraded_at, self.minimum)

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _MATCHED.thresholds(self.banned_at, self.degraded_at)


@dataclass(frozen=True, slots=True)
class JobRunningWaiting:
    """The part of jobs that are running, beside those that wait or are being staged. What is at a threshold is beyond it.

    Attributes:
        banned_at: this part or less bans.
        degraded_at: this part or less degrades.
        minimum: with fewer jobs, running, waiting and staging, the verdict is ``Unknown``.
    """

    banned_at: Share = Share(0.4)
    degraded_at: Share = Share(0.65)
    minimum: int = 10

    same_for_all_rows = True
    reads = frozenset({JOBS})

    def __post_init__(self) -> None:
        in_order(banned_at=self.banned_at, degraded_at=self.degraded_at)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _assessed(case, _WAITING, self.banned_at, self.degraded_at, self.minimum)

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return _WAITING.thresholds(self.banned_at, self.degraded_at)

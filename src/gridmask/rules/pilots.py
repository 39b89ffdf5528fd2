"""Pilot efficiency: a computing element that aborts pilots is given no more of them."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.gauges import PILOTS_ABORTED, PILOTS_WELL, Threshold
from gridmask.domain.measurements import PILOTS, Pilots
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
    from gridmask.domain.policy import Case, Finding


@dataclass(frozen=True, slots=True)
class PilotEfficiency:
    """The part of pilots that were not aborted, or their number. What is at a threshold is beyond it.

    As DIRAC's ``PilotInstantEfficiency``, which decides from a single pilot; here that takes a ``minimum`` of 1. Counts of
    several records of one source add up; of several sources the worst decides.

    Attributes:
        banned_at: this part or less bans.
        degraded_at: this part or less degrades.
        minimum: with fewer pilots the verdict is ``Unknown``.
        banned_aborted: so many aborted pilots ban, of however many; 0: no number does.
        degraded_aborted: so many degrade.
    """

    banned_at: Share = Share(0.5)
    degraded_at: Share = Share(0.9)
    minimum: int = 10
    banned_aborted: int = 0
    degraded_aborted: int = 0

    same_for_all_rows = True
    reads = frozenset({PILOTS})

    def __post_init__(self) -> None:
        in_order(banned_at=self.banned_at, degraded_at=self.degraded_at)
        counts_in_order(banned_aborted=self.banned_aborted, degraded_aborted=self.degraded_aborted)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return concluded(case, PILOTS, by_source(readings(case, PILOTS, Pilots)), Judgement(self._opinion))

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return (*steps_of(PILOTS_WELL, self._steps, included=True), *limits_of(PILOTS_ABORTED, self._limits))

    @property
    def _limits(self) -> tuple[Limit, ...]:
        return Limit(self.banned_aborted, Status.BANNED), Limit(self.degraded_aborted, Status.DEGRADED)

    @property
    def _steps(self) -> tuple[Step, ...]:
        return Step(self.banned_at, Status.BANNED), Step(self.degraded_at, Status.DEGRADED)

    def _opinion(self, values: tuple[Pilots, ...]) -> Opinion:
        total = sum(pilots.total for pilots in values)
        aborted = sum(pilots.aborted for pilots in values)
        scarce = too_few(total, self.minimum, "pilots to go by")
        by_share = scarce or graded(total - aborted, total, "pilots were not aborted", self._steps, operator.le)
        return stricter(too_many(aborted, f"of {total:,} pilots were aborted", self._limits), by_share)

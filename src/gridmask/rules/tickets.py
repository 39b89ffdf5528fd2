"""Tickets: what people have complained about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.gauges import TICKETS_OPEN, Threshold
from gridmask.domain.measurements import TICKETS
from gridmask.domain.measurements import Tickets as Counted
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, by_source, concluded, readings
from gridmask.rules.thresholds import Limit, limits_of

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding


@dataclass(frozen=True, slots=True)
class Tickets:
    """Open tickets ask for ``status``, as DIRAC's ``GGUSTickets`` does.

    Counts of several records of one source add up; of several sources the worst decides.

    Attributes:
        at_least: so many open tickets do.
        status: what they ask for.
    """

    at_least: int = 1
    status: Status = Status.DEGRADED

    same_for_all_rows = True
    reads = frozenset({TICKETS})

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise ValueError("at_least: must be 1 or more; without any ticket nothing is asked for")

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        single = readings(case, TICKETS, Counted)
        return concluded(case, TICKETS, by_source(single), Judgement(self._opinion, worst=self.status))

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return limits_of(TICKETS_OPEN, (Limit(self.at_least, self.status),))

    def _opinion(self, values: tuple[Counted, ...]) -> Opinion:
        count = sum(tickets.open for tickets in values)
        url = next((url for tickets in values for url in tickets.urls), "")
        told = f"{count:,} tickets are open" if count != 1 else "1 ticket is open"
        if count < self.at_least:
            return Opinion(Status.ACTIVE, f"{told}." if self.at_least == 1 else f"{told}: fewer than {self.at_least:,}.", url)
        return Opinion(self.status, f"{told}." if self.at_least == 1 else f"{told}: at least {self.at_least:,}.", url)

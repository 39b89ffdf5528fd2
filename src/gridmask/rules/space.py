"""Free space: storage that is filling up is not written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.gauges import FREE_SHARE, FREE_SPACE, Threshold
from gridmask.domain.measurements import SPACE, Space
from gridmask.domain.quantities import Share, Size, percent, roughly
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, Several, concluded, readings
from gridmask.rules.thresholds import in_order

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """Little free space degrades, too little bans; by size, or by share of the total, whichever says so first.

    As DIRAC's ``FreeDiskSpace``, whose numbers these are, with fractions beside the sizes. A threshold itself is still good.

    Attributes:
        banned_below: less free space than this bans.
        degraded_below: less free space than this degrades.
        banned_below_fraction: a smaller part of the total bans. Where the total is 0 or not known, fractions say nothing.
        degraded_below_fraction: a smaller part of the total degrades.
        several: of several records, such as the shares of a storage element, whether the worst or the best decides.
    """

    banned_below: Size = Size(100 * 10**9)
    degraded_below: Size = Size(5 * 10**12)
    banned_below_fraction: Share = Share(0.0)
    degraded_below_fraction: Share = Share(0.0)
    several: Several = Several.WORST

    same_for_all_rows = True
    reads = frozenset({SPACE})

    def __post_init__(self) -> None:
        in_order(banned_below=self.banned_below, degraded_below=self.degraded_below)
        # a fraction of 0 is none
        if self.degraded_below_fraction:
            fractions = self.banned_below_fraction, self.degraded_below_fraction
            in_order(banned_below_fraction=fractions[0], degraded_below_fraction=fractions[1])

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return concluded(case, SPACE, readings(case, SPACE, Space), Judgement(self._opinion, self.several.of))

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        sizes = ((self.banned_below, Status.BANNED), (self.degraded_below, Status.DEGRADED))
        shares = ((self.banned_below_fraction, Status.BANNED), (self.degraded_below_fraction, Status.DEGRADED))
        by_size = (Threshold(FREE_SPACE, float(at), status) for at, status in sizes if at)
        by_share = (Threshold(FREE_SHARE, at, status) for at, status in shares if at)
        return (*by_size, *by_share)

    def _opinion(self, values: tuple[Space, ...]) -> Opinion:
        (space,) = values
        for status, size, share in (
            (Status.BANNED, self.banned_below, self.banned_below_fraction),
            (Status.DEGRADED, self.degraded_below, self.degraded_below_fraction),
        ):
            if space.free < size:
                return Opinion(status, f"{_told(space)}: less than {size}.")
            if space.total and space.free / space.total < share:
                return Opinion(status, f"{_told(space)}: less than {percent(share)}.")
        return Opinion(Status.ACTIVE, f"{_told(space)}.")


def _told(space: Space) -> str:
    if not space.total:
        return f"{roughly(space.free)} are free"
    return f"{roughly(space.free)} of {roughly(space.total)} are free ({percent(space.free / space.total)})"

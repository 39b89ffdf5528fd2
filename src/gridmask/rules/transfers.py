"""Transfer quality: storage from or to which transfers fail."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.measurements import TRANSFERS, Transfers
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, by_source, concluded, readings
from gridmask.rules.thresholds import Step, graded, in_order, too_few

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding


class Ways(StrEnum):
    """Which transfers count: those from an element, those to it, or those that use the access in question."""

    SOURCE = "source"
    DESTINATION = "destination"
    BOTH = "both"
    BY_ACCESS = "by-access"

    def take(self, direction: str, status_type: str) -> bool:
        """Whether transfers in this ``direction`` count for a row of ``status_type``."""
        if self is Ways.BY_ACCESS:
            return direction == _USES.get(status_type, direction)
        return self is Ways.BOTH or direction == self.value


_USES = {"ReadAccess": "source", "WriteAccess": "destination"}


@dataclass(frozen=True, slots=True)
class TransferQuality:
    """The part of transfers that did not fail. A threshold itself is still good.

    The numbers are LHCb's, which never bans by them. All transfers of one source of evidence add up over the other ends, so
    that one bad partner does not outweigh many good ones; of several sources of evidence the worst decides.

    Attributes:
        direction: which transfers count: ``source`` (from the element), ``destination`` (to it), ``both``, or ``by-access``:
            those from it for ``ReadAccess``, those to it for ``WriteAccess``, both for everything else.
        bad_below: a smaller part is bad.
        poor_below: a smaller part is poor.
        bad: the status that bad quality asks for.
        poor: the status that poor quality asks for.
        minimum: with fewer transfers the verdict is ``Unknown``.
    """

    direction: Ways = Ways.BY_ACCESS
    bad_below: Share = Share(0.6)
    poor_below: Share = Share(0.9)
    bad: Status = Status.DEGRADED
    poor: Status = Status.DEGRADED
    minimum: int = 10

    def __post_init__(self) -> None:
        in_order(bad_below=self.bad_below, poor_below=self.poor_below)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        single = readings(case, TRANSFERS, Transfers, lambda t: self.direction.take(t.direction, case.row.status_type))
        judgement = Judgement(self._opinion, worst=min(self.bad, self.poor))
        return concluded(case, TRANSFERS, by_source(single), judgement)

    def _opinion(self, values: tuple[Transfers, ...]) -> Opinion:
        attempted = sum(transfers.attempted for transfers in values)
        good = attempted - sum(transfers.failed for transfers in values)
        steps = (Step(self.bad_below, self.bad), Step(self.poor_below, self.poor))
        scarce = too_few(attempted, self.minimum, "transfers to go by")
        return scarce or graded(good, attempted, "transfers did not fail", steps, operator.lt)

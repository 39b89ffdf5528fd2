"""Transfer quality: storage from or to which transfers fail."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.gauges import TRANSFERS_FAILED, TRANSFERS_WELL, Threshold
from gridmask.domain.matching import agrees
from gridmask.domain.measurements import TRANSFERS, Transfers
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, Reading, by_source, concluded, ranked, readings
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


class Each(StrEnum):
    """What is judged by itself: all transfers of an element together, or those with each other end."""

    ELEMENT = "element"
    CHANNEL = "channel"


_USES = {"ReadAccess": "source", "WriteAccess": "destination"}


@dataclass(frozen=True, slots=True)
class TransferQuality:
    """The part of transfers that did not fail, or the number of those that did. A fraction itself is still good.

    The numbers are LHCb's, which never bans by them. All transfers of one source of evidence add up over the other ends, so
    that one bad partner does not outweigh many good ones; of several sources of evidence the worst decides. Judged by channel,
    each other end counts as one, however many transfers there were: so many, and such a share of them, must be bad.

    Attributes:
        direction: which transfers count: ``source`` (from the element), ``destination`` (to it), ``both``, or ``by-access``:
            those from it for ``ReadAccess``, those to it for ``WriteAccess``, both for everything else.
        bad_below: a smaller part is bad.
        poor_below: a smaller part is poor.
        bad: the status that bad quality asks for.
        poor: the status that poor quality asks for.
        minimum: with fewer transfers the verdict is ``Unknown``.
        bad_failed: so many failed transfers are bad, of however many; 0: no number is.
        poor_failed: so many are poor.
        others: patterns of the other ends whose transfers count.
        each: what is judged by itself: ``element``, or each ``channel``.
        at_least: so many channels must be bad, or poor.
        share: such a part of the channels must be.
    """

    direction: Ways = Ways.BY_ACCESS
    bad_below: Share = Share(0.6)
    poor_below: Share = Share(0.9)
    bad: Status = Status.DEGRADED
    poor: Status = Status.DEGRADED
    minimum: int = 10
    bad_failed: int = 0
    poor_failed: int = 0
    others: tuple[str, ...] = ("*",)
    each: Each = Each.ELEMENT
    at_least: int = 1
    share: Share = Share(0.0)

    same_for_all_vos = True
    reads = frozenset({TRANSFERS})

    @property
    def same_for_all_rows(self) -> bool:
        """Whether the same transfers count for each access."""
        return self.direction is not Ways.BY_ACCESS

    def __post_init__(self) -> None:
        in_order(bad_below=self.bad_below, poor_below=self.poor_below)
        counts_in_order(bad_failed=self.bad_failed, poor_failed=self.poor_failed)
        if self.at_least < 1:
            raise ValueError("at_least: must be 1 or more; without any bad channel nothing is asked for")
        if self.each is Each.ELEMENT and (self.at_least > 1 or self.share):
            raise ValueError("at_least and share count channels: add each = 'channel'")

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""

        def wanted(one: Transfers) -> bool:
            return self.direction.take(one.direction, case.row.status_type) and agrees(self.others, one.other)

        single = readings(case, TRANSFERS, Transfers, wanted)
        worst = min(self.bad, self.poor)
        if self.each is Each.ELEMENT:
            return concluded(case, TRANSFERS, by_source(single), Judgement(self._opinion, worst=worst))
        return concluded(case, TRANSFERS, by_channel(single), Judgement(self._of_channel, self._verdict, worst))

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return (*steps_of(TRANSFERS_WELL, self._steps, included=False), *limits_of(TRANSFERS_FAILED, self._limits))

    @property
    def _limits(self) -> tuple[Limit, ...]:
        return Limit(self.bad_failed, self.bad), Limit(self.poor_failed, self.poor)

    @property
    def _steps(self) -> tuple[Step, ...]:
        return Step(self.bad_below, self.bad), Step(self.poor_below, self.poor)

    def _verdict(self, statuses: Sequence[Status]) -> Status:
        return ranked(statuses, self.at_least, self.share)

    def _of_channel(self, values: tuple[Transfers, ...]) -> Opinion:
        found, (direction, other) = self._opinion(values), (values[0].direction, values[0].other)
        return found._replace(text=f"{'To' if direction == 'source' else 'From'} {other or 'others'}: {found.text}")

    def _opinion(self, values: tuple[Transfers, ...]) -> Opinion:
        attempted = sum(transfers.attempted for transfers in values)
        failed = sum(transfers.failed for transfers in values)
        scarce = too_few(attempted, self.minimum, "transfers to go by")
        by_share = scarce or graded(attempted - failed, attempted, "transfers did not fail", self._steps, operator.lt)
        return stricter(too_many(failed, f"of {attempted:,} transfers failed", self._limits), by_share)


def by_channel(single: Iterable[Reading[Transfers]]) -> list[Reading[Transfers]]:
    """``single`` readings, those of one source about one direction and other end taken together."""
    channels: dict[tuple[str, str, str], Reading[Transfers]] = {}
    for one in single:
        channel = (one.evidence[0].key.source, one.values[0].direction, one.values[0].other)
        before = channels.get(channel)
        channels[channel] = Reading(before.values + one.values, before.evidence + one.evidence) if before else one
    return list(channels.values())

"""Probe results: what tests of a service found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.decision import ReasonKind
from gridmask.domain.matching import described
from gridmask.domain.measurements import PROBE, Probe
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, Reading, concluded, ranked, readings

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding


class _Result(NamedTuple):
    """A probe, taken as a measurement that is flawed where it has no result."""

    probe: Probe

    @property
    def flaw(self) -> str:
        return f"{self.probe.metric} has no result ({self.probe.result})" if self.probe.result not in _RESULTS else ""


_RESULTS = ("OK", "WARNING", "CRITICAL")


@dataclass(frozen=True, slots=True)
class ProbeResults:
    """``CRITICAL`` results of so many probes ask for one status, results no better than ``WARNING`` for another.

    ``UNKNOWN`` and ``MISSING`` are no results. They are neither bad nor good: the last verdict stands where it could be
    another with them.

    Attributes:
        metrics: patterns of the names of the probes that count.
        at_least: so many of them must be bad.
        share: such a part of them must be bad.
        critical: what ``CRITICAL`` asks for.
        warning: what ``WARNING`` asks for.
    """

    metrics: tuple[str, ...] = ("*",)
    at_least: int = 1
    critical: Status = Status.BANNED
    warning: Status = Status.DEGRADED
    share: Share = Share(0.0)

    same_for_all_rows = True
    reads = frozenset({PROBE})

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise ValueError("at_least: must be 1 or more; without any bad probe nothing is asked for")
        if self.critical > self.warning:
            raise ValueError(f"critical ({self.critical.label}) must not be better than warning ({self.warning.label})")

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        found = [
            Reading((_Result(one.values[0]),), one.evidence)
            for one in readings(case, PROBE, Probe, lambda p: described(self.metrics, p.metric))
        ]
        return concluded(case, PROBE, found, Judgement(self._opinion, self._verdict, self.critical, ReasonKind.PROBE))

    def _opinion(self, values: tuple[_Result, ...]) -> Opinion:
        probe = values[0].probe
        status = {"CRITICAL": self.critical, "WARNING": self.warning}.get(probe.result, Status.ACTIVE)
        return Opinion(status, f"{probe.metric} is {probe.result}" + (f": {probe.summary}" if probe.summary else "."))

    def _verdict(self, statuses: Sequence[Status]) -> Status:
        return ranked(statuses, self.at_least, self.share)

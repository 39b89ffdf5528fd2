"""The rule ``busy``."""

from __future__ import annotations

from dataclasses import dataclass

from gridmask.domain.gauges import METRICS, Threshold
from gridmask.domain.measurements import METRIC, Metric
from gridmask.domain.policy import Case, Finding
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, concluded, readings


@dataclass(frozen=True, slots=True)
class Busy:
    """A host with too long a run queue is degraded; of several hosts, the busiest decides.

    Attributes:
        degraded_above: a higher load than this degrades.
        metric: what the metric is called.
    """

    degraded_above: float = 20.0
    metric: str = "load"

    def __post_init__(self) -> None:
        if self.degraded_above <= 0:
            raise ValueError("degraded_above: must be more than 0, or nothing would ever be good enough")

    def assess(self, case: Case) -> Finding:
        """What the load of its hosts says about a row."""
        found = readings(case, METRIC, Metric, lambda measured: measured.name == self.metric)
        return concluded(case, METRIC, found, Judgement(self._opinion, worst=Status.DEGRADED))

    def thresholds(self) -> tuple[Threshold, ...]:
        """More than this degrades: pages draw what was measured against it."""
        return (Threshold(METRICS, self.degraded_above, Status.DEGRADED, rising=True, topics=(self.metric,)),)

    def _opinion(self, values: tuple[Metric, ...]) -> Opinion:
        (load,) = values
        busy = load.value > self.degraded_above
        return Opinion(Status.DEGRADED if busy else Status.ACTIVE, f"Its {self.metric} is {load.value:g}.")

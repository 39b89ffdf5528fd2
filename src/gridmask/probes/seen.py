"""What a probe saw at a target, and the evidence that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import METRIC, PROBE, Metric, Probe
from gridmask.domain.vo import ALL
from gridmask.probes.doubt import Outcome
from gridmask.probes.finding import Finding
from gridmask.probes.making import Made
from gridmask.probes.schedule import Key
from gridmask.probes.target import Target

_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Seen:
    """What ``probe`` found at ``target``, and when it was done. ``began``: by a clock that only goes forward."""

    probe: Made
    target: Target
    finding: Finding
    at: datetime
    began: float = 0.0
    ended: float = 0.0

    @property
    def key(self) -> Key:
        """Which probe of which target it is."""
        return key_of(self.probe, self.target)

    @property
    def outcome(self) -> Outcome:
        """It, as far as doubts go."""
        every = self.probe.settings.every.total_seconds()
        return Outcome(self.key, self.target.host, every, self.finding.is_bad)

    def evidence(self) -> Iterator[Evidence]:
        """What it says; nothing, where the probe could not be made."""
        if self.finding.result == "UNKNOWN":
            return
        name = self.probe.name
        yield self._evidence("", PROBE, Probe(name, self.finding.result, self.finding.summary))
        for figure in self.probe.settings.publish:
            value = self.finding.metrics.get(figure)
            if value is not None:
                yield self._evidence(figure, METRIC, Metric(f"{name}.{figure}", value))

    def _evidence(self, figure: str, kind: str, value: object) -> Evidence:
        settings, target = self.probe.settings, self.target
        key = EvidenceKey(settings.name, record_of(self.probe, target, figure), target.element)
        until = self.at + settings.periods * settings.every + settings.timeout
        return Evidence(key, kind, value, self.at, until, target.vo)


def key_of(probe: Made, target: Target) -> Key:
    """Which probe of which target it is."""
    return Key(probe.name, "/".join(target.element), target.vo, str(target.address))


def record_of(probe: Made, target: Target, figure: str = "") -> str:
    """The record of what ``probe`` finds at ``target``."""
    where = target.address.authority if probe.settings.hosts == "all" else ""
    vo = "" if target.vo == ALL else target.vo
    return "/".join(filter(None, ("probe", probe.name, vo, where, figure)))[:_LONGEST]

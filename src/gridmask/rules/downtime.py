"""Declared downtimes: what is announced to be down is not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.downtime import Downtime, Impact, ends_or_starts
from gridmask.domain.evidence import DOWNTIME
from gridmask.domain.hearing import of_kind
from gridmask.domain.policy import Finding
from gridmask.domain.status import Status
from gridmask.rules.silence import silence

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.policy import Case

SEVERITIES: Mapping[str, Impact] = {
    "OUTAGE": Impact.OUTAGE,
    "WARNING": Impact.WARNING,
    "Outage": Impact.OUTAGE,
    "Severe": Impact.OUTAGE,
    "Intermittent Outage": Impact.WARNING,
    "No Significant Outage Expected": Impact.NONE,
}
"""What published severities mean: GOCDB's two, and OSG's four."""


def impact_of(severity: str) -> Impact:
    """What ``severity`` means, unless a policy says otherwise: one that is not known is presumed to be an outage."""
    return SEVERITIES.get(severity, Impact.OUTAGE)


class After(StrEnum):
    """What a row returns to when a downtime that alone banned it ends (promise D2)."""

    PREVIOUS = "previous"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class DeclaredDowntime:
    """The most severe of the downtimes in force decides; without one, the row is fine.

    A downtime is in force from ``lead`` before its start to its end. DIRAC's ``DTOngoing`` is a lead of 0; its
    ``DTScheduled1``, ``DTScheduled3`` and ``DTScheduled`` are leads of 1, 3 and 12 hours. Unlike there, an outage that lies
    wholly within the lead counts, and a warning never hides an outage.

    Attributes:
        lead: how long ahead to act, by status type, so that writing can be drained before reading stops. ``default`` is for
            the status types not named; without it, these act at the start.
        severities: what published severities mean, beside :data:`SEVERITIES`.
        unknown_severity: what a severity means that is not listed. An announced downtime is presumed to be one.
        outage: what an outage asks for.
        ahead: what an outage asks for within the lead, before it has begun; left out, the same.
        warning: what a warning asks for.
        shortest: how long a downtime must be to matter; one without an announced end is long enough.
        after: whether what was banned by it returns to what it was, or through ``Probing``.
    """

    lead: Mapping[str, timedelta] = field(default_factory=dict)
    severities: Mapping[str, Impact] = field(default_factory=dict)
    unknown_severity: Impact = Impact.OUTAGE
    outage: Status = Status.BANNED
    warning: Status = Status.DEGRADED
    shortest: timedelta = timedelta()
    after: After = After.PREVIOUS
    ahead: Status | None = None

    same_for_all_vos = True
    reads = frozenset({DOWNTIME})

    @property
    def same_for_all_rows(self) -> bool:
        """Whether it acts as long ahead for one status type as for another."""
        return self.lead.keys() <= {"default"}

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        lead = self.lead.get(case.row.status_type, self.lead.get("default", timedelta()))
        announced = [e.value for e in of_kind(case.evidence, DOWNTIME) if isinstance(e.value, Downtime)]
        if not announced:
            return _nothing_announced(case, None)
        downtimes = [d for d in announced if d.interval.end is None or d.interval.end - d.interval.start >= self.shortest]
        changes_at = _earliest(ends_or_starts(d.interval, lead, case.now) for d in downtimes)
        in_force = [d for d in downtimes if d.interval.overlaps(case.now, case.now + lead)]
        worst = max(map(self._impact, in_force), default=Impact.NONE)
        if worst is Impact.NONE:
            return _nothing_announced(case, changes_at)
        asked = [(d, self._asked(d, case.now)) for d in in_force if self._impact(d) is worst]
        status = min(status for _, status in asked)
        reasons = tuple(_reason(d, case.now) for d, one in asked if one is status)
        return Finding(status, reasons, changes_at, lasting=self.after is After.PROBING)

    def _asked(self, downtime: Downtime, now: datetime) -> Status:
        if self._impact(downtime) is Impact.WARNING:
            return self.warning
        return self.outage if self.ahead is None or downtime.interval.contains(now) else self.ahead

    def _impact(self, downtime: Downtime) -> Impact:
        severity = downtime.severity
        return self.severities.get(severity, SEVERITIES.get(severity, self.unknown_severity))


def _nothing_announced(case: Case, changes_at: datetime | None) -> Finding:
    """That no downtime is in force can only be concluded from sources that have spoken lately."""
    coverage = [c for c in case.coverage if c.kind == DOWNTIME]
    silent = [c for c in coverage if not c.counts(case.now)]
    if silent:
        return Finding(None, tuple(map(silence, silent)), changes_at)
    return Finding(Status.ACTIVE, (_NOTHING,), _earliest([changes_at, *(c.valid_until for c in coverage)]))


_NOTHING = Reason(ReasonKind.NO_DOWNTIME, "No downtime is announced for now.")


def _reason(downtime: Downtime, now: datetime) -> Reason:
    interval = downtime.interval
    tense = "In" if interval.contains(now) else "Soon in"
    until = f"until {interval.end:%Y-%m-%d %H:%M} UTC" if interval.end else "without an announced end"
    what = f"{tense} downtime {downtime.key.record} ({downtime.severity}, {downtime.scheduling.lower()}) {until}"
    text = f"{what}: {downtime.description}" if downtime.description else f"{what}."
    return Reason(
        ReasonKind.DOWNTIME,
        text,
        source=downtime.key.source,
        record=downtime.key.record,
        url=downtime.url,
        since=interval.start,
        until=interval.end,
    )


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)

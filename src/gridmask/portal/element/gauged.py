"""What was measured of an element as numbers, against the thresholds of the policies that judge them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.evidence import heard_by
from gridmask.domain.gauges import BYTES, SHARE, Gauge, Threshold, gauges_of
from gridmask.domain.measurements import Series, Transfers
from gridmask.domain.quantities import percent, roughly
from gridmask.portal.drawing.chart import Bullet, Chart, Reading, bullet, chart

if TYPE_CHECKING:
    from gridmask.domain.evidence import Evidence, EvidenceKey
    from gridmask.domain.judges import Judge
    from gridmask.portal.drawing.axis import Axis

PAIR = 2
"""So many readings make a chart."""


@dataclass(frozen=True, slots=True)
class Gauged:
    """A number that was measured.

    Attributes:
        gauge: what it is.
        topic: of what, where it has a name or a direction.
        evidence: the records that it was read from.
        value: the number; None: nothing can be said.
        limits: the thresholds that it is compared with, each with its policy.
        bullet: how it stands to these; None without a number.
        chart: how it went; None: nobody kept that.
    """

    gauge: Gauge
    topic: str
    evidence: tuple[Evidence, ...]
    value: float | None
    limits: tuple[tuple[Judge, Threshold], ...]
    bullet: Bullet | None
    chart: Chart | None

    @property
    def name(self) -> str:
        """What it is, for people."""
        return f"{self.gauge.name}, {self.topic}" if self.topic and self.topic != self.gauge.name else self.gauge.name

    @property
    def told(self) -> str:
        """The number, for people."""
        return "unknown" if self.value is None else worded(self.value, self.gauge)

    @property
    def source(self) -> str:
        """Who said so."""
        return self.evidence[0].key.source

    @property
    def record(self) -> str:
        """In which record; empty: in several together."""
        return self.evidence[0].key.record if len(self.evidence) == 1 else ""

    @property
    def observed_at(self) -> datetime:
        """When the last of it was measured."""
        return max(one.observed_at for one in self.evidence)

    def counts(self, now: datetime) -> bool:
        """Whether none of it has expired."""
        return all(one.counts(now) for one in self.evidence)


def gauged(
    vo: str,
    measured: Iterable[Evidence],
    judges: Sequence[Judge],
    recorded: Mapping[EvidenceKey, Sequence[Evidence]],
    axis: Axis,
) -> tuple[Gauged, ...]:
    """The numbers that speak for ``vo``: of each kind those that somebody judges, or else the one that is looked at most."""
    groups: dict[tuple[str, ...], list[Evidence]] = {}
    for one in heard_by(vo, measured):
        groups.setdefault(_group(one), []).append(one)
    found = (shown for group in groups.values() for shown in _gauged(tuple(group), judges, recorded, axis))
    return tuple(sorted(found, key=lambda one: (not one.limits, one.gauge.kind, one.name, one.source)))


def worded(value: float, gauge: Gauge) -> str:
    """``value`` in the unit of ``gauge``."""
    if gauge.unit == BYTES:
        return roughly(value)
    if gauge.unit == SHARE:
        return percent(value)
    return f"{value:,.6g} {gauge.unit}".rstrip()


def limit(threshold: Threshold) -> str:
    """What a threshold asks for, in a few words."""
    at = worded(threshold.at, threshold.gauge)
    how = ("from" if threshold.included else "above") if threshold.rising else ("up to" if threshold.included else "below")
    return f"{threshold.status.label} {how} {at}"


def _group(one: Evidence) -> tuple[str, ...]:
    """What is read together: the records of one source that add up, and every other one by itself."""
    gauges = gauges_of(one.value, one.kind)
    about = (one.key.source, one.kind, one.vo, _topic(one.value))
    return about if gauges and all(gauge.adds_up for gauge in gauges) else (*about, one.key.record)


def _topic(value: object) -> str:
    """What tells a measurement from others of its kind. Transfers add up over the other ends."""
    return f"as {value.direction}" if isinstance(value, Transfers) else str(getattr(value, "topic", ""))


def _gauged(
    group: tuple[Evidence, ...], judges: Sequence[Judge], recorded: Mapping[EvidenceKey, Sequence[Evidence]], axis: Axis
) -> Iterator[Gauged]:
    gauges = gauges_of(group[0].value, group[0].kind)
    topic = _topic(group[0].value)
    judged = {gauge: _limits(gauge, topic, judges) for gauge in gauges}
    wanted = [gauge for gauge in gauges if judged[gauge]] or list(gauges[:1])
    for gauge in wanted:
        limits = judged[gauge]
        drawn = [(judge.policy.name, threshold) for judge, threshold in limits]
        value = gauge.read([one.value for one in group])
        points = _points(gauge, group, recorded, axis)
        share = gauge.unit == SHARE
        yield Gauged(
            gauge,
            topic,
            group,
            value,
            limits,
            None if value is None else bullet(value, drawn, share=share),
            chart(points, drawn, axis, share=share) if len(points) >= PAIR else None,
        )


def _limits(gauge: Gauge, topic: str, judges: Sequence[Judge]) -> tuple[tuple[Judge, Threshold], ...]:
    found = [(judge, one) for judge in judges for one in judge.thresholds if one.judges(gauge, topic)]
    return tuple(sorted(found, key=lambda pair: (pair[1].at, pair[0].policy.name)))


def _points(
    gauge: Gauge, group: Sequence[Evidence], recorded: Mapping[EvidenceKey, Sequence[Evidence]], axis: Axis
) -> list[Reading]:
    """What can be told of the time of ``axis``."""
    if len(group) == 1 and isinstance(group[0].value, Series):
        told = group[0].value.points
        points: list[Reading] = [(p.at, float(p.value)) for p in told if isinstance(p.value, int | float)]
    else:
        points = readings(gauge, [recorded.get(one.key, ()) for one in group])
    before = [(axis.since, value) for at, value in points if at < axis.since][-1:]
    return before + [(at, value) for at, value in points if axis.since <= at < axis.until]


def readings(gauge: Gauge, versions: Sequence[Sequence[Evidence]]) -> list[Reading]:
    """What ``gauge`` read off records one after another, of each its ``versions``; None from when on nothing counted."""
    known = [sorted(one, key=lambda evidence: evidence.observed_at) for one in versions if one]
    begins = [[evidence.observed_at for evidence in one] for one in known]
    ends = {evidence.valid_until for one in known for evidence in one if evidence.valid_until is not None}
    found: list[Reading] = []
    for moment in sorted(ends.union(*begins)):
        last = [one[place - 1] for one, starts in zip(known, begins, strict=True) if (place := bisect_right(starts, moment))]
        values = [evidence.value for evidence in last if evidence.counts(moment)]
        value = gauge.read(values) if values else None
        if not found or found[-1][1] != value:
            found.append((moment, value))
    return found

"""What was measured of an element, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from gridmask.domain.evidence import heard_by
from gridmask.domain.measurements import Jobs, Metric, Pilots, Probe, Series, Space, State, Tickets, Transfers
from gridmask.domain.quantities import percent, roughly

if TYPE_CHECKING:
    from gridmask.domain.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement in words; ``counts``: for the VO that is looked for, now."""

    evidence: Evidence
    text: str
    links: tuple[str, ...]
    counts: bool


def measured(vo: str, evidence: Iterable[Evidence]) -> list[Measured]:
    """``evidence`` as whoever looks for ``vo`` is told of it: what counts for it first."""
    evidence = tuple(evidence)
    heard = {e.key for e in heard_by(vo, evidence)}
    told = [Measured(e, told_of(e.value), getattr(e.value, "urls", ()), e.key in heard) for e in evidence]
    return sorted(told, key=lambda one: (not one.counts, one.evidence.kind, one.evidence.vo, one.evidence.key))


def told_of(value: object) -> str:
    """A measured ``value`` in a line."""
    return _TELLING[type(value)](value) if type(value) in _TELLING else str(value)


def _space(space: Space) -> str:
    if not space.total:
        return f"{roughly(space.free)} are free"
    return f"{roughly(space.free)} of {roughly(space.total)} are free, {percent(space.free / space.total)}"


def _jobs(jobs: Jobs) -> str:
    numbers = {field.name: getattr(jobs, field.name) for field in fields(jobs)}
    return ", ".join(f"{number:,} {name}" for name, number in numbers.items() if number) or "none"


def _transfers(transfers: Transfers) -> str:
    other = f" and {transfers.other} at the other end" if transfers.other else ""
    return f"{transfers.failed:,} of {transfers.attempted:,} failed, with it as {transfers.direction}{other}"


def _series(series: Series) -> str:
    last = f", the last {max(series.points, key=lambda point: point.at).value}" if series.points else ""
    return f"{series.name}: {len(series.points):,} values{last}"


_TELLING: Mapping[type, Callable[[Any], str]] = {
    Space: _space,
    Jobs: _jobs,
    Pilots: lambda pilots: f"{pilots.aborted:,} of {pilots.total:,} were aborted",
    Transfers: _transfers,
    Tickets: lambda tickets: f"{tickets.open:,} open",
    Probe: lambda probe: f"{probe.metric} is {probe.result}" + (f": {probe.summary}" if probe.summary else ""),
    State: lambda state: state.value + (f": {state.comment}" if state.comment else ""),
    Metric: lambda metric: f"{metric.name} is {metric.value:,g} {metric.unit}".rstrip(),
    Series: _series,
}

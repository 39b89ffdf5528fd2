"""Readings: measurements as rules take them, and what may be concluded from several when some are gone (promise D3).

What has expired, or cannot be true, is a gap. A gap neither makes a verdict worse nor better: it is passed over where it makes
no difference, and where it does, nothing is concluded, so that the last verdict stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.hearing import Heard
from gridmask.domain.measurements import Measurement
from gridmask.domain.policy import Finding
from gridmask.domain.status import Status, most_restrictive
from gridmask.rules.silence import silence

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import Case

M = TypeVar("M", bound=Measurement)

_MOST_REASONS = 5


class Several(StrEnum):
    """Which of several records decides."""

    WORST = "worst"
    BEST = "best"

    def of(self, statuses: Sequence[Status]) -> Status:
        """The status that decides; ``Unknown`` has no say where another has one."""
        if len(statuses) == 1:
            return statuses[0]
        known = [status for status in statuses if status is not Status.UNKNOWN]
        return most_restrictive(known) if self is Several.WORST else max(known, default=Status.UNKNOWN)


def ranked(statuses: Sequence[Status], at_least: int, share: float) -> Status:
    """The worst status that ``at_least`` so many ask for, and such a ``share`` of them, or for worse.

    It is ``Active`` where too few ask for anything. ``Unknown`` has no say where another has one.
    """
    if len(statuses) == 1 and at_least <= 1:
        return statuses[0]
    known = sorted([status for status in statuses if status is not Status.UNKNOWN])
    if not known:
        return Status.UNKNOWN if statuses else Status.ACTIVE
    # what is a whole number but for the last bits of a float is one
    needed = max(at_least, ceil(share * len(known) - 1e-9), 1)
    return known[needed - 1] if needed <= len(known) else Status.ACTIVE


class Opinion(NamedTuple):
    """What one reading asks for, and why."""

    status: Status
    text: str
    url: str = ""


class Reading(NamedTuple, Generic[M]):
    """What one source measured: a single record of it, or all of its records where these add up.

    Attributes:
        values: what was measured, one value a record.
        evidence: the records, in the same order.
    """

    values: tuple[M, ...]
    evidence: tuple[Evidence, ...]

    @property
    def flaw(self) -> str:
        """Why it cannot be true; empty if it can."""
        return next((flaw for value in self.values if (flaw := value.flaw)), "")

    def is_gap(self, case: Case) -> bool:
        """Whether a part of it has expired or cannot be true."""
        if len(self.evidence) == 1:
            (value,), (evidence,) = self
            return bool(value.flaw) or not evidence.counts(case.now)
        return bool(self.flaw) or not all(e.counts(case.now) for e in self.evidence)


class Judgement(NamedTuple, Generic[M]):
    """How readings become a finding.

    ``opinion``: what one reading asks for. ``verdict``: what the statuses that they ask for add up to; it never gets better
    when one of them gets worse. ``worst``: the worst that a reading can ask for.
    """

    opinion: Callable[[tuple[M, ...]], Opinion]
    verdict: Callable[[Sequence[Status]], Status] = Several.WORST.of
    worst: Status = Status.BANNED
    kind: ReasonKind = ReasonKind.MEASUREMENT


def readings(case: Case, kind: str, measurement: type[M], wanted: Callable[[M], bool] | None = None) -> list[Reading[M]]:
    """The ``wanted`` measurements of ``kind``, a reading for each record, in an order that does not depend on their arrival."""
    every = _one_each(case.evidence, kind, measurement) if isinstance(case.evidence, Heard) else None
    if every is not None:
        return every if wanted is None else [one for one in every if wanted(one.values[0])]
    # a record may reach an element by more than one of its names
    records: dict[tuple[str, str], tuple[Evidence, M]] = {}
    for e in sorted(case.evidence, key=lambda e: (e.observed_at, e.key)):
        if e.kind == kind and isinstance(e.value, measurement) and (wanted is None or wanted(e.value)):
            records[e.key.source, e.key.record] = (e, e.value)
    return [Reading((value,), (evidence,)) for _, (evidence, value) in sorted(records.items(), key=lambda item: item[0])]


def _one_each(heard: Heard, kind: str, measurement: type[M]) -> list[Reading[M]] | None:
    """A reading for each piece of ``kind``, by record; None, where a record says several things. It must not be changed."""
    try:
        known: list[Reading[M]] | None = heard.kept[kind, measurement]
    except KeyError:
        told = [Reading((e.value,), (e,)) for e in heard.by_kind.get(kind, ()) if isinstance(e.value, measurement)]
        records = {one.evidence[0].key[:2] for one in told}
        known = heard.kept[kind, measurement] = told if len(records) == len(told) else None
    return known


def newest(found: Sequence[Reading[M]]) -> list[Reading[M]]:
    """The newest of ``found``, in a list; of several of one moment, always the same."""
    return [max(found, key=lambda one: (one.evidence[0].observed_at, one.evidence[0].key))] if found else []


def by_source(single: list[Reading[M]]) -> list[Reading[M]]:
    """``single`` readings, those of one source taken together."""
    if len(single) == 1:
        return single
    sources: dict[str, Reading[M]] = {}
    for one in single:
        source = one.evidence[0].key.source
        before = sources.get(source)
        sources[source] = Reading(before.values + one.values, before.evidence + one.evidence) if before else one
    return list(sources.values())


def concluded(case: Case, kind: str, found: Sequence[Reading[M]], judgement: Judgement[M]) -> Finding:
    """What ``found`` amounts to; nothing, where that depends on a gap."""
    gaps = [one for one in found if one.is_gap(case)]
    sound = [(one, judgement.opinion(one.values)) for one in found if not gaps or one not in gaps]
    until = _until(found, case.now)
    if not sound:
        return Finding(None, missing(case, kind, gaps), until)
    status = judgement.verdict([opinion.status for _, opinion in sound])
    if gaps and any(judgement.verdict(statuses) is not status for statuses in _imagined(sound, gaps, judgement)):
        return Finding(None, missing(case, kind, gaps), until)
    return Finding(status, _reasons(sound, status, judgement.kind), until)


def _until(found: Sequence[Reading[M]], now: datetime) -> datetime | None:
    """When the first piece of evidence stops counting."""
    ends = [e.valid_until for one in found for e in one.evidence if e.valid_until is not None and now < e.valid_until]
    return min(ends) if len(ends) > 1 else ends[0] if ends else None


def _imagined(
    sound: Sequence[tuple[Reading[M], Opinion]], gaps: Sequence[Reading[M]], judgement: Judgement[M]
) -> Iterable[list[Status]]:
    """The statuses, had ``gaps`` not opened: what has expired says what it said last, the rest may say anything."""
    statuses = [opinion.status for _, opinion in sound]
    statuses += [judgement.opinion(gap.values).status for gap in gaps if not gap.flaw]
    flawed = [gap for gap in gaps if gap.flaw]
    for extreme in (judgement.worst, Status.ACTIVE):
        yield statuses + [extreme] * len(flawed)


def _reasons(sound: Sequence[tuple[Reading[M], Opinion]], status: Status, kind: ReasonKind) -> tuple[Reason, ...]:
    """The opinions that ask for ``status``; all of them, where it is not what any one asked for."""
    deciding = sound if len(sound) == 1 else [one for one in sound if one[1].status is status] or sound
    told = [_reason(reading, opinion, kind) for reading, opinion in deciding[:_MOST_REASONS]]
    if len(deciding) > _MOST_REASONS:
        told.append(Reason(kind, f"{len(deciding) - _MOST_REASONS} more say the same."))
    return tuple(told)


def _reason(reading: Reading[M], opinion: Opinion, kind: ReasonKind) -> Reason:
    source, record, _ = reading.evidence[0].key
    return Reason(kind, opinion.text, source, record if len(reading.evidence) == 1 else "", opinion.url)


def missing(case: Case, kind: str, gaps: Sequence[Reading[M]]) -> tuple[Reason, ...]:
    """Why nothing is concluded of ``kind``: because of ``gaps``, or where there are none, because nothing is known."""
    told = [_gap(case, e, gap.flaw) for gap in gaps for e in gap.evidence if gap.flaw or not e.counts(case.now)]
    told = told or [silence(c) for c in case.coverage if c.kind == kind and not c.counts(case.now)]
    return tuple(told[:_MOST_REASONS]) or (Reason(ReasonKind.MISSING, f"No source tells of its {kind}."),)


def _gap(case: Case, evidence: Evidence, flaw: str) -> Reason:
    source, record, _ = evidence.key
    if evidence.counts(case.now):
        return Reason(ReasonKind.MISSING, f"Nothing follows from {record} of {source}: {flaw}.", source=source, record=record)
    told = f"{source} last told of {record} at {evidence.observed_at:%Y-%m-%d %H:%M} UTC, which is too long ago to rely on."
    return Reason(ReasonKind.MISSING, told, source=source, record=record, since=evidence.valid_until)

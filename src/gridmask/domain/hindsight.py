"""Hindsight: what the policies make of a moment of the past, had it been known then what became known of it later (promise K4).

It is a look at one moment, not at how that came about: rows stand as they stood then, with what they owed and whose they were,
and are judged once. So the answer is what a check at that moment would have made of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.decision import ReasonKind, combine
from gridmask.domain.downtime import DowntimeKey
from gridmask.domain.element import RowKey
from gridmask.domain.events import TimePassed
from gridmask.domain.guard import UNGUARDED
from gridmask.domain.policy import OnMissing, PolicySet
from gridmask.domain.row import Row, seen_by
from gridmask.domain.state import NO_ROWS, State, with_evidence
from gridmask.domain.status import usable
from gridmask.domain.step import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gridmask.domain.downtime import Downtime
    from gridmask.domain.element import Element, ElementKey


@dataclass(frozen=True, slots=True)
class Known:
    """A version of a downtime, as it was known from ``known_from`` until ``known_to`` (None: still)."""

    downtime: Downtime
    known_from: datetime
    known_to: datetime | None = None

    def stood(self, moment: datetime) -> bool:
        """Whether this is what was known at ``moment``."""
        return self.known_from <= moment and (self.known_to is None or moment < self.known_to)

    def says_as(self, other: Known) -> bool:
        """Whether it announces what ``other`` does; in what words, does not matter."""
        return _announced(self.downtime) == _announced(other.downtime)


def _announced(downtime: Downtime) -> tuple[object, ...]:
    return downtime.targets, downtime.interval, downtime.severity, downtime.scheduling, downtime.vo


class Whose(StrEnum):
    """By which policies a moment is judged: those that were in force then, or those that are now."""

    THEN = "then"
    NOW = "now"


class Divergence(StrEnum):
    """How a row was served otherwise than it should have been.

    It was usable and should not have been; it was not and should have been; or it was as usable, with another status.
    """

    MISSED = "missed"
    LOST = "lost"
    OTHER = "other"


class Why(StrEnum):
    """Why a row was served otherwise than it should have been.

    What counts was announced, or edited, only after the moment; what counted then was withdrawn, or edited, since; the guard
    held the row; the policies are others; a source was silent that has spoken since; or all was known, and not acted upon yet.
    """

    LATE = "late"
    TAKEN_BACK = "taken-back"
    GUARD = "guard"
    POLICIES = "policies"
    SILENCE = "silence"
    NOT_ACTED = "not-acted"


@dataclass(frozen=True, slots=True)
class Judged:
    """A row as a VO was served it, and as it should have been.

    Attributes:
        key: the element and status type, and the VO that asks.
        site: the element's.
        served: the row that the VO was served: its own, or that of ``all``.
        after: the row that it should have been served.
        why: why they differ in status; None: they do not.
        learnt_at: when what makes the difference became known; None: it was known, or no downtime makes it.
    """

    key: RowKey
    site: str
    served: Row
    after: Row
    why: Why | None = None
    learnt_at: datetime | None = None

    @property
    def divergence(self) -> Divergence | None:
        """How they differ; None: they do not."""
        if self.served.status is self.after.status:
            return None
        was, should = usable(self.served.status), usable(self.after.status)
        return Divergence.OTHER if was is should else Divergence.MISSED if was else Divergence.LOST


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What a VO was served at a moment, and what it should have been.

    Attributes:
        vo: the VO.
        at: the moment.
        known: what was known when, counts.
        revision: the last revision that had been made at the moment.
        policies: the revision of the policies that judge.
        rows: each row of the VO's mask.
        unsure: elements that were edited since, and are taken as they are described now.
    """

    vo: str
    at: datetime
    known: datetime
    revision: int
    policies: str
    rows: tuple[Judged, ...]
    unsure: frozenset[ElementKey] = frozenset()

    def of(self, divergence: Divergence) -> int:
        """How many rows differ so."""
        return sum(row.divergence is divergence for row in self.rows)

    def differences(self) -> Hindsight:
        """It with those rows alone that differ."""
        return replace(self, rows=tuple(row for row in self.rows if row.divergence is not None))


def informed(state: State, versions: Iterable[Known], at: datetime, known: datetime) -> State:
    """``state``, whose rows stood so at ``at``, as a check then had left it if all had been known that was at ``known``.

    Args:
        state: the world at ``at``, of whose evidence the downtimes are left out.
        versions: the versions of downtimes, of which those count that stood at ``known``.
        at: the moment.
        known: it, or a later one.
    """
    told = (v.downtime.evidence(min(v.known_from, at)) for v in versions if v.stood(known))
    evidence = with_evidence(state.evidence, (item for items in told for item in items))
    return step(replace(state, evidence=evidence, policies=_unaided(state.policies)), TimePassed(), at)[0]


def _unaided(policies: PolicySet) -> PolicySet:
    """``policies`` without the guard, which is there for what is doubtful at the time.

    Where evidence is not kept, each says what it said then.
    """
    return PolicySet(
        tuple(replace(policy, on_missing=OnMissing.HOLD) for policy in policies.policies),
        policies.revision,
        policies.probing,
        UNGUARDED,
        policies.damping,
        policies.tokens,
        policies.automation,
        policies.own,
    )


def compared(  # noqa: PLR0913 - all of it by name
    vo: str, before: State, after: State, versions: Iterable[Known], *, at: datetime, known: datetime, in_force: str
) -> tuple[Judged, ...]:
    """The rows of the mask of ``vo``, as they were ``before`` and as they should have been, ``after``.

    Args:
        vo: the VO.
        before: the world at ``at``.
        after: what :func:`informed` makes of it.
        versions: the versions of downtimes that stood at ``at`` or at ``known``.
        at: see there.
        known: see there.
        in_force: the revision of the policies that were in force at ``at``.
    """
    causes = _Causes(versions, at, known, is_of_then=after.policies.revision == in_force)
    served = (e for _, e in sorted(after.elements.items()) if e.in_service and e.is_offered_to(vo))
    return tuple(judged for element in served for judged in _of_element(vo, element, before, after, causes))


def _of_element(vo: str, element: Element, before: State, after: State, causes: _Causes) -> Iterator[Judged]:
    was, should = before.rows.get(element.key, NO_ROWS), after.rows.get(element.key, NO_ROWS)
    for status_type in sorted({aspect for aspect, _ in was}):
        old, new = seen_by(vo, status_type, was), seen_by(vo, status_type, should)
        # a status type that there is no more cannot be judged
        if old is None or new is None:
            continue
        key = RowKey(element.key, status_type, vo)
        if old.status is new.status:
            yield Judged(key, element.site, old, new)
        else:
            yield Judged(key, element.site, old, new, *causes.of(old, new))


class _Causes:
    """Finds why rows differ."""

    def __init__(self, versions: Iterable[Known], at: datetime, known: datetime, *, is_of_then: bool) -> None:
        self._at = at
        self._is_of_then = is_of_then
        self._then: dict[DowntimeKey, Known] = {}
        self._later: dict[DowntimeKey, Known] = {}
        for version in versions:
            for found, moment in ((self._then, at), (self._later, known)):
                if version.stood(moment):
                    found[version.downtime.key] = version

    def of(self, before: Row, after: Row) -> tuple[Why, datetime | None]:
        """Why ``after`` should have been, and was not; and when that became known."""
        late = [version.known_from for version in self._apart(after, self._later, self._then)]
        if late:
            return Why.LATE, min(late)
        taken_back = [v.known_to for v in self._apart(before, self._then, self._later) if v.known_to is not None]
        if taken_back:
            return Why.TAKEN_BACK, max(taken_back)
        if before.hold is not None and self._at < before.hold.until:
            return Why.GUARD, None
        if not self._is_of_then:
            return Why.POLICIES, None
        return (Why.SILENCE if _is_silent(before) else Why.NOT_ACTED), None

    def _apart(self, row: Row, mine: dict[DowntimeKey, Known], theirs: dict[DowntimeKey, Known]) -> Iterator[Known]:
        """The downtimes that decide ``row``, in ``mine``, of which ``theirs`` do not say the same."""
        for key in sorted(_records(row) & mine.keys()):
            if key not in theirs or not theirs[key].says_as(mine[key]):
                yield mine[key]


def _records(row: Row) -> set[DowntimeKey]:
    """The records of downtimes because of which the policies ask for what they do."""
    reasons = (reason for verdict in combine(row.verdicts).winners for reason in verdict.reasons)
    return {DowntimeKey(reason.source, reason.record) for reason in reasons if reason.kind is ReasonKind.DOWNTIME}


def _is_silent(row: Row) -> bool:
    """Whether what decided ``row`` was said for want of evidence."""
    winners = combine(row.verdicts).winners
    return any(verdict.held or any(r.kind is ReasonKind.MISSING for r in verdict.reasons) for verdict in winners)

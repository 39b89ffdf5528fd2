"""Plays a policy test: lets its events happen to a small world, through the very step that decides for real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.decision import combine
from gridmask.domain.downtime import Difference, DowntimeKey
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import GridmaskError, InvalidConfiguration
from gridmask.domain.events import DowntimesChanged, Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.guard import UNGUARDED
from gridmask.domain.mask import Absence, entry
from gridmask.domain.row import Row, seen_by
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.step import step
from gridmask.policies.testing.outcome import Failure, Seen
from gridmask.policies.testing.patience import Patience

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.downtime import Downtime
    from gridmask.domain.element import RowKey
    from gridmask.domain.policy import PolicySet
    from gridmask.policies.testing.script import Expectation, Moment, Script


def play(script: Script, policies: PolicySet, patience: Patience | None = None) -> Iterator[Failure]:
    """What is not as ``script`` expects it, with ``policies`` in force; without ``patience``, with one of its own.

    Raises:
        InvalidConfiguration: what happens in it cannot happen. Exhausted: too much happens.
    """
    in_force = policies if script.guarded else replace(policies, guard=UNGUARDED)
    state = State(
        policies=in_force,
        types=script.types,
        vos=script.vos,
        elements=Map({element.key: element for element in script.elements}),
        coverage={(one.source, one.kind): one for one in script.coverage},
    )
    play = _Play(state, script.moments[0].at, patience or Patience())
    for moment in script.moments:
        try:
            play.reach(moment.at)
            play.happens(moment)
        except InvalidConfiguration:
            raise
        except GridmaskError as error:
            raise InvalidConfiguration(f"{script.file}:{script.line}: at {moment.at:%H:%M}", str(error)) from error
        for expectation in moment.expected:
            seen = play.seen(expectation.row)
            if wrong := tuple(_differences(expectation, seen)):
                yield Failure(moment.at, expectation, wrong, seen)


class _Play:
    """A world whose clock moves from moment to moment; whatever comes due in between happens when it is due."""

    def __init__(self, state: State, at: datetime, patience: Patience) -> None:
        self._state = state
        self._now = at
        self._patience = patience
        self._known: dict[DowntimeKey, Downtime] = {}
        self._happen(PoliciesLoaded(state.policies))

    def reach(self, moment: datetime) -> None:
        """Let time pass until ``moment``."""
        while due := self._due(moment):
            self._patience.step()
            self._now = min(due.values())
            self._happen(TimePassed(frozenset(key for key, at in due.items() if at == self._now)))
        self._now = moment
        self._happen(TimePassed())

    def happens(self, moment: Moment) -> None:
        """Let happen what ``moment`` says."""
        for coverage in moment.coverage:
            self._happen(DowntimesChanged(coverage.source, Difference(), coverage=coverage))
        for key in moment.withdrawn:
            self._announce(key, None)
        for downtime in moment.downtimes:
            self._announce(downtime.key, downtime)
        if moment.evidence:
            self._happen(EvidenceChanged(moment.evidence))
        for decided in moment.people:
            self._happen(decided)

    def seen(self, row: RowKey) -> Seen:
        """What a reader sees of ``row``."""
        holding = self._state.holding(row.element)
        said = entry(holding, row.vo) if holding else Absence.NOT_KNOWN
        found = seen_by(row.vo, row.status_type, self._state.rows.get(row.element, NO_ROWS))
        return Seen(said if isinstance(said, Absence) else None, found, self._now)

    def _announce(self, key: DowntimeKey, downtime: Downtime | None) -> None:
        before = self._known.pop(key, None)
        if downtime is not None:
            self._known[key] = downtime
        difference = Difference(
            added=(downtime,) if downtime is not None and before is None else (),
            edited=(downtime,) if downtime is not None and before is not None else (),
            withdrawn=(key,) if downtime is None and before is not None else (),
        )
        self._happen(DowntimesChanged(key.source, difference, {key: before} if before is not None else {}))

    def _happen(self, event: Event) -> None:
        self._state, _ = step(self._state, event, self._now)

    def _due(self, until: datetime) -> dict[ElementKey, datetime]:
        """The elements of which something comes due before ``until``, with when it first does."""
        found: dict[ElementKey, datetime] = {}
        for key, rows in self._state.rows.items():
            moments = [row.due for row in rows.values() if row.due is not None and self._now < row.due < until]
            if moments:
                found[key] = min(moments)
        return found


def _differences(expected: Expectation, seen: Seen) -> Iterator[tuple[str, str, str]]:
    """What is not as expected: what of it, as it should be, and as it is."""
    if expected.status is not None and expected.status is not seen.status:
        yield "status", _label(expected.status), _label(seen.status)
    if expected.by is not None and expected.by != deciding(seen.row, seen.at):
        yield "by", _listed(expected.by), _listed(deciding(seen.row, seen.at))
    texts = [reason.text for reason in seen.row.reasons] if seen.row else []
    for fragment in expected.reasons:
        if not any(fragment in text for text in texts):
            yield "reason", fragment, " | ".join(texts) or "none"
    if expected.automation is not None and seen.row is not None and expected.automation is not seen.row.opinion:
        yield "automation", expected.automation.label, seen.row.opinion.label


def deciding(row: Row | None, now: datetime) -> frozenset[str]:
    """The policies that decide ``row``; none, where a person does."""
    if row is None or row.held(now):
        return frozenset()
    return frozenset(verdict.policy for verdict in combine(row.verdicts).winners)


def _label(status: object) -> str:
    return "none" if status is None else str(getattr(status, "label", status))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"

"""What happens to a VO makes no difference to the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gridmask.domain.element import RowKey
from gridmask.domain.events import (
    AutomationRuled,
    BatchDecided,
    DowntimesChanged,
    Event,
    EvidenceChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenExtended,
    TokenReleased,
    TokenTaken,
)
from gridmask.domain.guard import UNGUARDED
from gridmask.domain.row import Row
from gridmask.domain.state import State
from gridmask.domain.step import step
from tests.unit.domain.oracles.taken import all_rows


def without_vo(event: Event, vo: str) -> Event:
    """``event`` as it would be if nobody ever had said anything about ``vo`` in particular."""
    match event:
        case StatusSet() | TokenTaken() | TokenExtended() | TokenReleased():
            return replace(event, rows=tuple(row for row in event.rows if row.vo != vo))
        case AutomationRuled() if event.vo == vo:
            return replace(event, elements=frozenset())
        case PoliciesLoaded(policies):
            kept = tuple(p for p in policies.policies if p.layer != vo)
            return PoliciesLoaded(
                replace(policies, policies=kept, _effective={}, _by_vo={}, _apart_by_vo={}, _panels={}, _called_for={})
            )
        case EvidenceChanged(put, gone):
            return EvidenceChanged(tuple(e for e in put if e.vo != vo), gone)
        case DowntimesChanged(difference=difference, before=before):
            general = {key for key, downtime in before.items() if downtime.vo != vo}
            kept_difference = replace(
                difference,
                added=tuple(d for d in (*difference.added, *difference.edited) if d.vo != vo and d.key not in general),
                edited=tuple(d for d in difference.edited if d.vo != vo and d.key in general),
                withdrawn=tuple(
                    [*(k for k in difference.withdrawn if k in general)]
                    + [d.key for d in difference.edited if d.vo == vo and d.key in general]
                ),
            )
            return replace(event, difference=kept_difference)
        case _:
            return event


class TwoWorlds:
    """The same history, with one VO and without it. All is looked at after each event, so that both look equally often."""

    def __init__(self, state: State, vo: str) -> None:
        self._with = self._without = state
        self._vo = vo

    def check(self, event: Event, now: datetime) -> None:
        """Let ``event`` happen in both, and object to a difference in what is not about the VO."""
        event = _unguarded(event)
        self._with = _swept(self._with, event, now)
        self._without = _swept(self._without, without_vo(event, self._vo), now)
        assert self._others(self._with) == self._others(self._without)

    def _others(self, state: State) -> dict[RowKey, Row]:
        return {key: row for key, row in all_rows(state).items() if key.vo != self._vo}


def _unguarded(event: Event) -> Event:
    """``event`` where nothing is held: what is held of a cause is held for all."""
    match event:
        case PoliciesLoaded(policies):
            return PoliciesLoaded(replace(policies, guard=UNGUARDED))
        case BatchDecided():
            return TimePassed()
        case _:
            return event


def _swept(state: State, event: Event, now: datetime) -> State:
    return step(step(state, event, now)[0], TimePassed(), now)[0]

"""Outlook: what would make a row another, as far as that can be told without learning anything new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.automation import Mode
from gridmask.domain.decision import combine
from gridmask.domain.events import TimePassed
from gridmask.domain.guard import UNGUARDED
from gridmask.domain.mask import Holding
from gridmask.domain.neighbours import Neighbourhood
from gridmask.domain.row import Row, seen_by
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.status import Status, usable
from gridmask.domain.step import step
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey, RowKey


class WayKind(StrEnum):
    """What would have to happen."""

    TIME = "time"
    RELEASE = "release"
    BATCH = "batch"
    AUTOMATION = "automation"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which a row would become another.

    Attributes:
        kind: what would have to happen.
        status: what automation would make it then.
        name: of whom or what: the token's owner, the batch, the mode, the policy without which.
        at: when that happens by itself, where it does.
    """

    kind: WayKind
    status: Status
    name: str = ""
    at: datetime | None = None


FARTHEST = timedelta(days=90)
"""So far ahead is looked."""

MOST_LOOKS = 50
"""So many times at which a row would be evaluated again are tried."""


def ways(row: Row, mode: Mode, now: datetime) -> Iterator[Way]:
    """What would make ``row`` another at once: people who decide otherwise, and policies that would not be there."""
    if row.opinion is not row.status:
        if not mode.permits(row.standing, row.opinion):
            yield Way(WayKind.AUTOMATION, row.opinion, mode)
        elif row.token is not None and row.held(now):
            yield Way(WayKind.RELEASE, row.opinion, row.token.owner, row.token.expires_at)
        elif row.hold is not None:
            yield Way(WayKind.BATCH, row.opinion, row.hold.batch)
    asked = combine(row.verdicts)
    for winner in asked.winners:
        without = combine(verdict for verdict in row.verdicts if verdict.policy != winner.policy).status
        would_be = Status.PROBING if row.standing.owes_probing and usable(without) else without
        if without not in (asked.status, Status.UNKNOWN) and would_be is not row.opinion:
            yield Way(WayKind.POLICY, would_be, winner.policy)


def forecast(state: State, key: RowKey, now: datetime) -> Way | None:
    """What the row that a reader of ``key`` gets will be next, and when, should nothing be learnt until then.

    None: nothing else for a long time, or that cannot be told since a person is asked first.
    """
    first = _seen(state, key)
    if first is None or first.hold is not None:
        return None
    future, at = _all_that_counts(state, key), now
    for _ in range(MOST_LOOKS):
        due = min((row.due for row in _rows(future) if row.due is not None), default=None)
        if due is None or due > now + FARTHEST:
            return None
        at = max(due, at + timedelta(microseconds=1))
        future, _instructions = step(future, TimePassed(_due(future, at)), at)
        then = _seen(future, key)
        if then is not None and then.status is not first.status:
            return Way(WayKind.TIME, then.status, at=at)
    return None


def _all_that_counts(state: State, key: RowKey) -> State:
    """``state`` with nothing in it but what can have a say: the element and what it follows, for the VO and for ``all``."""
    element = state.elements[key.element]
    around = Neighbourhood(state).around(element) if state.policies.reaches else ()
    held = [Holding(element, state.rows.get(key.element, NO_ROWS)), *around]
    rows = {one.element.key: {k: row for k, row in one.rows.items() if row.key.vo in {key.vo, ALL}} for one in held}
    # how many others there are to be taken with it nobody can know
    policies = replace(state.policies, guard=UNGUARDED)
    elements = Map({one.element.key: one.element for one in held})
    return replace(state, policies=policies, vos=state.vos & {key.vo}, elements=elements, rows=Map(rows))


def _rows(state: State) -> Iterator[Row]:
    return (row for rows in state.rows.values() for row in rows.values())


def _due(state: State, at: datetime) -> frozenset[ElementKey]:
    return frozenset(row.key.element for row in _rows(state) if row.due is not None and row.due <= at)


def _seen(state: State, key: RowKey) -> Row | None:
    return seen_by(key.vo, key.status_type, state.rows.get(key.element, NO_ROWS))

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from immutables import Map

from gridmask.domain.actor import Actor
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.events import RowsTakenOver
from gridmask.domain.instructions import ChangeKind, MoveMasks, SaveRow
from gridmask.domain.row import Row, new_row
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.takeover import Former
from gridmask.domain.token import CUSTOM

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=90)
ADMIN = Actor.administrator("shifter")
CE1 = ElementKey("Resource", "ComputingElement", "CE1")
KEY = RowKey(CE1, "all", "all")
BANNED = Former(KEY, Status.BANNED, BEFORE, Reason(ReasonKind.IMPORTED, "It eats jobs."))


def happened(state: State, *rows: Former) -> tuple[Row, list[object]]:
    after, instructions = step(state, RowsTakenOver(ADMIN, rows), NOW)
    return after.rows[CE1]["all", "all"], list(instructions)


def world() -> State:
    return State(elements=Map({CE1: Element(CE1, "SITE")}), rows=Map({CE1: {("all", "all"): new_row(KEY, NOW)}}))


def test_a_row_is_as_it_was_elsewhere_and_is_judged_next() -> None:
    row, _ = happened(world(), BANNED)

    assert (row.status, row.standing.since, row.reasons, row.due) == (Status.BANNED, BEFORE, (BANNED.reason,), NOW)


@pytest.mark.parametrize(("status", "owes"), [(Status.BANNED, True), (Status.PROBING, True), (Status.ACTIVE, False)])
def test_what_was_banned_must_prove_itself(status: Status, owes: bool) -> None:  # noqa: FBT001 - a case
    row, _ = happened(world(), replace(BANNED, status=status))

    assert row.standing.owes_probing is owes


def test_the_history_and_the_masks_tell_of_it() -> None:
    _, instructions = happened(world(), replace(BANNED, status=Status.ACTIVE))

    [saved] = [i for i in instructions if isinstance(i, SaveRow)]
    assert saved.change is ChangeKind.STATUS
    assert MoveMasks(frozenset({"all"})) in instructions


def test_what_no_inventory_lists_is_kept_and_moves_no_mask() -> None:
    row, instructions = happened(State(), BANNED)

    assert row.status is Status.BANNED
    assert not any(isinstance(i, MoveMasks) for i in instructions)


def test_a_person_goes_on_holding_a_row_until_it_is_over() -> None:
    held = replace(BANNED, owner="expert", until=NOW + timedelta(days=1))
    row, _ = happened(world(), held)

    assert row.token is not None
    assert (row.token.owner, row.token.expires_at) == ("expert", held.until)
    assert happened(world(), replace(held, until=NOW))[0].token is None


def test_a_row_that_is_so_already_is_told() -> None:
    held = replace(BANNED, owner="expert")
    row, _ = happened(world(), held)

    assert held.is_as(row, NOW)
    assert not BANNED.is_as(row, NOW)
    assert not replace(held, since=NOW).is_as(row, NOW)
    assert not held.is_as(None, NOW)


def test_what_the_guard_held_is_held_no_more() -> None:
    assert BANNED.upon(new_row(KEY, NOW), CUSTOM, NOW).hold is None

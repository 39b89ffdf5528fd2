from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gridmask.domain.damping import Penalty
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.guard import Hold
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.portal.frame import addresses
from gridmask.portal.frame.wording import aspect, brief, note, soon, told
from gridmask.testing import moment

NOW = moment("17:00")


def at(hours: float = 0, days: float = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


CE = ElementKey("Resource", "ComputingElement", "ce01")
DOWN = Reason(ReasonKind.DOWNTIME, "In downtime 7 (Outage) until then: New fans", since=at(hours=-1), until=at(hours=2))
ROW = Row(RowKey(CE, "ReadAccess", "cms"), Standing(Status.BANNED, at(hours=-1)), (DOWN,))


def test_a_downtime_is_told_in_short_by_when_and_what() -> None:
    assert brief(DOWN, NOW) == "until 19:00 UTC · New fans"
    assert brief(replace(DOWN, since=at(hours=1)), NOW) == "from 18:00 UTC · New fans"
    assert brief(replace(DOWN, text="In downtime 7.", until=None), NOW) == "In downtime 7."


def test_a_day_is_told_where_it_is_another_and_seconds_where_there_are_some() -> None:
    assert brief(replace(DOWN, until=at(days=1)), NOW) == "until 2026-08-22 17:00 UTC · New fans"
    assert brief(replace(DOWN, until=NOW + timedelta(seconds=75)), NOW) == "until 17:01:15 UTC · New fans"


def test_a_row_is_told_in_a_line() -> None:
    assert note(ROW, NOW) == "1 h · until 19:00 UTC · New fans"
    assert note(replace(ROW, token=Token("somebody", None)), NOW).startswith("1 h · held by somebody · until")


def test_of_a_row_that_is_held_it_is_told_what_automation_asks_for() -> None:
    held = replace(ROW, opinion=Status.BANNED, hold=Hold("b1", at(days=1)))
    assert note(held, NOW) == "Banned is asked for"
    until = "until 2026-08-22 17:00:00 UTC: automation asks for Banned"
    assert f"Held by the guard, in batch b1, {until}" in told(held, "cms")
    dropped = replace(held, hold=Hold("b1", at(days=1), dropped=True))
    assert f"Kept as it is, since batch b1 was dropped, {until}" in told(dropped, "cms")


def test_of_a_row_that_is_damped_a_hint_tells_that_it_is() -> None:
    assert "Damped: it has flapped" in told(replace(ROW, penalty=Penalty(3, NOW, damped=True)), "cms")
    assert "Damped" not in told(replace(ROW, penalty=Penalty(1, NOW)), "cms")


def test_a_hint_tells_all_of_a_row() -> None:
    held = replace(ROW, token=Token("somebody", at(days=1)))
    assert told(held, "cms").splitlines() == [
        "ReadAccess: Banned since 2026-08-21 16:00 UTC",
        DOWN.text,
        "Held by somebody until 2026-08-22 17:00 UTC",
        "cms's own row",
    ]


@pytest.mark.parametrize(("status_type", "short"), [("ReadAccess", "Read"), ("all", "all"), ("Access", "Access")])
def test_aspects_are_named_in_short(status_type: str, short: str) -> None:
    assert aspect(status_type) == short


@pytest.mark.parametrize(("seconds", "said"), [(-3, "in 0 s"), (119, "in 119 s"), (120, "in 2 min")])
def test_what_comes_soon_is_told_to_the_second(seconds: int, said: str) -> None:
    assert soon(timedelta(seconds=seconds)) == said


def test_no_two_elements_share_a_place() -> None:
    alike = (("Resource", "a.b", "c"), ("Resource", "a", "b.c"), ("Resource", "a/b", "c"), ("Resource", "a", "b/c"))
    assert len({addresses.anchor_of(words) for words in alike}) == len(alike)

"""How downtimes were announced is told of those whose first version is known."""

from __future__ import annotations

from datetime import timedelta

from gridmask.replay.declarations import announcing, declared
from gridmask.testing import state
from tests.unit.replay.lives import CE, UNTIL, Life, announced, life, outage, withdrawn


def test_what_was_past_when_it_was_published_is_told() -> None:
    lived = life(announced("12:00", outage("10:00", "14:00")), announced("16:00", outage("14:30", "15:00", "2")))
    found = announcing(declared(lived.outcome()), UNTIL)
    assert (found.downtimes, found.late, found.afterwards, found.past_hours, found.hours) == (2, 2, 1, 2.5, 4.5)


def test_extensions_and_withdrawals_are_told() -> None:
    first, longer, gone = outage("10:00", "12:00"), outage("10:00", "15:00"), outage("13:00", "20:00", "2")
    lived = life(announced("08:00", first, gone), announced("11:00", longer, instead_of=[first]), withdrawn("14:00", gone))
    found = announcing(declared(lived.outcome()), UNTIL)
    assert (found.extended, found.extension, found.withdrawn, found.withdrawn_ongoing) == (1, timedelta(hours=3), 1, 1)


def test_what_stood_at_the_beginning_is_not_told_of() -> None:
    lived = Life(state(CE, downtimes=[outage("10:00", "12:00")]), ())
    assert declared(lived.outcome()) == []


def test_a_downtime_without_an_end_is_not_extended() -> None:
    endless = outage("10:00", None)
    lived = life(announced("08:00", endless), announced("11:00", outage("10:00", "12:00"), instead_of=[endless]))
    found = announcing(declared(lived.outcome()), UNTIL)
    assert (found.extended, found.shortened, found.hours) == (0, 0, 0)

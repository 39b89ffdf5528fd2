"""How far back policies are tried: as far as there is a record, and time."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest

from gridmask.domain.status import Status
from gridmask.policies.testing.patience import Exhausted, Patience
from gridmask.recording.recording import Recording
from gridmask.recording.world import World
from gridmask.replay.outcome import Described, Moment, Outcome, Past
from gridmask.service.lookback import Cost, Span, beginnings, longer, of_vo, replayed
from gridmask.testing import element
from tests.unit.replay.lives import FRESH, SINCE, UNTIL, life

if TYPE_CHECKING:
    from gridmask.store.recording import Place

DAY = timedelta(days=1)


def span(days: int, events: int, place: str = "here") -> Span:
    return Span(UNTIL - days * DAY, cast("Place", place), events)


SPANS = [span(1, 10), span(2, 20), span(4, 400), span(7, 500)]


@pytest.mark.parametrize(("took", "left", "days"), [(0.1, 10.0, 7), (0.2, 9.0, 4), (1.0, 9.0, 2), (6.0, 4.0, None)])
def test_as_far_back_as_there_is_time_by_what_the_last_day_took(took: float, left: float, days: int | None) -> None:
    found = longer(SPANS, SPANS[0], UNTIL, Cost(0.0, took), left)
    assert (found and (UNTIL - found.since) / DAY) == days


def test_what_is_read_already_is_not_counted_again() -> None:
    near, far = span(2, 10), span(2, 10, "elsewhere")
    assert longer([near], SPANS[0], UNTIL, Cost(8.0, 0.1), 1.0) == near
    assert longer([far], SPANS[0], UNTIL, Cost(8.0, 0.1), 1.0) is None


def test_nothing_is_longer_than_the_longest() -> None:
    assert longer(SPANS, SPANS[-1], UNTIL, Cost(0.0, 0.0), 10.0) is None


@pytest.mark.parametrize(("recorded", "begins"), [(9, [1, 2, 3]), (1.5, [1, 1.5]), (0.5, [0.5])])
def test_one_looks_back_by_days_and_no_further_than_the_record(recorded: float, begins: list[float]) -> None:
    assert beginnings(UNTIL - recorded * DAY, UNTIL, 3) == [UNTIL - days * DAY for days in begins]


def test_what_takes_too_long_or_too_many_steps_is_given_up() -> None:
    recording = Recording(World.of(life().first, SINCE), (), {}, UNTIL)
    ticks = count()
    for patience in (Patience(1), Patience(seconds=5, clock=lambda: float(next(ticks)) * 3)):
        with pytest.raises(Exhausted):
            replayed(recording, SINCE, (FRESH, FRESH), patience)
    was, would = replayed(recording, SINCE, (FRESH, FRESH), Patience())
    assert (was, was.since, was.until) == (would, SINCE, UNTIL)


def test_a_vo_is_told_of_what_is_offered_to_it_and_of_the_rows_that_it_sees() -> None:
    rows = {("all", vo): (Moment(SINCE, Status.ACTIVE),) for vo in ("all", "cms", "atlas")}
    mine, theirs = element("mine"), element("theirs", offered=frozenset({"atlas"}))
    gone = Past((Described(SINCE, mine), Described(UNTIL, None)), rows)
    pasts = {one.key: Past((Described(SINCE, one),), rows) for one in (mine, theirs)}
    [(key, past)] = of_vo(Outcome(SINCE, UNTIL, pasts={**pasts, element("gone").key: gone}), "cms").pasts.items()
    assert (key, {vo for _, vo in past.rows}) == (mine.key, {"all", "cms"})

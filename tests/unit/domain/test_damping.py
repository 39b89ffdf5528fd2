from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.damping import Damping, Penalty, banned, decayed, held_back
from gridmask.domain.events import TimePassed
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.transition import GoodRun, ProbingExit, Standing
from gridmask.rules.always import Always
from gridmask.testing import element, moment, policies, row, state

NOON = moment("12:00")
DAMPING = Damping(half_life=timedelta(minutes=10), suppress=3.0, reuse=1.0, most=5.0)

gaps = st.lists(st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes)), min_size=1, max_size=12)


def flapped(*spans: timedelta, damping: Damping = DAMPING) -> Penalty:
    """The penalty after a ban at noon, and one more after each of ``spans``."""
    now, penalty = NOON, banned(None, NOON, damping)
    for span in spans:
        now += span
        penalty = banned(decayed(penalty, now, damping), now, damping)
    assert penalty is not None
    return penalty


def test_a_penalty_halves_with_each_half_life() -> None:
    penalty = Penalty(4.0, NOON)
    assert [penalty.by(NOON + timedelta(minutes=m), DAMPING) for m in (0, 10, 20)] == [4.0, 2.0, 1.0]


def test_two_bans_are_no_flapping_three_in_a_row_are() -> None:
    assert not flapped(timedelta()).damped
    assert flapped(timedelta(), timedelta()).damped


def test_bans_far_apart_never_are() -> None:
    assert not flapped(*[timedelta(hours=2)] * 20).damped


def test_what_is_damped_is_let_go_when_little_is_left_and_not_before() -> None:
    penalty = flapped(timedelta(), timedelta())
    end = penalty.reusable_at(DAMPING)
    still, free = decayed(penalty, end - timedelta(seconds=5), DAMPING), decayed(penalty, end, DAMPING)
    assert (still and still.damped, free and free.damped) == (True, False)


def test_a_penalty_of_which_nothing_is_left_is_none() -> None:
    assert decayed(Penalty(1.0, NOON), NOON + timedelta(days=1), DAMPING) is None


def test_switched_off_nothing_is_ever_damped() -> None:
    assert banned(None, NOON, Damping(suppress=0)) is None


def test_it_holds_back_what_would_free_and_nothing_else() -> None:
    penalty = Penalty(4.0, NOON, damped=True)
    down, up = Standing(Status.BANNED, NOON), Standing(Status.ACTIVE, NOON)
    assert held_back(down, up, penalty)
    assert not held_back(up, down, penalty)
    assert not held_back(down, Standing(Status.PROBING, NOON), penalty)
    assert not held_back(down, up, None)


@given(gaps)
def test_however_it_flaps_nothing_is_held_back_for_longer_than_the_most_allows(spans: list[timedelta]) -> None:
    penalty = flapped(*spans)
    assert penalty.value <= DAMPING.most
    assert penalty.reusable_at(DAMPING) - penalty.at <= timedelta(minutes=24)


@given(gaps)
def test_what_was_damped_stays_so_until_it_is_quiet(spans: list[timedelta]) -> None:
    penalty = flapped(*spans)
    if penalty.damped:
        assert penalty.value >= DAMPING.reuse


def test_what_is_held_back_is_not_looked_at_before_it_can_be_let_go() -> None:
    ce = element("ce")
    standing = Standing(Status.PROBING, NOON, owes_probing=True, run=GoodRun(NOON, 2, NOON))
    flapping = replace(row(ce, Status.PROBING), standing=standing, penalty=Penalty(4.0, NOON, damped=True))
    made = replace(policies(Policy("up", Always(Status.ACTIVE))), damping=DAMPING)
    later = NOON + timedelta(hours=1) / 6
    after, _ = step(
        state(ce, by=replace(made, probing=ProbingExit(timedelta(minutes=5))), rows=[flapping]), TimePassed(), later
    )
    [found] = after.rows[ce.key].values()
    assert (found.status, found.due) == (Status.PROBING, flapping.penalty and flapping.penalty.reusable_at(DAMPING))

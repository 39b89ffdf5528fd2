from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmask.http import Breaker, BreakerState

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

pauses = st.timedeltas(timedelta(), timedelta(hours=1))
breakers = st.builds(
    Breaker,
    threshold=st.integers(1, 5),
    rest=st.timedeltas(SECOND, timedelta(minutes=5)),
    longest_rest=st.timedeltas(timedelta(minutes=5), timedelta(hours=1)),
)


def after_failures(breaker: Breaker, count: int, now: datetime = NOON) -> Breaker:
    for _ in range(count):
        breaker = breaker.failed(now)
    return breaker


def test_a_new_breaker_is_closed() -> None:
    assert Breaker().state(NOON) is BreakerState.CLOSED
    assert Breaker().retry_in(NOON) == timedelta()


def test_it_is_open_then_half_open_then_closed() -> None:
    breaker = after_failures(Breaker(threshold=2, rest=SECOND), 2)
    assert breaker.state(NOON) is BreakerState.OPEN
    assert breaker.retry_in(NOON) == SECOND
    assert breaker.state(NOON + SECOND) is BreakerState.HALF_OPEN
    assert breaker.succeeded().state(NOON + SECOND) is BreakerState.CLOSED


def test_a_failed_try_doubles_the_rest_up_to_the_longest() -> None:
    breaker = Breaker(threshold=1, rest=SECOND, longest_rest=5 * SECOND)
    rests = [after_failures(breaker, count).retry_in(NOON) for count in range(1, 6)]
    assert rests == [SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND, 5 * SECOND]


def test_whoever_tries_keeps_the_others_out() -> None:
    later = NOON + SECOND
    trying = after_failures(Breaker(threshold=1, rest=SECOND), 1).trying(later)
    assert not trying.allows(later)
    assert trying.allows(later + SECOND)
    assert trying.failures == 1


@given(breakers, st.data())
def test_below_its_threshold_it_stays_closed(breaker: Breaker, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, breaker.threshold - 1))
    assert after_failures(breaker, count).state(NOON) is BreakerState.CLOSED


@given(breakers, st.integers(0, 2000))
def test_from_its_threshold_on_it_opens_but_never_for_longer_than_allowed(breaker: Breaker, more: int) -> None:
    failed = after_failures(breaker, breaker.threshold + more)
    assert failed.state(NOON) is BreakerState.OPEN
    assert failed.allows(NOON + breaker.longest_rest)
    assert failed.retry_in(NOON) >= min(breaker.rest, breaker.longest_rest)


@given(breakers, st.integers(0, 20))
def test_one_more_failure_never_shortens_its_rest(breaker: Breaker, count: int) -> None:
    failed = after_failures(breaker, count)
    assert failed.failed(NOON).retry_in(NOON) >= failed.retry_in(NOON)


@given(breakers, st.lists(st.booleans()))
def test_a_success_makes_it_forget_everything(breaker: Breaker, successes: list[bool]) -> None:
    used = breaker
    for success in successes:
        used = used.succeeded() if success else used.failed(NOON)
    assert used.succeeded() == breaker


@given(breakers, st.integers(0, 20), pauses, pauses)
def test_time_alone_never_opens_it(breaker: Breaker, count: int, first: timedelta, second: timedelta) -> None:
    failed = after_failures(breaker, count)
    sooner, later = NOON + min(first, second), NOON + max(first, second)
    assert failed.allows(later) or not failed.allows(sooner)


@given(breakers, st.integers(0, 20), pauses)
def test_it_allows_exactly_when_nothing_is_left_to_wait(breaker: Breaker, count: int, pause: timedelta) -> None:
    failed, now = after_failures(breaker, count), NOON + pause
    assert failed.allows(now) == (failed.retry_in(now) == timedelta())


@given(breakers, st.integers(0, 20), pauses)
def test_only_a_half_open_one_is_changed_by_trying(breaker: Breaker, count: int, pause: timedelta) -> None:
    failed, now = after_failures(breaker, count), NOON + pause
    half_open = failed.state(now) is BreakerState.HALF_OPEN
    assert (failed.trying(now) != failed) == half_open
    assert failed.trying(now).failures == failed.failures

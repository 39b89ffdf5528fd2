from __future__ import annotations

import pytest

from gridmask.access.doorkeeper import NOBODY
from gridmask.access.settings import Limits
from gridmask.api.throttle import Buckets, Standing, Throttle
from gridmask.domain.actor import Actor, Origin


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    return Buckets(rate=2, burst=4, now=clock, most=3)


def test_what_comes_at_once_is_counted_down(buckets: Buckets) -> None:
    assert [buckets.take("a").left for _ in range(4)] == [3, 2, 1, 0]
    assert buckets.take("a") == Standing(burst=4, window=2, left=0, full_in=2, wait=1)


def test_what_was_refused_costs_nothing(buckets: Buckets, clock: Clock) -> None:
    for _ in range(50):
        buckets.take("a")
    clock.now += 0.5
    assert [buckets.take("a").wait for _ in range(2)] == [0, 1]


def test_in_the_long_run_it_is_so_many_in_a_second(buckets: Buckets, clock: Clock) -> None:
    let_in = 0
    for _ in range(1000):
        clock.now += 0.1
        let_in += buckets.take("a").wait == 0
    assert 200 <= let_in <= 204


def test_a_bucket_never_holds_more_than_its_burst(buckets: Buckets, clock: Clock) -> None:
    buckets.take("a")
    clock.now += 1e6
    assert buckets.take("a").left == 3


def test_nobody_pays_for_another(buckets: Buckets) -> None:
    for _ in range(5):
        buckets.take("a")
    assert buckets.take("b").left == 3


def test_no_more_are_remembered_than_fit(buckets: Buckets) -> None:
    for name in "abcdefgh" * 3:
        buckets.take(name)
    assert list(buckets._full_at) == ["f", "g", "h"]


def test_who_needs_less_than_one_in_a_second_waits_for_long(clock: Clock) -> None:
    rare = Buckets(rate=0.01, burst=1, now=clock)
    assert [rare.take("a").wait for _ in range(2)] == [0, 100]


def test_a_standing_is_told_in_headers(buckets: Buckets) -> None:
    told = dict(buckets.take("a").headers("known"))
    assert told == {b"ratelimit-policy": b'"known";q=4;w=2', b"ratelimit": b'"known";r=3;t=1'}


def stranger(address: str) -> Actor:
    return Actor(NOBODY, origin=Origin("", address, "r"))


@pytest.mark.parametrize(
    ("address", "other", "left"),
    [
        ("192.0.2.1", "192.0.2.2", 1),
        ("2001:db8::1", "2001:db8::ffff", 0),
        ("2001:db8::1", "2001:db8:0:1::1", 1),
        ("?:", "?", 1),
    ],
)
def test_strangers_are_told_apart_by_their_network(clock: Clock, address: str, other: str, left: int) -> None:
    throttle = Throttle(Limits(strangers_rate=1, strangers_burst=2), clock)
    throttle.of(stranger(address))
    standing = throttle.of(stranger(other))
    assert standing is not None
    assert standing.left == left


def test_without_a_rate_nobody_is_counted(clock: Clock) -> None:
    throttle = Throttle(Limits(rate=0, strangers_rate=0), clock)
    assert (throttle.of(Actor("a")), throttle.of_stranger("192.0.2.1")) == (None, None)

"""Whether it is they who are down, or we."""

from __future__ import annotations

from gridmask.probes.doubt import Doubt, Outcome
from gridmask.probes.schedule import Key


def key(host: int, vo: str = "all") -> Key:
    return Key("p", f"e{host}", vo, "")


def outcome(host: int, *, bad: bool, vo: str = "all") -> Outcome:
    return Outcome(key(host, vo), f"h{host}", 60.0, bad)


def known(hosts: int) -> Doubt:
    """One that has seen so many hosts, all well."""
    doubt = Doubt(share=0.5, hosts=2)
    assert doubt.held([outcome(n, bad=False) for n in range(hosts)], 0.0) == frozenset()
    return doubt


def test_a_few_that_fail_are_believed() -> None:
    assert known(10).held([outcome(n, bad=True) for n in range(5)], 10.0) == frozenset()


def test_too_many_that_fail_within_a_period_are_not() -> None:
    doubt = known(10)
    assert doubt.held([outcome(n, bad=True) for n in range(4)], 10.0) == frozenset()
    assert doubt.held([outcome(n, bad=True) for n in (4, 5)], 20.0) == {key(4), key(5)}


def test_those_that_fail_one_after_the_other_over_long_are() -> None:
    doubt = known(10)
    for n in range(10):
        assert doubt.held([outcome(n, bad=True)], 40.0 * n) == frozenset()


def test_few_hosts_are_never_too_many() -> None:
    assert known(2).held([outcome(n, bad=True) for n in range(2)], 10.0) == frozenset()


def test_a_host_with_many_targets_is_one() -> None:
    doubt = Doubt(share=0.5, hosts=2)
    doubt.held([outcome(n, bad=False) for n in range(5)], 0.0)
    assert doubt.held([outcome(1, bad=True, vo=f"vo{n}") for n in range(20)], 1.0) == frozenset()


def test_while_they_go_on_to_fail_they_are_held_however_long() -> None:
    doubt = known(10)
    for now in (10.0, 70.0, 130.0, 1000.0):
        assert len(doubt.held([outcome(n, bad=True) for n in range(10)], now)) == 10


def test_once_most_are_well_again_the_others_are_believed() -> None:
    doubt = known(10)
    doubt.held([outcome(n, bad=True) for n in range(10)], 10.0)
    assert doubt.held([outcome(n, bad=n == 0) for n in range(10)], 70.0) == frozenset()
    assert not doubt.too_many


def test_who_failed_before_goes_on_to() -> None:
    doubt = known(10)
    doubt.held([outcome(0, bad=True)], 10.0)
    held = doubt.held([outcome(n, bad=True) for n in range(10)], 200.0)
    assert held == {key(n) for n in range(1, 10)}


def test_who_failed_before_a_restart_is_no_news() -> None:
    doubt = Doubt(share=0.5, hosts=2)
    doubt.recall([key(n) for n in range(10)])
    assert doubt.held([outcome(n, bad=True) for n in range(10)], 0.0) == frozenset()


def test_who_is_not_probed_any_more_does_not_count() -> None:
    doubt = known(10)
    doubt.forget([key(n) for n in range(4, 10)])
    assert doubt.held([outcome(n, bad=True) for n in range(3)], 10.0) == {key(0), key(1), key(2)}


def test_an_outage_that_is_seen_little_by_little_is_held_as_long_as_it_lasts() -> None:
    doubt = known(10)
    seen = [doubt.held([outcome(n, bad=True)], 60.0 * turn + 6 * n + 1) for turn in range(5) for n in range(10)]
    assert seen == 5 * [*5 * [frozenset()], *({key(n)} for n in range(5, 10))]
    for n in range(10):
        assert doubt.held([outcome(n, bad=n == 9)], 1000.0 + n) == frozenset()
    assert not doubt.too_many

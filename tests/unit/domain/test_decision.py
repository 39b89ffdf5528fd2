from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.decision import NO_POLICY, Reason, ReasonKind, Verdict, combine
from gridmask.domain.status import Status, most_restrictive
from gridmask.domain.vo import ALL
from tests.unit.domain.strategies import verdicts

Verdicts = list[Verdict]
some = st.lists(verdicts, max_size=5)


def verdict(status: Status, text: str = "", *, advisory: bool = False, lasting: bool = True) -> Verdict:
    return Verdict(f"policy {text}", ALL, status, (Reason(ReasonKind.CONSTANT, text),), advisory, lasting)


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ((), Status.UNKNOWN),
        ((Status.ACTIVE, Status.UNKNOWN), Status.ACTIVE),
        ((Status.UNKNOWN,), Status.UNKNOWN),
        ((Status.ACTIVE, Status.DEGRADED, Status.BANNED), Status.BANNED),
        ((Status.BANNED, Status.ERROR), Status.ERROR),
    ],
)
def test_the_most_restrictive_verdict_wins(asked: tuple[Status, ...], result: Status) -> None:
    assert combine(map(verdict, asked)).status is result


def test_no_verdict_at_all_says_so() -> None:
    assert combine([]).reasons == (NO_POLICY,)


def test_the_winners_reasons_are_kept_apart_and_the_losers_are_not_among_them() -> None:
    asked = [verdict(Status.DEGRADED, "a"), verdict(Status.DEGRADED, "b"), verdict(Status.ACTIVE, "c")]
    assert [reason.text for reason in combine(asked).reasons] == ["a", "b"]


def test_an_advisory_verdict_has_no_say() -> None:
    asked = [verdict(Status.ACTIVE, "counts"), verdict(Status.BANNED, "advises", advisory=True)]
    assert (combine(asked).status, [r.text for r in combine(asked).reasons]) == (Status.ACTIVE, ["counts"])


def test_advisory_verdicts_alone_are_as_none() -> None:
    assert combine([verdict(Status.BANNED, advisory=True)]) == combine([])


def test_a_ban_lasts_if_any_that_asks_for_it_does() -> None:
    passing, lasting = verdict(Status.BANNED, lasting=False), verdict(Status.BANNED)
    assert not combine([passing]).lasting
    assert combine([passing, lasting]).lasting
    assert not combine([passing, verdict(Status.ACTIVE)]).lasting


@given(some, some)
def test_combining_is_associative(first: Verdicts, second: Verdicts) -> None:
    assert combine([*first, *second]).status is most_restrictive([combine(first).status, combine(second).status])


@given(some, st.randoms(use_true_random=False))
def test_the_order_of_verdicts_does_not_matter(asked: Verdicts, random: Random) -> None:
    shuffled = random.sample(asked, len(asked))
    assert combine(shuffled).status is combine(asked).status
    assert set(combine(shuffled).winners) == set(combine(asked).winners)


@given(some)
def test_saying_it_twice_adds_nothing(asked: Verdicts) -> None:
    assert combine([*asked, *asked]).status is combine(asked).status


@given(some, verdicts)
def test_unknown_is_neutral(asked: Verdicts, other: Verdict) -> None:
    assert combine([*asked, replace(other, status=Status.UNKNOWN)]).status is combine(asked).status


@given(some, verdicts)
def test_advice_never_counts(asked: Verdicts, other: Verdict) -> None:
    assert combine([*asked, replace(other, advisory=True)]) == combine(asked)

"""Outcomes of parts are merged into that of the whole."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.replay.gathering import outcome
from gridmask.replay.merging import merged
from gridmask.replay.scores import scores
from tests.unit.replay.lives import SINCE, UNTIL, few, fives, lives, policy_sets

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.policy import PolicySet
    from tests.unit.replay.lives import Life


@few
@given(lives(), policy_sets, fives, st.randoms(use_true_random=False))
def test_periods_that_follow_each_other_become_the_whole(lived: Life, under: PolicySet, cut: datetime, random: Random) -> None:
    played = lived.played(under)
    before, after = [one for one in played if one.at < cut], [one for one in played if one.at >= cut]
    between = before[-1].after if before else lived.first
    parts = [outcome(lived.first, before, SINCE, cut), outcome(between, after, cut, UNTIL)]
    random.shuffle(parts)
    whole = outcome(lived.first, played, SINCE, UNTIL)
    assert merged(parts).pasts == whole.pasts
    assert scores(merged(parts)) == scores(whole)


@few
@given(lives(), policy_sets)
def test_elements_of_different_parts_become_the_whole(lived: Life, under: PolicySet) -> None:
    whole = lived.outcome(under)
    parts = [replace(whole, pasts={key: past}) for key, past in whole.pasts.items()]
    assert merged(reversed(parts)) == replace(whole, deeds=tuple(sorted(whole.deeds)))


@few
@given(lives(), policy_sets)
def test_the_same_comes_to_the_same(lived: Life, under: PolicySet) -> None:
    assert lived.outcome(under) == lived.outcome(under)


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing"):
        merged([])

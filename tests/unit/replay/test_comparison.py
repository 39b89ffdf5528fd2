"""Two outcomes of the same are compared."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given

from gridmask.domain.mask import Entry, entry
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.replay.comparison import compared
from gridmask.replay.scores import HOUR
from gridmask.replay.telling import as_json, told_comparison
from gridmask.rules import Always, DeclaredDowntime
from gridmask.testing import moment, policies
from gridmask.testing.values import DECLARED_DOWNTIMES
from tests.unit.domain import strategies
from tests.unit.replay.lives import FRESH, announced, few, grid, life, lives, outage, policy_sets

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet
    from gridmask.replay.comparison import Comparison
    from tests.unit.replay.lives import Life

AHEAD = policies(Policy("declared-downtimes", DeclaredDowntime(lead={"default": timedelta(hours=1)})))


def beside(lived: Life, other: PolicySet = AHEAD, one: PolicySet = FRESH) -> Comparison:
    return compared(lived.outcome(one), lived.outcome(other))


def seen(lived: Life, under: PolicySet) -> dict[tuple[object, ...], object]:
    """What every mask says at every moment."""
    played, found = lived.played(under), dict[tuple[object, ...], object]()
    for at in grid():
        state = [one.after for one in played if one.at <= at][-1]
        for key in state.elements:
            holding = state.holding(key)
            assert holding
            for vo in (ALL, *strategies.VOS):
                said = entry(holding, vo)
                for aspect, status in said.statuses if isinstance(said, Entry) else ():
                    found[at, key, vo, aspect] = status
    return found


@few
@given(lives(), policy_sets)
def test_what_differs_is_what_somebody_finds_who_looks_at_every_moment(lived: Life, under: PolicySet) -> None:
    one, other = seen(lived, FRESH), seen(lived, under)
    expected = {name for name in one.keys() | other.keys() if one.get(name) is not other.get(name)}
    assert expected == {
        (at, found.element, vo, aspect)
        for found in beside(lived, under).differing
        for difference in found.differences
        for at in grid(difference.start, difference.end)
        for vo in found.vos
        for aspect in found.aspects
    }


@few
@given(lives(), policy_sets)
def test_policies_do_not_differ_from_themselves(lived: Life, under: PolicySet) -> None:
    assert not beside(lived, under, under).differing


def test_a_difference_has_the_whys_of_both() -> None:
    (found,) = beside(life(announced("08:00", outage("10:00", "12:00")))).differing
    (difference,) = found.differences
    assert (difference.start, difference.end) == (moment("09:00"), moment("10:00"))
    assert [side.reasons[0].text[:4] for side in (difference.one, difference.other)] == ["No d", "Soon"]


def test_hours_apart_are_those_usable_under_one_alone() -> None:
    whole = beside(life(announced("08:00", outage("10:00", "12:00"))))
    assert (whole.hours_apart, whole.differing[0].apart / HOUR) == (1, 1)


def test_what_only_a_vo_sees_is_told_as_vos_see_it() -> None:
    own = Policy("mine", Always(Status.BANNED), layer="cms")
    whole = beside(life(vos=("atlas", "cms")), policies(DECLARED_DOWNTIMES, own))
    assert (whole.whose, [one.vos for one in whole.differing]) == (None, [("cms",)])
    assert whole.hours_apart == 24


def test_the_same_comparison_is_the_same_bytes() -> None:
    lived = life(announced("08:00", outage("10:00", "12:00")))
    assert as_json(told_comparison(beside(lived))) == as_json(told_comparison(beside(lived)))


def test_what_is_left_out_is_counted() -> None:
    lived = life(announced("08:00", outage("10:00", "12:00")))
    assert told_comparison(beside(lived), most=0)["differing_left_out"] == 1

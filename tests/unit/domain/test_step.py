"""The step as a whole. What it does with any history at all is tried in ``test_histories.py``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.downtime import Difference, Downtime
from gridmask.domain.element import WHOLE
from gridmask.domain.events import DowntimesChanged, EvidenceChanged, TimePassed
from gridmask.domain.instructions import EndRow, MoveMasks, SaveCoverage, SaveDowntime, SaveElement, SaveRow
from gridmask.domain.matching import Match
from gridmask.domain.measurements import Probe
from gridmask.domain.naming import HostedService
from gridmask.domain.policy import OnMissing, Policy, PolicySet
from gridmask.domain.row import Row
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.downtime import After
from gridmask.testing import Trial, coverage, downtime, element, measured, moment, policies, row, state
from tests.unit.domain import oracles
from tests.unit.domain.strategies import ELEMENTS, NOON, TYPES, VOS, downtimes, policy_sets

CE, SE = element("ce"), element("se", "FTS")
DOWN = downtime("10:00", "12:00", CE)
FOLLOW = Policy("declared", DeclaredDowntime())
FOLLOW_AND_PROBE = Policy("declared", DeclaredDowntime(after=After.PROBING))


def trial(*policies_: Policy, at: str = "08:00") -> Trial:
    return Trial(state(CE, SE, vos=VOS, by=policies(*policies_ or (FOLLOW,))), at)


# --- What a step tells


def test_a_downtime_bans_what_it_names_and_moves_the_masks() -> None:
    tried = trial(at="11:00")
    saved, changed, masks = tried.announce(DOWN)
    assert saved == SaveDowntime(DOWN)
    assert isinstance(changed, SaveRow)
    assert (changed.before and changed.before.status, changed.after.status) == (Status.ACTIVE, Status.BANNED)
    assert masks == MoveMasks(frozenset({ALL, *VOS}))


def test_a_vos_downtime_moves_that_vos_mask_alone() -> None:
    tried = trial(at="11:00")
    assert tried.announce(replace(DOWN, vo="cms"))[-1] == MoveMasks(frozenset({"cms"}))
    assert [tried.status(CE, vo) for vo in ("cms", "atlas", ALL)] == [Status.BANNED, Status.ACTIVE, Status.ACTIVE]


def test_what_changes_no_row_moves_no_mask() -> None:
    assert trial().hear(coverage(valid_until="12:00"))[0] == SaveCoverage(coverage(valid_until="12:00"))
    assert not any(isinstance(i, MoveMasks) for i in trial().hear(coverage(valid_until="12:00")))


def test_a_second_look_tells_nothing() -> None:
    assert trial().happen(TimePassed()) == ()


def test_a_new_element_is_told_with_its_first_row() -> None:
    new = element("new", offered=["cms"])
    saved, opened, masks = trial().edit(new)
    assert saved == SaveElement(new)
    assert isinstance(opened, SaveRow)
    assert (opened.before, opened.after.status) == (None, Status.ACTIVE)
    assert masks == MoveMasks(frozenset({ALL, "cms"}))


def test_what_is_taken_out_leaves_the_masks_and_returns_as_what_it_is_by_then() -> None:
    tried = trial(FOLLOW_AND_PROBE, at="11:00")
    tried.announce(DOWN)
    tried.take_out(CE)
    assert CE.key not in tried.mask().entries
    tried.wait("13:00")
    tried.edit(CE)
    assert tried.status(CE) is Status.PROBING


def test_rows_end_in_a_fixed_order() -> None:
    banned = [row(CE, vo=vo) for vo in "zyxwvutsrqponmlkj"]
    _, instructions = step(state(CE, rows=[row(CE), *banned]), TimePassed(), NOON)
    ended = [i.row.key.vo for i in instructions if isinstance(i, EndRow)]
    assert ended == sorted(r.key.vo for r in banned)


def test_giving_back_what_nobody_holds_tells_nothing() -> None:
    assert trial().release(CE) == trial().release(CE, "cms") == ()


def test_setting_twice_what_is_set_already_tells_nothing() -> None:
    tried = trial()
    tried.set(Status.BANNED, CE, until="12:00")
    assert tried.set(Status.BANNED, CE, until="12:00") == ()


# --- Over time


def test_a_downtime_begins_and_ends_by_itself() -> None:
    tried = trial()
    tried.announce(DOWN)
    seen = []
    for time in ("09:59", "10:00", "11:59", "12:00"):
        tried.wait(time)
        seen.append(tried.status(CE))
    assert seen == [Status.ACTIVE, Status.BANNED, Status.BANNED, Status.ACTIVE]


def test_a_downtime_that_is_cancelled_or_shortened_ends_at_once() -> None:
    tried = trial(at="11:00")
    tried.announce(DOWN)
    tried.announce(downtime("10:00", "11:00", CE), instead_of=[DOWN])
    assert tried.status(CE) is Status.ACTIVE
    tried.announce(DOWN, instead_of=[DOWN])
    tried.withdraw(DOWN)
    assert tried.status(CE) is Status.ACTIVE


def test_a_persons_ban_outlasts_its_token_by_its_probing() -> None:
    tried = trial()
    tried.set(Status.BANNED, CE, until="09:00")
    seen = {}
    for time in ("08:59", "09:00", "09:10", "09:29", "09:30"):
        tried.wait(time)
        seen[time] = tried.status(CE)
    assert list(seen.values()) == [Status.BANNED, Status.PROBING, Status.PROBING, Status.PROBING, Status.ACTIVE]


def test_a_ban_of_one_vo_by_its_operator_is_nobody_elses() -> None:
    tried = trial()
    tried.set(Status.BANNED, CE, "cms")
    assert [tried.status(CE, vo) for vo in ("cms", "atlas", ALL)] == [Status.BANNED, Status.ACTIVE, Status.ACTIVE]


def test_a_binding_ban_outranks_every_vos_row_until_cleared() -> None:
    tried = trial()
    tried.set(Status.ACTIVE, CE, "cms")
    assert tried.set(Status.BANNED, CE, binding=True)[-1] == MoveMasks(frozenset({ALL, *VOS}))
    assert tried.status(CE, "cms") is Status.BANNED
    tried.release(CE)
    assert tried.status(CE, "cms") is Status.ACTIVE


def held_by_all(status: Status, until: str | None = None) -> Trial:
    """A person holds `all`, and a VO gets a row of its own because of a policy that comes later."""
    tried = trial()
    tried.set(status, CE, until=until)
    tried.adopt(policies(FOLLOW, Policy("lenient", Always(Status.DEGRADED), layer="cms")))
    assert tried.status(CE, "cms") is status
    return tried


def test_a_row_that_took_over_a_persons_hold_is_given_back_with_all() -> None:
    tried = held_by_all(Status.ACTIVE)
    tried.release(CE)
    assert (tried.status(CE, "cms"), tried.status(CE)) == (Status.DEGRADED, Status.ACTIVE)


def test_a_row_that_took_over_a_ban_owes_its_probing_when_it_is_given_back() -> None:
    tried = held_by_all(Status.BANNED)
    tried.release(CE)
    assert tried.status(CE, "cms") is Status.PROBING


def test_a_row_that_took_over_a_persons_hold_follows_what_the_person_decides_next() -> None:
    tried = held_by_all(Status.BANNED, until="09:00")
    tried.set(Status.BANNED, CE, until="10:00")
    tried.wait("09:30")
    assert tried.status(CE, "cms") is Status.BANNED
    tried.wait("10:00")
    assert tried.status(CE, "cms") is Status.PROBING


def test_what_is_decided_of_a_row_itself_stands_whatever_becomes_of_all() -> None:
    tried = held_by_all(Status.ACTIVE)
    tried.set(Status.BANNED, CE, "cms")
    tried.release(CE)
    assert tried.status(CE, "cms") is Status.BANNED


def test_a_vo_follows_all_again_when_its_policy_is_gone() -> None:
    strict = Policy("strict", Always(Status.DEGRADED), layer="cms")
    tried = trial(FOLLOW, strict)
    assert tried.status(CE, "cms") is Status.DEGRADED
    told = tried.adopt(policies(FOLLOW))
    assert [i.row.key.element for i in told if isinstance(i, EndRow)] == [CE.key, SE.key]
    assert tried.status(CE, "cms") is Status.ACTIVE


def test_a_vos_policy_that_bans_leaves_its_probing_behind() -> None:
    tried = trial(FOLLOW, Policy("strict", Always(Status.BANNED), layer="cms"))
    tried.adopt(policies(FOLLOW))
    assert tried.status(CE, "cms") is Status.PROBING
    tried.wait("08:10")
    tried.wait("08:30")
    assert (tried.status(CE, "cms"), tried.row(CE, "cms")) == (Status.ACTIVE, None)


def test_a_vo_that_overrides_a_policy_for_some_elements_is_rid_of_it_for_the_others() -> None:
    ban_all = Policy("strict", Always(Status.BANNED))
    lenient = Policy("strict", Always(Status.DEGRADED), Match.of(type="FTS"), layer="cms")
    tried = trial(Policy("fine", Always(Status.ACTIVE)), ban_all, lenient)
    assert [tried.status(one, "atlas") for one in (CE, SE)] == [Status.BANNED, Status.BANNED]
    assert [tried.status(one, "cms") for one in (CE, SE)] == [Status.ACTIVE, Status.DEGRADED]


def test_when_a_source_falls_silent_everything_stays_and_its_downtimes_still_begin() -> None:
    tried = trial()
    tried.hear(coverage(valid_until="09:00"))
    tried.announce(DOWN)
    for time, status in (("09:30", Status.ACTIVE), ("10:00", Status.BANNED), ("12:00", Status.BANNED)):
        tried.wait(time)
        assert tried.status(CE) is status
    tried.hear(coverage(answered_at="12:00", valid_until="18:00"))
    assert tried.status(CE) is Status.ACTIVE


def test_a_source_that_answers_for_a_shorter_time_than_before_falls_silent_then() -> None:
    tried = trial(replace(FOLLOW, on_missing=OnMissing.UNKNOWN))
    tried.hear(coverage(valid_until="18:00"))
    tried.hear(coverage(valid_until="09:00"))
    kept = tried.row(CE)
    assert kept is not None
    assert kept.due == tried.now + timedelta(hours=1)


# --- Laws


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[Downtime], list[DowntimesChanged]]:
    """Downtimes that are known, and events of one moment that each say something about another record."""
    known = draw(st.lists(downtimes(NOON), max_size=4, unique_by=lambda d: d.key))
    events = []
    for new in draw(st.lists(downtimes(NOON), max_size=4, unique_by=lambda d: d.key)):
        before = {d.key: d for d in known if d.key == new.key}
        gone = Difference(withdrawn=tuple(before))
        said = draw(st.sampled_from([gone, Difference(edited=(new,))])) if before else Difference(added=(new,))
        events.append(DowntimesChanged(new.key.source, said, before))
    return known, events


def world(by: PolicySet, known: list[Downtime]) -> State:
    began = state(*ELEMENTS, by=by, vos=VOS, types=TYPES, downtimes=known)
    return step(began, TimePassed(), NOON - timedelta(hours=1))[0]


def essence(found: State) -> dict[object, object]:
    """All about the rows but since when they are what they are: between two events of one moment, that is now or before."""

    def timeless(one: Row) -> Row:
        standing = replace(one.standing, since=NOON)
        return replace(one, standing=standing, reasons=tuple(replace(r, since=None) for r in one.reasons))

    return {key: timeless(one) for key, one in oracles.all_rows(found).items()}


def leaves_nothing_behind(by: PolicySet) -> bool:
    """Whether what is so for no time at all, between two events of one moment, leaves no debt and is not over at once."""
    probing = (p.rule for p in by.policies if isinstance(p.rule, DeclaredDowntime) and p.rule.warning is Status.PROBING)
    return bool(by.probing.dwell) and all(rule.after is After.PROBING for rule in probing)


@given(policy_sets.filter(leaves_nothing_behind), changes(), st.randoms(use_true_random=False))
def test_the_order_in_which_evidence_arrives_does_not_matter(
    by: PolicySet, change: tuple[list[Downtime], list[DowntimesChanged]], random: Random
) -> None:
    known, events = change
    one = other = step(world(by, known), TimePassed(), NOON)[0]
    for event in events:
        one, _ = step(one, event, NOON)
    for event in random.sample(events, len(events)):
        other, _ = step(other, event, NOON)
    assert essence(one) == essence(other)


@pytest.mark.parametrize("many", [1, 50])
def test_elements_do_not_influence_each_other(many: int) -> None:
    crowd = [element(f"ce{number}") for number in range(many)]
    after, _ = step(state(CE, *crowd, downtimes=[downtime("10:00", "14:00", CE)]), TimePassed(), NOON)
    assert after.rows[CE.key][WHOLE, ALL].status is Status.BANNED
    assert {after.rows[one.key][WHOLE, ALL].status for one in crowd} == {Status.ACTIVE}


def test_of_a_record_that_means_an_element_by_two_names_the_newest_counts_in_whatever_order_they_came() -> None:
    ce = element("ce", hosts=("ce.example.org",))
    old = measured(Probe("submit", "OK"), ce, at="11:00")
    key = old.key._replace(about=HostedService("ce.example.org", ""))
    new = replace(old, key=key, value=Probe("submit", "CRITICAL"), observed_at=moment("11:30"))
    for order in ((old, new), (new, old)):
        world, _ = step(state(ce), EvidenceChanged(order), moment("12:00"))
        assert world.evidence_about(ce) == (new,)

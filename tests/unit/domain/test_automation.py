"""How far automation goes, by what people decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode, Ruling, ruled
from gridmask.domain.element import WHOLE
from gridmask.domain.errors import NotKnown
from gridmask.domain.events import BatchDecided, EvidenceChanged, InventoryChanged, VosChanged
from gridmask.domain.guard import Cap, Guard
from gridmask.domain.instructions import SaveRow, SaveRuling
from gridmask.domain.matching import Match
from gridmask.domain.measurements import Probe, ProbeResult
from gridmask.domain.policy import Policy
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.domain.vo import ALL
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.probes import ProbeResults
from gridmask.rules.propagation import Propagation
from gridmask.testing import Trial, downtime, element, measured, moment, policies, row, state

CE, SITE = element("ce"), element("Example", "Site", family="Site")
FINE, BAN = Policy("one", Always(Status.ACTIVE)), Policy("one", Always(Status.BANNED))
PROBES = Policy("probes", ProbeResults())
NOW = moment("08:00")
ERROR, BANNED, PROBING, DEGRADED, ACTIVE, UNKNOWN = Status


def world(*made: Policy, **rest: object) -> State:
    return state(CE, by=policies(*made), vos=["cms", "atlas"], **rest)  # type: ignore[arg-type]  # those of a state


def probed(trial: Trial, at: str, result: ProbeResult) -> None:
    trial.now = moment(at)
    trial.happen(EvidenceChanged((measured(Probe("submit", result), CE, at=at),)))


def test_a_mode_is_found_by_its_name_and_a_misspelt_one_with_a_suggestion() -> None:
    assert Mode.parse("Exclude-Only") is Mode.EXCLUDE_ONLY
    with pytest.raises(NotKnown, match="Did you mean 'exclude-only'"):
        Mode.parse("exclud-only")


# --- What each mode permits


def permitted(mode: Mode, status: Status, *, owes: bool = False) -> set[Status]:
    return {asked for asked in Status if mode.permits(Standing(status, NOW, owes), asked)}


@pytest.mark.parametrize("status", Status)
def test_full_permits_everything_and_the_last_two_nothing(status: Status) -> None:
    assert permitted(Mode.FULL, status) == set(Status)
    assert permitted(Mode.OBSERVE_ONLY, status) == permitted(Mode.OFF, status) == {status}


@pytest.mark.parametrize(
    ("status", "owes", "permits"),
    [
        (ACTIVE, False, set(Status)),
        (DEGRADED, False, set(Status)),
        (UNKNOWN, False, set(Status)),
        (UNKNOWN, True, {ERROR, BANNED, PROBING, UNKNOWN}),
        (PROBING, True, {ERROR, BANNED, PROBING}),
        (BANNED, True, {ERROR, BANNED}),
        (ERROR, True, {ERROR}),
    ],
)
def test_to_exclude_only_frees_nothing_but_what_nothing_was_known_of(
    *, status: Status, owes: bool, permits: set[Status]
) -> None:
    assert permitted(Mode.EXCLUDE_ONLY, status, owes=owes) == permits


def test_what_was_decided_about_an_element_comes_before_the_layers_and_a_vos_own_before_that_of_all() -> None:
    off, full = (Ruling(mode, "expert", "Why.", NOW) for mode in (Mode.OFF, Mode.FULL))
    layers = {ALL: Mode.EXCLUDE_ONLY, "cms": Mode.OBSERVE_ONLY}
    assert [ruled({}, layers, vo) for vo in ("cms", "atlas")] == [Mode.OBSERVE_ONLY, Mode.EXCLUDE_ONLY]
    assert [ruled({ALL: off, "cms": full}, layers, vo) for vo in (ALL, "cms", "atlas")] == [Mode.OFF, Mode.FULL, Mode.OFF]
    assert ruled({}, {}, "cms") is Mode.FULL


# --- What it comes to


def test_what_is_observed_says_what_it_would_be_and_does_not_become_it() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.OBSERVE_ONLY, CE)
    trial.adopt(policies(BAN))
    seen = trial.row(CE)
    assert seen is not None
    assert (seen.status, seen.opinion, len(seen.verdicts)) == (ACTIVE, BANNED, 1)
    trial.rule(None, CE)
    assert trial.status(CE) is BANNED


def test_what_is_new_is_unknown_where_automation_only_looks_and_free_where_it_may_exclude() -> None:
    modes = {ALL: Mode.EXCLUDE_ONLY, "cms": Mode.OBSERVE_ONLY}
    trial = Trial(state(CE, by=replace(policies(FINE), automation=modes), vos=["cms", "atlas"]))
    assert [trial.status(CE, vo) for vo in (ALL, "cms", "atlas")] == [ACTIVE, UNKNOWN, ACTIVE]
    trial.set(ACTIVE, CE, "cms", agreed=True)
    assert trial.status(CE, "cms") is ACTIVE


def test_what_is_off_is_not_judged_and_its_people_are_reminded_all_the_same() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.OFF, CE)
    trial.set(BANNED, CE, until="20:00")
    trial.wait("14:00")
    assert [i.reminds for i in trial.instructions if isinstance(i, SaveRow)] == [True]
    trial.wait("20:00")
    left = trial.row(CE)
    assert left is not None
    assert (left.status, left.opinion, left.verdicts, left.token, left.due) == (BANNED, BANNED, (), None, None)


def test_what_automation_excluded_alone_a_person_frees() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.EXCLUDE_ONLY, CE)
    trial.adopt(policies(BAN))
    trial.adopt(policies(FINE))
    trial.wait("20:00")
    assert trial.status(CE) is BANNED
    trial.set(ACTIVE, CE, agreed=True)
    found = trial.row(CE)
    assert found is not None
    assert (found.status, found.token) == (ACTIVE, None)


def test_what_automation_agrees_to_ends_a_token_also_where_it_may_only_look() -> None:
    trial = Trial(world(BAN))
    trial.set(ACTIVE, CE, agreed=True)
    trial.rule(Mode.OBSERVE_ONLY, CE)
    trial.adopt(policies(FINE))
    found = trial.row(CE)
    assert found is not None
    assert (found.status, found.token) == (ACTIVE, None)


def test_where_nobody_judges_nobody_agrees() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.OFF, CE)
    trial.set(ACTIVE, CE, agreed=True)
    found = trial.row(CE)
    assert found is not None
    assert found.token is not None


@pytest.mark.parametrize("mode", [Mode.OBSERVE_ONLY, Mode.OFF])
def test_a_good_run_that_was_broken_meanwhile_begins_anew(mode: Mode) -> None:
    trial = Trial(world(PROBES))
    probed(trial, "08:00", "CRITICAL")
    probed(trial, "08:10", "OK")
    trial.rule(mode, CE)
    probed(trial, "08:20", "CRITICAL")
    probed(trial, "09:00", "OK")
    trial.rule(None, CE)
    assert trial.status(CE) is PROBING
    trial.wait("09:30")
    assert trial.status(CE) is ACTIVE


def test_what_proved_itself_where_automation_may_only_exclude_waits_for_a_person() -> None:
    trial = Trial(world(PROBES))
    probed(trial, "08:00", "CRITICAL")
    probed(trial, "08:10", "OK")
    trial.rule(Mode.EXCLUDE_ONLY, CE)
    trial.wait("09:00")
    waiting = trial.row(CE)
    assert waiting is not None
    assert (waiting.status, waiting.opinion) == (PROBING, ACTIVE)
    assert trial.wait("10:00") == ()
    trial.rule(Mode.FULL, CE)
    assert trial.status(CE) is ACTIVE


# --- With the guard


GUARD = Guard(Cap(0, 0), Cap(0, 0))


def held() -> Trial:
    """A row that is kept usable against a downtime, which ends before its batch does."""
    by = replace(policies(Policy("declared", DeclaredDowntime())), guard=GUARD)
    trial = Trial(state(CE, by=by, rows=[row(CE)]))
    trial.announce(downtime("08:00", "12:00", CE))
    return trial


@pytest.mark.parametrize("mode", [Mode.OBSERVE_ONLY, Mode.OFF])
def test_what_automation_may_not_take_is_held_no_more_and_again_once_it_may(mode: Mode) -> None:
    trial = held()
    [batch] = trial.state.watch.batches
    trial.rule(mode, CE)
    found = trial.row(CE)
    assert found is not None
    assert (found.status, found.hold) == (ACTIVE, None)
    trial.rule(None, CE)
    again = trial.row(CE)
    assert again is not None
    assert again.hold is not None
    assert (again.status, again.hold.batch) == (ACTIVE, batch)


def test_what_may_only_be_excluded_stays_held_and_is_let_through() -> None:
    trial = held()
    trial.rule(Mode.EXCLUDE_ONLY, CE)
    [batch] = trial.state.watch.batches
    trial.happen(BatchDecided(Actor("expert"), batch, confirmed=True))
    assert trial.status(CE) is BANNED
    trial.wait("12:00")
    assert trial.status(CE) is BANNED


# --- For a VO


def test_a_vo_for_which_automation_goes_another_way_has_a_row_of_its_own_for_as_long() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.OBSERVE_ONLY, CE, "cms")
    trial.adopt(policies(BAN))
    assert [trial.status(CE, vo) for vo in (ALL, "cms", "atlas")] == [BANNED, ACTIVE, BANNED]
    trial.rule(None, CE, "cms")
    assert (trial.row(CE, "cms"), trial.status(CE, "cms")) == (None, BANNED)


def test_a_row_that_ends_does_not_let_go_what_automation_may_not() -> None:
    declared = Policy("declared", DeclaredDowntime())
    trial = Trial(state(CE, by=policies(declared), vos=["cms"]))
    trial.rule(Mode.EXCLUDE_ONLY, CE)
    trial.announce(downtime("08:00", "12:00", CE, vo="cms"))
    assert [trial.status(CE, vo) for vo in (ALL, "cms")] == [ACTIVE, BANNED]
    trial.wait("12:00")
    assert trial.status(CE, "cms") is BANNED
    trial.set(ACTIVE, CE, "cms", until="13:00")
    trial.wait("13:00")
    assert trial.row(CE, "cms") is None


def test_the_mode_of_a_layer_is_for_its_rows() -> None:
    trial = Trial(state(CE, element("private", offered={"atlas"}), by=policies(FINE), vos=["cms", "atlas"]))
    trial.adopt(replace(policies(FINE), automation={"cms": Mode.OBSERVE_ONLY}))
    assert {(r.key.element.name, r.key.vo) for rows in trial.state.rows.values() for r in rows.values()} == {
        ("ce", ALL),
        ("ce", "cms"),
        ("private", ALL),
    }
    trial.adopt(replace(policies(BAN), automation={"cms": Mode.OBSERVE_ONLY}))
    assert [trial.status(CE, vo) for vo in (ALL, "cms", "atlas")] == [BANNED, ACTIVE, BANNED]


def test_a_site_follows_what_its_resources_are_and_not_what_they_would_be() -> None:
    follows = Policy("site", Propagation(), match=Match.of(family="Site"))
    own = replace(FINE, match=Match.of(family="Resource"))
    trial = Trial(state(CE, SITE, by=policies(own, follows)))
    trial.rule(Mode.OBSERVE_ONLY, CE)
    trial.adopt(policies(replace(own, rule=Always(BANNED)), follows))
    assert trial.status(SITE) is ACTIVE
    trial.rule(None, CE)
    assert trial.status(SITE) is BANNED


# --- Renamed elements, retired VOs


def test_what_was_decided_of_an_element_goes_on_under_its_other_name_alone() -> None:
    other = element("ce2")
    trial = Trial(world(FINE))
    trial.rule(Mode.OBSERVE_ONLY, CE)
    trial.rule(Mode.OFF, CE, "cms")
    learnt = trial.happen(InventoryChanged("inventory", (other,), (), (CE.key,), {other.key: CE.key}))
    saved = {(i.element.name, i.vo): i.ruling and i.ruling.mode for i in learnt if isinstance(i, SaveRuling)}
    assert saved == {
        ("ce", ALL): None,
        ("ce", "cms"): None,
        ("ce2", ALL): Mode.OBSERVE_ONLY,
        ("ce2", "cms"): Mode.OFF,
    }
    trial.adopt(policies(BAN))
    assert trial.status(other) is ACTIVE
    trial.edit(CE)
    assert trial.status(CE) is BANNED


def test_what_was_decided_of_something_that_had_the_name_before_is_over() -> None:
    other = element("ce2")
    trial = Trial(state(CE, other, by=policies(FINE), vos=["cms"]))
    trial.rule(Mode.OFF, other)
    trial.take_out(other)
    learnt = trial.happen(InventoryChanged("inventory", (other,), (), (CE.key,), {other.key: CE.key}))
    assert [(i.element.name, i.ruling) for i in learnt if isinstance(i, SaveRuling)] == [("ce2", None)]
    trial.adopt(policies(BAN))
    assert trial.status(other) is BANNED


def test_what_was_decided_for_a_vo_leaves_with_it() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.OFF, CE, "cms")
    trial.rule(Mode.OFF, CE, "atlas")
    learnt = trial.happen(VosChanged(retired=frozenset({"cms"})))
    assert [(i.vo, i.ruling) for i in learnt if isinstance(i, SaveRuling)] == [("cms", None)]
    assert set(trial.state.rows[CE.key]) == {(WHOLE, ALL), (WHOLE, "atlas")}


def test_the_row_of_a_vo_whose_downtime_ends_while_all_is_off_is_due_then() -> None:
    trial = Trial(world(FINE))
    trial.rule(Mode.OFF, CE)
    trial.announce(downtime("07:00", "09:00", CE, vo="cms"))
    assert (trial.row(CE, "cms") or row(CE)).due == moment("09:00")

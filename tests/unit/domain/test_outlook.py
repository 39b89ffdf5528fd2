"""What would make a row another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain import outlook
from gridmask.domain.automation import Mode
from gridmask.domain.element import WHOLE, Element, RowKey
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.guard import Cap, Guard
from gridmask.domain.matching import Match
from gridmask.domain.measurements import Probe
from gridmask.domain.outlook import Way, WayKind, forecast, ways
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.downtime import After
from gridmask.rules.probes import ProbeResults
from gridmask.rules.propagation import Propagation
from gridmask.testing import Trial, downtime, element, measured, moment, policies, row, state

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.events import Event
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.state import State

CE, SITE = element("ce"), element("Example", "Site", family="Site")
FINE, BAN = Policy("fine", Always(Status.ACTIVE)), Policy("ban", Always(Status.BANNED))
DECLARED = Policy("declared", DeclaredDowntime())
PROBES = Policy("probes", ProbeResults())
ACTIVE, BANNED, PROBING = Status.ACTIVE, Status.BANNED, Status.PROBING


def next_(trial: Trial, of: Element = CE, vo: str = ALL) -> tuple[Status, str] | None:
    """What it will be, and when."""
    found = forecast(trial.state, RowKey(of.key, WHOLE, vo), trial.now)
    return None if found is None else (found.status, f"{found.at:%dT%H:%M}")


def at_once(trial: Trial, mode: Mode = Mode.FULL) -> list[tuple[str, Status, str]]:
    """What would make it another at once."""
    found = trial.row(CE)
    assert found is not None
    return [(way.kind, way.status, way.name) for way in ways(found, mode, trial.now)]


def watched(monkeypatch: pytest.MonkeyPatch) -> list[State]:
    """The worlds in which steps are taken from now on to look ahead."""
    looks: list[State] = []

    def look(seen: State, event: Event, now: datetime) -> tuple[State, tuple[Instruction, ...]]:
        looks.append(seen)
        return step(seen, event, now)

    monkeypatch.setattr(outlook, "step", look)
    return looks


def trial_of(*made: Policy, **rest: object) -> Trial:
    return Trial(state(CE, by=policies(*made), **rest))  # type: ignore[arg-type]  # those of a state


# --- Time


def test_a_downtime_is_seen_coming_and_going() -> None:
    trial = trial_of(DECLARED)
    trial.announce(downtime("10:00", "12:00", CE))
    assert next_(trial) == (BANNED, "21T10:00")
    trial.wait("10:00")
    assert next_(trial) == (ACTIVE, "21T12:00")
    trial.wait("12:00")
    assert next_(trial) is None


def test_to_look_ahead_changes_nothing() -> None:
    trial = trial_of(DECLARED)
    trial.announce(downtime("10:00", "12:00", CE))
    before = trial.state
    next_(trial)
    assert trial.state is before
    assert trial.state.rows == before.rows


def test_what_is_banned_is_seen_to_be_probed_first_and_then_to_be_free() -> None:
    trial = trial_of(Policy("declared", DeclaredDowntime(after=After.PROBING)))
    trial.announce(downtime("08:00", "12:00", CE))
    assert next_(trial) == (PROBING, "21T12:00")
    trial.wait("12:00")
    assert next_(trial) == (ACTIVE, "21T12:30")


def test_the_end_of_a_token_is_seen_with_what_comes_then() -> None:
    trial = trial_of(BAN)
    trial.set(ACTIVE, CE, until="2026-08-22T12:00")
    assert next_(trial) == (BANNED, "22T12:00")
    assert at_once(trial) == [("release", BANNED, "operator")]


@pytest.mark.parametrize("agreed", [True, False])
def test_what_is_held_without_an_end_is_not_seen_to_end_although_its_owner_is_reminded(*, agreed: bool) -> None:
    trial = trial_of(BAN)
    trial.set(ACTIVE, CE, agreed=agreed)
    assert next_(trial) is None


def test_what_a_person_is_asked_first_is_not_foreseen() -> None:
    trial = Trial(state(CE, by=replace(policies(DECLARED), guard=Guard(Cap(0, 0), Cap(0, 0))), rows=[row(CE)]))
    trial.announce(downtime("08:00", "12:00", CE))
    assert next_(trial) is None
    [batch] = trial.state.watch.batches
    assert at_once(trial) == [("batch", BANNED, batch)]


def test_how_far_automation_goes_is_taken_into_account() -> None:
    trial = trial_of(DECLARED)
    trial.announce(downtime("10:00", "12:00", CE))
    trial.rule(Mode.OBSERVE_ONLY, CE)
    assert next_(trial) is None
    trial.rule(Mode.EXCLUDE_ONLY, CE)
    trial.wait("10:00")
    assert next_(trial) is None


def test_a_vo_is_told_of_its_own_row_and_of_its_end() -> None:
    trial = trial_of(DECLARED, vos=["cms", "atlas"])
    trial.announce(downtime("08:00", "12:00", CE, vo="cms"))
    assert (next_(trial, vo="cms"), next_(trial, vo="atlas"), next_(trial)) == ((ACTIVE, "21T12:00"), None, None)
    trial.announce(downtime("13:00", "14:00", CE, record="2"))
    assert next_(trial, vo="atlas") == (BANNED, "21T13:00")


def test_a_vo_that_has_no_row_yet_is_told_of_the_one_that_begins() -> None:
    trial = trial_of(DECLARED, vos=["cms"])
    trial.set(BANNED, CE, until="09:00", binding=True)
    trial.announce(downtime("08:30", "12:00", CE, vo="cms"))
    trial.wait("08:45")
    assert next_(trial) == (PROBING, "21T09:00")


@pytest.mark.parametrize(("of", "followed", "family"), [("resources", CE, "Site"), ("site", SITE, "Resource")])
def test_what_follows_something_else_is_seen_to_follow_it(of: str, followed: Element, family: str) -> None:
    follows = Policy("follows", Propagation(of=of), match=Match.of(family=family))  # type: ignore[arg-type]  # a word, as parametrised
    trial = Trial(state(CE, SITE, by=policies(DECLARED, follows), vos=["cms"]))
    trial.announce(downtime("10:00", "12:00", followed))
    follower = SITE if followed is CE else CE
    assert next_(trial, follower, "cms") == (BANNED, "21T10:00")
    trial.wait("10:00")
    assert next_(trial, follower, "cms") == (ACTIVE, "21T12:00")


def test_what_is_far_away_is_not_looked_for() -> None:
    trial = trial_of(DECLARED)
    trial.announce(downtime("2026-12-21T10:00", "2026-12-21T12:00", CE))
    assert next_(trial) is None


def test_an_element_without_rows_has_no_future() -> None:
    assert forecast(state(CE), RowKey(CE.key, WHOLE, ALL), moment("08:00")) is None


def test_what_is_looked_at_again_and_again_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = watched(monkeypatch)
    trial = trial_of(BAN, DECLARED, vos=["cms"])
    hours = [moment("08:00") + timedelta(hours=n) for n in range(100)]
    trial.announce(*(downtime(h, h + timedelta(minutes=9), CE, record=f"{n}", vo="cms") for n, h in enumerate(hours)))
    assert next_(trial, vo="cms") is None
    assert len(looks) == outlook.MOST_LOOKS


def test_other_vos_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = watched(monkeypatch)
    vos = [f"vo{number}" for number in range(30)]
    trial = Trial(state(CE, by=policies(DECLARED, *(replace(FINE, layer=vo) for vo in vos)), vos=vos))
    trial.announce(downtime("10:00", "12:00", CE))
    assert next_(trial, vo="vo7") == (BANNED, "21T10:00")
    assert all(len(one.rows[CE.key]) <= 2 for one in looks)


# --- What people and policies could do at once


def test_without_the_policy_that_decides_the_next_one_would() -> None:
    trial = trial_of(FINE, replace(BAN, rule=Always(Status.DEGRADED)))
    assert at_once(trial) == [("policy", ACTIVE, "ban")]


def test_what_owes_its_probing_would_not_be_free_without_the_policy_either() -> None:
    trial = trial_of(FINE, PROBES)
    trial.happen(EvidenceChanged((measured(Probe("submit", "CRITICAL"), CE, at="08:00"),)))
    assert at_once(trial) == [("policy", PROBING, "probes")]
    trial.wait("08:10")
    trial.happen(EvidenceChanged((measured(Probe("submit", "WARNING"), CE, at="08:10"),)))
    assert (trial.status(CE), at_once(trial)) == (PROBING, [])


def test_one_of_several_that_decide_alike_changes_nothing() -> None:
    assert at_once(trial_of(BAN, replace(BAN, name="two"), FINE)) == []


def test_what_automation_may_not_do_is_told_with_how_far_it_goes() -> None:
    trial = trial_of(FINE)
    trial.rule(Mode.OBSERVE_ONLY, CE)
    trial.adopt(policies(BAN))
    assert at_once(trial, Mode.OBSERVE_ONLY) == [("automation", BANNED, "observe-only")]


def test_a_way_says_when_where_it_happens_by_itself() -> None:
    assert Way(WayKind.RELEASE, ACTIVE).at is None

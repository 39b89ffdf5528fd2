"""What people do with rows: they set them, take them, extend and release what they hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.damping import Damping, Penalty
from gridmask.domain.decision import ReasonKind
from gridmask.domain.element import WHOLE, RowKey
from gridmask.domain.errors import Conflict, NotKnown, StaleWrite
from gridmask.domain.events import (
    EvidenceChanged,
    InventoryChanged,
    StatusSet,
    TokenExtended,
    TokenReleased,
    TokenTaken,
    VosChanged,
)
from gridmask.domain.guard import Cap, Guard
from gridmask.domain.instructions import ChangeKind, SaveRow
from gridmask.domain.measurements import Probe, ProbeResult
from gridmask.domain.policy import Policy
from gridmask.domain.row import INHERITED
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.token import Custom, Term, Token
from gridmask.domain.vo import ALL
from gridmask.rules import Always
from gridmask.rules.probes import ProbeResults
from gridmask.testing import Trial, downtime, element, measured, moment, policies, row, state

CE = element("ce")
EXPERT, SHIFTER = Actor("expert"), Actor("shifter")
FINE, BAN = Policy("one", Always(Status.ACTIVE)), Policy("one", Always(Status.BANNED))
PROBES = Policy("probes", ProbeResults())


def world(*made: Policy, vos: tuple[str, ...] = ("cms",), **rest: object) -> State:
    return state(CE, by=policies(*made), vos=vos, **rest)  # type: ignore[arg-type]  # those of a state


def key(vo: str = ALL) -> RowKey:
    return RowKey(CE.key, WHOLE, vo)


def probed(trial: Trial, at: str, result: ProbeResult) -> None:
    trial.now = moment(at)
    trial.happen(EvidenceChanged((measured(Probe("submit", result), CE, at=at),)))


def texts(trial: Trial, vo: str = ALL, kind: ReasonKind | None = None) -> list[str]:
    found = trial.row(CE, vo)
    assert found is not None
    return [reason.text for reason in found.reasons if kind in {None, reason.kind}]


def token(trial: Trial, vo: str = ALL) -> Token | None:
    found = trial.row(CE, vo)
    assert found is not None
    return found.token


# --- Taking


def test_a_row_that_is_taken_stays_as_it_is_and_says_why() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, reason="A disk.", until="10:00")
    trial.adopt(policies(BAN))
    taken = trial.row(CE)
    assert taken is not None
    assert (taken.status, taken.opinion) == (Status.ACTIVE, Status.BANNED)
    assert texts(trial) == ["Always Active.", "A disk."]


def test_whose_a_row_was_is_told_by_whoever_takes_it_over() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, reason="Mine.")
    [saved] = [i for i in trial.take(CE, by=SHIFTER, reason="My turn.") if isinstance(i, SaveRow)]
    assert (saved.change, saved.taken_from) == (ChangeKind.TOKEN, "expert")
    assert texts(trial, kind=ReasonKind.TOKEN) == ["My turn. (taken over from expert)"]


@pytest.mark.parametrize("event", [StatusSet(SHIFTER, (), Status.BANNED, "Smoke."), TokenTaken(SHIFTER, (), "Mine.")])
def test_a_row_can_be_held_in_the_name_of_another(event: StatusSet | TokenTaken) -> None:
    trial = Trial(world(FINE))
    trial.happen(replace(event, rows=(key(),), holder="expert"))
    held = token(trial)
    assert held is not None
    assert held.owner == "expert"
    [saved] = [i for i in trial.take(CE, by=EXPERT, reason="Still mine.") if isinstance(i, SaveRow)]
    assert saved.taken_from is None


def test_whoever_takes_what_is_over_takes_it_from_nobody() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, until="09:00")
    trial.now = moment("09:00")
    trial.take(CE, by=SHIFTER, reason="Free.")
    assert texts(trial, kind=ReasonKind.TOKEN) == ["Free."]


def test_a_vos_row_that_is_not_there_yet_begins_with_its_token_and_ends_with_it() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, "cms", until="09:00")
    assert (token(trial), trial.status(CE, "cms")) == (None, Status.ACTIVE)
    trial.wait("09:00")
    assert trial.row(CE, "cms") is None


def test_a_token_on_a_vos_new_row_takes_over_what_binds_nobody_else() -> None:
    trial = Trial(world(FINE))
    trial.set(Status.BANNED, CE, binding=True)
    trial.take(CE, "cms", by=EXPERT)
    own = trial.row(CE, "cms")
    assert own is not None
    assert (own.binding, own.status, INHERITED in own.reasons) == (False, Status.BANNED, False)
    assert texts(trial, "cms")[-1] == "Looked at. (taken over from operator)"


@pytest.mark.parametrize("wrong", [key("lhcb"), RowKey(CE.key, "ReadAccess", ALL), RowKey(element("x").key, WHOLE, ALL)])
def test_what_cannot_be_a_row_cannot_be_held(wrong: RowKey) -> None:
    trial = Trial(world(FINE))
    with pytest.raises(NotKnown):
        trial.happen(TokenTaken(EXPERT, (key(), wrong), "All.", Term()))
    assert token(trial) is None


def test_several_rows_are_taken_together_whatever_their_order() -> None:
    both = (key(), key("cms"))
    for order in (both, both[::-1]):
        trial = Trial(world(FINE))
        trial.happen(TokenTaken(EXPERT, order, "Both.", Term(moment("09:00"))))
        assert [(t.owner, t.expires_at) for t in (token(trial), token(trial, "cms")) if t] == [("expert", moment("09:00"))] * 2
        trial.release(CE)
        assert token(trial, "cms") is not None


@pytest.mark.parametrize("event", [TokenTaken, TokenExtended, TokenReleased])
@pytest.mark.parametrize("vo", [ALL, "cms"])
def test_a_stale_row_is_not_touched_also_where_it_would_only_begin(event: type[TokenTaken], vo: str) -> None:
    trial = Trial(world(FINE, rows=[row(CE, revision=7, token=Token("expert", None))]))
    with pytest.raises(StaleWrite):
        trial.happen(event(EXPERT, (key(vo),), "Late.", seen={key(vo): 6}))
    trial.happen(event(EXPERT, (key(vo),), "In time.", seen={key(vo): 7}))


# --- Extending


def test_an_extension_counts_from_now_and_may_end_earlier_than_before() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, until="20:00")
    trial.extend(CE, by=EXPERT, until="09:00")
    assert token(trial) == Custom().token("expert", Term(moment("09:00")), moment("08:00"))
    trial.wait("09:00")
    assert token(trial) is None


def test_an_extension_without_a_word_leaves_what_was_said() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, reason="A disk.", until="09:00")
    trial.extend(CE, by=EXPERT, until="10:00")
    assert texts(trial, kind=ReasonKind.TOKEN) == ["A disk."]
    trial.extend(CE, by=EXPERT, reason="Two disks.", until="11:00")
    assert texts(trial, kind=ReasonKind.TOKEN) == ["Two disks."]


def test_every_reason_of_a_held_row_tells_when_that_is_over() -> None:
    trial = Trial(world(FINE))
    trial.set(Status.BANNED, CE, until="09:00")
    trial.take(CE, until="10:00")
    trial.extend(CE, until="11:00")
    found = trial.row(CE)
    assert found is not None
    assert {(reason.kind, reason.until) for reason in found.reasons} == {
        (ReasonKind.PERSON, moment("11:00")),
        (ReasonKind.TOKEN, moment("11:00")),
    }


def test_what_is_held_until_automation_agrees_is_so_after_an_extension_too() -> None:
    trial = Trial(world(BAN))
    trial.set(Status.ACTIVE, CE, agreed=True)
    trial.extend(CE, until="20:00")
    extended = token(trial)
    assert extended is not None
    assert extended.agreed


@pytest.mark.parametrize(("owner", "said"), [(None, "Nobody holds"), ("shifter", "is held by shifter")])
def test_only_ones_own_is_extended(owner: str | None, said: str) -> None:
    trial = Trial(world(FINE, rows=[row(CE, token=owner and Token(owner, None))]))
    with pytest.raises(Conflict, match=said):
        trial.extend(CE, by=EXPERT, until="20:00")


def test_nobody_extends_what_ended_this_very_moment() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, until="09:00")
    trial.now = moment("09:00")
    with pytest.raises(Conflict, match="Nobody holds"):
        trial.extend(CE, by=EXPERT, until="20:00")


def test_all_is_extended_or_nothing() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, by=EXPERT, until="10:00")
    trial.take(CE, "cms", by=SHIFTER, until="10:00")
    before = trial.state
    with pytest.raises(Conflict):
        trial.happen(TokenExtended(EXPERT, (key(), key("cms")), "", Term(moment("20:00"))))
    assert trial.state is before


# --- Releasing


def test_to_release_what_nobody_holds_changes_nothing() -> None:
    trial = Trial(world(FINE))
    assert trial.release(CE) == ()
    assert trial.release(CE, "cms") == ()
    assert trial.row(CE, "cms") is None


# --- Until automation agrees


def test_a_row_is_given_back_once_automation_asks_for_what_it_is() -> None:
    trial = Trial(world(BAN))
    trial.set(Status.ACTIVE, CE, agreed=True)
    assert token(trial) is not None
    trial.adopt(policies(FINE))
    assert (token(trial), texts(trial)) == (None, ["Always Active."])


def test_where_automation_agrees_at_once_nobody_holds_it_and_history_tells_whose_it_was() -> None:
    trial = Trial(world(BAN))
    trial.set(Status.ACTIVE, CE)
    [saved] = [i for i in trial.set(Status.BANNED, CE, agreed=True) if isinstance(i, SaveRow)]
    assert (saved.after.token, saved.after.status, saved.taken_from) == (None, Status.BANNED, "operator")


def test_a_ban_is_not_agreed_to_by_probing() -> None:
    trial = Trial(world(FINE))
    trial.set(Status.BANNED, CE, agreed=True)
    trial.wait("20:00")
    banned = trial.row(CE)
    assert banned is not None
    assert (banned.status, banned.opinion, banned.token is None) == (Status.BANNED, Status.PROBING, False)


def test_damping_does_not_keep_a_person_from_what_automation_agrees_to() -> None:
    damped = Penalty(5.0, moment("08:00"), damped=True)
    by = replace(policies(FINE), damping=Damping())
    trial = Trial(state(CE, by=by, rows=[row(CE, Status.BANNED, penalty=damped)]))
    assert trial.status(CE) is Status.BANNED
    trial.set(Status.ACTIVE, CE, agreed=True)
    assert (trial.status(CE), token(trial)) == (Status.ACTIVE, None)


def test_what_binds_every_vo_is_not_given_up_because_automation_agrees() -> None:
    trial = Trial(world(BAN, replace(FINE, layer="cms")))
    trial.set(Status.BANNED, CE, binding=True, agreed=True)
    trial.wait("20:00")
    assert trial.status(CE, "cms") is Status.BANNED
    trial.release(CE)
    assert trial.status(CE, "cms") is Status.ACTIVE


# --- What follows a row of all


def heirs(*made: Policy, **term: object) -> Trial:
    """A row of ``all`` that a person set Active, and one of cms that began meanwhile and follows it."""
    trial = Trial(world(BAN))
    trial.set(Status.ACTIVE, CE, **term)  # type: ignore[arg-type]  # those of set
    trial.adopt(policies(*(made or (BAN, Policy("own", Always(Status.BANNED), layer="cms")))))
    assert INHERITED in trial.state.rows[CE.key][WHOLE, "cms"].reasons
    return trial


def test_a_row_that_follows_is_taken_extended_and_released_with_the_other() -> None:
    trial = heirs()
    trial.take(CE, by=EXPERT, until="09:00")
    trial.extend(CE, by=EXPERT, until="10:00")
    followed = token(trial, "cms")
    assert followed is not None
    assert (followed.owner, followed.expires_at) == ("expert", moment("10:00"))
    trial.release(CE)
    assert trial.status(CE, "cms") is Status.BANNED


def test_a_row_that_its_vo_takes_follows_no_more() -> None:
    trial = heirs()
    trial.take(CE, "cms", by=EXPERT)
    trial.release(CE)
    assert trial.status(CE, "cms") is Status.ACTIVE


def test_a_row_about_which_automation_does_not_agree_yet_stands_on_its_own() -> None:
    trial = heirs(agreed=True)
    trial.adopt(policies(FINE, Policy("own", Always(Status.BANNED), layer="cms")))
    assert token(trial) is None
    own = trial.row(CE, "cms")
    assert own is not None
    assert (own.token is None, own.status, INHERITED in own.reasons) == (False, Status.ACTIVE, False)
    trial.set(Status.ERROR, CE)
    assert trial.status(CE, "cms") is Status.ACTIVE


def test_a_row_that_automation_may_not_touch_follows_nobody_once_its_token_is_over() -> None:
    trial = heirs(until="09:00")
    trial.rule(Mode.OBSERVE_ONLY, CE, "cms")
    trial.wait("09:00")
    assert (trial.status(CE, "cms"), texts(trial, "cms")) == (Status.ACTIVE, ["Decided."])
    trial.set(Status.ERROR, CE)
    assert trial.status(CE, "cms") is Status.ACTIVE


def test_a_row_whose_token_is_over_follows_nobody_even_before_it_is_looked_at() -> None:
    trial = heirs(until="09:00")
    trial.now = moment("09:00")
    trial.set(Status.ERROR, CE)
    assert token(trial, "cms") is None


# --- With what else goes on


def test_a_good_run_that_was_broken_while_a_person_held_the_row_begins_anew() -> None:
    trial = Trial(world(PROBES))
    probed(trial, "08:00", "CRITICAL")
    probed(trial, "08:10", "OK")
    trial.take(CE)
    probed(trial, "08:20", "CRITICAL")
    probed(trial, "09:00", "OK")
    trial.release(CE)
    assert trial.status(CE) is Status.PROBING
    trial.wait("09:30")
    assert trial.status(CE) is Status.ACTIVE


def guarded(*made: Policy) -> State:
    return state(CE, by=replace(policies(*made), guard=Guard(Cap(0, 0), Cap(0, 0))), rows=[row(CE)])


def test_a_row_that_a_person_takes_is_held_by_the_guard_no_more_and_again_after_it() -> None:
    trial = Trial(guarded(BAN))
    held = trial.row(CE)
    assert held is not None
    assert held.hold is not None
    trial.take(CE)
    taken = trial.row(CE)
    assert taken is not None
    assert (taken.hold, taken.opinion) == (None, Status.BANNED)
    trial.release(CE)
    again = trial.row(CE)
    assert again is not None
    assert (again.hold, again.status) == (held.hold, Status.ACTIVE)
    assert [reason.kind for reason in again.reasons if reason.kind is ReasonKind.TOKEN] == []


def test_a_token_that_ends_while_too_much_would_be_taken_leaves_no_word_of_its_owner() -> None:
    trial = Trial(guarded(FINE))
    trial.take(CE, until="09:00")
    trial.announce(downtime("08:30", "12:00", CE))
    trial.adopt(replace(policies(BAN), guard=Guard(Cap(0, 0), Cap(0, 0))))
    trial.wait("09:00")
    held = trial.row(CE)
    assert held is not None
    assert (held.hold is None, held.token, texts(trial, kind=ReasonKind.TOKEN)) == (False, None, [])


def test_what_has_another_name_is_whose_it_was() -> None:
    trial = Trial(world(FINE))
    trial.take(CE, "cms", by=EXPERT, until="20:00")
    renamed = element("ce2")
    trial.happen(InventoryChanged("inventory", (renamed,), (), (CE.key,), {renamed.key: CE.key}))
    own = trial.row(renamed, "cms")
    assert own is not None
    assert own.token is not None
    assert own.token.owner == "expert"
    trial.extend(renamed, "cms", by=EXPERT, until="22:00")


def test_a_vo_that_leaves_takes_its_tokens_along() -> None:
    trial = Trial(world(FINE, vos=("cms", "atlas")))
    trial.take(CE, "cms")
    trial.take(CE, "atlas")
    trial.happen(VosChanged(retired=frozenset({"cms"})))
    assert trial.row(CE, "cms") is None
    assert token(trial, "atlas") is not None

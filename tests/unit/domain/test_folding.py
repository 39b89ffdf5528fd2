from __future__ import annotations

from functools import partial

import pytest

from gridmask.domain.decision import ReasonKind
from gridmask.domain.downtime import Difference
from gridmask.domain.element import WHOLE, ElementKey, ElementType, RowKey
from gridmask.domain.errors import NotKnown, StaleWrite
from gridmask.domain.events import (
    DowntimesChanged,
    Event,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenReleased,
    VosChanged,
)
from gridmask.domain.evidence import Coverage
from gridmask.domain.folding import fold
from gridmask.domain.instructions import (
    EndRow,
    NoteRenaming,
    RetireVo,
    SaveCoverage,
    SaveDowntime,
    SaveElement,
    SaveVo,
    TakeOutElement,
    WithdrawDowntime,
)
from gridmask.domain.row import Row
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.token import CUSTOM, Term, Token
from gridmask.domain.vo import ALL
from gridmask.testing import coverage, downtime, element, moment, policies, row
from gridmask.testing import state as state_of
from gridmask.testing.trial import OPERATOR

CE, SE = element("ce"), element("se", source="other")
NOON = moment("12:00")
KEY = RowKey(CE.key, WHOLE, ALL)
CMS = KEY._replace(vo="cms")
state = partial(state_of, vos=["cms"])


def set_to(status: Status, *keys: RowKey, binding: bool = False, seen: int | None = None) -> StatusSet:
    seen_by_row = {} if seen is None else dict.fromkeys(keys, seen)
    return StatusSet(OPERATOR, keys, status, "Smoke.", Term(moment("14:00")), binding, seen_by_row)


def folded(before: State, event: Event) -> State:
    return fold(before, event, NOON)[0]


def kept(after: State, key: RowKey = KEY) -> Row:
    return after.rows[key.element][key.status_type, key.vo]


# --- Inventory


def test_elements_come_change_and_go() -> None:
    new, edited = element("new"), element("ce", site="Moved")
    event = InventoryChanged("inventory", (new,), (edited,), (SE.key,))
    after, touched, learnt = fold(state(CE, SE), event, NOON)
    assert dict(after.elements) == {CE.key: edited, new.key: new}
    assert touched == {CE.key, SE.key, new.key}
    assert learnt == (SaveElement(new), SaveElement(edited), TakeOutElement(SE.key))


def test_rows_of_what_is_taken_out_stay_for_its_return() -> None:
    before = state(CE, rows=[row(CE)])
    assert folded(before, InventoryChanged("inventory", taken_out=(CE.key,))).rows == before.rows


# --- Downtimes


def test_a_new_downtime_is_evidence_about_its_targets() -> None:
    new = downtime("10:00", "12:00", CE)
    after, touched, learnt = fold(state(CE, SE), DowntimesChanged("feed", Difference(added=(new,))), NOON)
    assert [e.value for e in after.evidence[CE.key.name].values()] == [new]
    assert touched == {CE.key}
    assert learnt == (SaveDowntime(new),)


def test_an_edit_concerns_the_targets_of_both_versions() -> None:
    old, new = downtime("10:00", "12:00", CE), downtime("10:00", "12:00", SE)
    event = DowntimesChanged("feed", Difference(edited=(new,)), {old.key: old})
    after, touched, _ = fold(state(CE, SE, downtimes=[old]), event, NOON)
    assert touched == {CE.key, SE.key}
    assert (len(after.evidence[CE.key.name]), len(after.evidence[SE.key.name])) == (0, 1)


def test_what_is_withdrawn_is_no_evidence_any_more() -> None:
    old = downtime("10:00", "12:00", CE)
    event = DowntimesChanged("feed", Difference(withdrawn=(old.key,)), {old.key: old})
    after, touched, learnt = fold(state(CE, downtimes=[old]), event, NOON)
    assert not after.evidence[CE.key.name]
    assert touched == {CE.key}
    assert learnt == (WithdrawDowntime(old.key),)


def test_a_downtime_of_what_is_not_in_the_inventory_is_known_for_later() -> None:
    new = downtime("10:00", "12:00", SE)
    after, touched, _ = fold(state(CE), DowntimesChanged("feed", Difference(added=(new,))), NOON)
    assert (SE.key.name in after.evidence, touched) == (True, frozenset())


@pytest.mark.parametrize(
    ("before", "new", "touched"),
    [
        ([], coverage(valid_until="13:00"), {CE.key, SE.key}),
        ([], coverage(valid_until="13:00", inventories=["other"]), {SE.key}),
        ([coverage(valid_until="12:30")], coverage(valid_until="13:00"), set()),
        ([coverage(valid_until="11:00")], coverage(valid_until="13:00"), {CE.key, SE.key}),
        ([coverage("another", valid_until="12:30")], coverage(valid_until="13:00"), {CE.key, SE.key}),
        ([coverage(valid_until="14:00")], coverage(valid_until="13:00"), {CE.key, SE.key}),
        ([coverage(inventories=["inventory"])], coverage(inventories=["other"]), {CE.key, SE.key}),
    ],
    ids=["first", "of some", "renewed", "lost and found", "of another source", "shortened", "of others than before"],
)
def test_an_answer_concerns_the_elements_about_which_silence_says_something_else(
    before: list[Coverage], new: Coverage, touched: set[ElementKey]
) -> None:
    event = DowntimesChanged("feed", Difference(), coverage=new)
    after, concerned, learnt = fold(state(CE, SE, covered_by=before), event, NOON)
    assert concerned == touched
    assert learnt == (SaveCoverage(new),)
    assert after.coverage["feed", "downtime"] == new


# --- Policies and time


def test_other_policies_concern_everything_that_there_is() -> None:
    made = policies()
    after, touched, _ = fold(state(CE, SE), PoliciesLoaded(made), NOON)
    assert after.policies is made
    assert touched == {CE.key, SE.key}


def test_time_passes_for_the_elements_named_or_for_all() -> None:
    before = state(CE, SE)
    some = frozenset({CE.key, element("gone").key})
    assert fold(before, TimePassed(), NOON) == (before, frozenset({CE.key, SE.key}), ())
    assert fold(before, TimePassed(some), NOON) == (before, frozenset({CE.key}), ())


# --- People


def test_a_person_sets_a_status_and_takes_the_row_out_of_the_loop() -> None:
    set_ = kept(folded(state(CE, rows=[row(CE)]), set_to(Status.BANNED, KEY)))
    token = CUSTOM.token("operator", Term(moment("14:00")), NOON)
    assert (set_.status, set_.standing.since, set_.token) == (Status.BANNED, NOON, token)
    (reason,) = set_.reasons
    assert (reason.kind, reason.text, reason.source) == (ReasonKind.PERSON, "Smoke.", "operator")
    assert (reason.since, reason.until) == (NOON, moment("14:00"))


def test_the_first_status_of_a_vo_goes_on_from_that_of_all() -> None:
    owing = row(CE, Status.PROBING, owes_probing=True)
    after = folded(state(CE, rows=[owing]), set_to(Status.UNKNOWN, CMS))
    assert kept(after, CMS).standing.owes_probing
    assert kept(after) == owing


def test_a_vos_own_row_goes_on_from_what_it_was_itself() -> None:
    owing = row(CE, Status.PROBING, vo="cms", owes_probing=True)
    assert kept(folded(state(CE, rows=[row(CE), owing]), set_to(Status.UNKNOWN, CMS)), CMS).standing.owes_probing


def test_only_a_row_of_all_can_bind() -> None:
    after = folded(state(CE, rows=[row(CE)]), set_to(Status.BANNED, KEY, CMS, binding=True))
    assert kept(after).binding
    assert not kept(after, CMS).binding
    assert not kept(folded(after, set_to(Status.BANNED, KEY))).binding


def test_a_status_can_be_set_before_anything_was_evaluated() -> None:
    assert kept(folded(state(CE), set_to(Status.BANNED, CMS)), CMS).status is Status.BANNED


def test_a_row_that_changed_since_it_was_seen_is_not_overwritten() -> None:
    before = state(CE, rows=[row(CE, revision=5)])
    with pytest.raises(StaleWrite, match=r"changed in revision 5 .it is Active now. after you saw it in revision 4"):
        fold(before, set_to(Status.BANNED, KEY, seen=4), NOON)
    assert kept(folded(before, set_to(Status.BANNED, KEY, seen=5))).status is Status.BANNED


def test_a_vo_without_a_row_saw_that_of_all() -> None:
    with pytest.raises(StaleWrite):
        fold(state(CE, rows=[row(CE, revision=5)]), set_to(Status.ACTIVE, CMS, seen=4), NOON)


def test_a_row_that_is_given_back_has_no_token_and_binds_nobody() -> None:
    held = row(CE, Status.BANNED, token=Token("olga", None), binding=True)
    after = kept(folded(state(CE, rows=[held]), TokenReleased(OPERATOR, (KEY,))))
    assert (after.token, after.binding, after.status) == (None, False, Status.BANNED)


@pytest.mark.parametrize("key", [KEY, CMS])
def test_giving_back_what_nobody_holds_changes_nothing(key: RowKey) -> None:
    before = state(CE, rows=[row(CE)])
    assert folded(before, TokenReleased(OPERATOR, (key,))) == before


@pytest.mark.parametrize("event", [set_to(Status.BANNED, CMS), TokenReleased(OPERATOR, (CMS,))])
def test_a_row_of_an_unknown_element_is_refused(event: Event) -> None:
    with pytest.raises(NotKnown, match=r"no ComputingElement called 'ce'. Did you mean 'ce2'"):
        fold(state(element("ce2"), element("other")), event, NOON)


@pytest.mark.parametrize("event", [set_to(Status.BANNED, CMS), TokenReleased(OPERATOR, (CMS,))])
def test_a_row_of_a_status_type_that_is_not_declared_is_refused(event: Event) -> None:
    types = state().types.with_types(ElementType("ComputingElement", status_types=("running", "submitting")))
    with pytest.raises(NotKnown, match="no status type of ComputingElement called 'all'"):
        fold(state(CE, types=types), event, NOON)


# --- Other names, and VOs that come and go


def test_the_rows_of_what_is_renamed_go_on_under_the_new_name() -> None:
    new, was = element("new"), row(CE, Status.BANNED)
    event = InventoryChanged("inventory", (new,), (), (CE.key,), {new.key: CE.key})
    after, _, learnt = fold(state(CE, rows=[was]), event, NOON)
    assert CE.key not in after.rows
    assert kept(after, KEY._replace(element=new.key)).standing == was.standing
    assert learnt == (SaveElement(new), TakeOutElement(CE.key), NoteRenaming(CE.key, new.key))


def test_a_vo_that_leaves_takes_its_rows_with_it() -> None:
    before = state(CE, rows=[row(CE), row(CE, Status.BANNED, vo="cms")])
    after, touched, learnt = fold(before, VosChanged(retired=frozenset({"cms"})), NOON)
    assert (after.vos, list(after.rows[CE.key])) == (frozenset(), [(WHOLE, ALL)])
    assert (list(touched), learnt) == ([CE.key], (RetireVo("cms"),))


def test_a_vo_that_leaves_takes_its_rows_of_what_was_taken_out_too() -> None:
    before = state(rows=[row(CE), row(CE, Status.BANNED, vo="cms")])
    after, instructions = step(before, VosChanged(retired=frozenset({"cms"})), NOON)
    assert list(after.rows[CE.key]) == [(WHOLE, ALL)]
    assert [i.row.key for i in instructions if isinstance(i, EndRow)] == [CMS]


def test_a_vo_that_comes_is_told_of() -> None:
    after, touched, learnt = fold(state(CE), VosChanged(added=frozenset({"atlas"})), NOON)
    assert (sorted(after.vos), list(touched), learnt) == (["atlas", "cms"], [CE.key], (SaveVo("atlas"),))


def test_no_row_can_be_set_for_a_vo_that_does_not_exist() -> None:
    with pytest.raises(NotKnown, match="There is no VO called 'ligo'"):
        folded(state(CE), set_to(Status.BANNED, KEY._replace(vo="ligo")))

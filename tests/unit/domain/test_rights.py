from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.rights import Action, Grant, Role, allowed, needed
from gridmask.domain.vo import ALL

VOS = ("atlas", "cms", ALL)
grants = st.builds(Grant, st.sampled_from(Role), st.sampled_from(VOS)).filter(lambda grant: grant.makes_sense)
actions, vos = st.sampled_from(Action), st.sampled_from(VOS)

MAY = {
    Role.READER: {Action.READ},
    Role.REPORTER: {Action.REPORT_EVIDENCE, Action.REPLACE_EVIDENCE},
    Role.AUTHOR: {Action.READ, Action.CHECK_POLICIES, Action.PUT_POLICIES},
    Role.OPERATOR: {
        Action.READ,
        Action.READ_AUDIT,
        Action.REPORT_EVIDENCE,
        Action.REPLACE_EVIDENCE,
        Action.SET_STATUSES,
        Action.HOLD_ROWS,
        Action.RULE_AUTOMATION,
        Action.DECLARE_DOWNTIMES,
        Action.CANCEL_DOWNTIMES,
        Action.CONFIRM_HELD,
        Action.DROP_HELD,
    },
}


@pytest.mark.parametrize("role", MAY)
def test_a_role_for_a_vo_is_enough_for_this_and_nothing_else(role: Role) -> None:
    assert {action for action in Action if Grant(role, "cms").allows(action, "cms")} == MAY[role]


@given(grants, actions, vos)
def test_only_who_reads_reports_or_administers_for_all_reaches_other_vos(grant: Grant, action: Action, vo: str) -> None:
    if grant.allows(action, vo) and grant.vo != vo:
        assert grant.vo == ALL
        assert grant.role is Role.ADMINISTRATOR or action.role in {Role.READER, Role.REPORTER}


@given(grants, actions)
def test_what_belongs_to_all_is_changed_by_administrators_alone(grant: Grant, action: Action) -> None:
    if grant.allows(action, ALL) and action.role not in {Role.READER, Role.REPORTER}:
        assert grant.role is Role.ADMINISTRATOR


@given(st.sets(grants), grants, actions, vos)
def test_one_more_grant_takes_nothing_away(some: set[Grant], more: Grant, action: Action, vo: str) -> None:
    assert allowed({*some, more}, action, vo) >= allowed(some, action, vo)


@given(actions, vos)
def test_nothing_is_allowed_without_a_grant(action: Action, vo: str) -> None:
    assert not allowed((), action, vo)


def test_who_may_is_told_in_words() -> None:
    assert needed(Action.PUT_POLICIES, "cms") == "an author of cms"
    assert needed(Action.READ, ALL) == "a reader of all"
    assert needed(Action.ADD_VOS, "cms") == needed(Action.SET_STATUSES, ALL) == "an administrator of the installation"

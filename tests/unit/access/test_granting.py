from __future__ import annotations

import re
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.access.granting import LONGEST_VALUE, MOST_STARS, GrantRule, granted, stood_for
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import ALL, VoRegistry

VOS = VoRegistry(frozenset({"atlas", "cms"}), {"uscms": "cms"})
OPERATOR_OF_CMS = frozenset({Grant(Role.OPERATOR, "cms")})


def rule(role: Role = Role.OPERATOR, vo: str = "cms", /, **when: str | tuple[str, ...]) -> GrantRule:
    patterns = {claim.replace("__", "."): (some,) if isinstance(some, str) else some for claim, some in when.items()}
    return GrantRule(role, vo, patterns)


GROUPS = rule(wlcg__groups="/cms/ops*")


@pytest.mark.parametrize(
    ("one", "claims"),
    [
        (GROUPS, {"wlcg.groups": ["/cms", "/cms/ops/shifters"]}),
        (rule(scope="gridmask.operate"), {"scope": "openid gridmask.operate profile"}),
        (rule(scope="openid profile"), {"scope": "openid profile"}),
        (
            rule(Role.OPERATOR, "{vo}", dirac_properties="SiteManager"),
            {"vo": "cms", "dirac_properties": ["NormalUser", "SiteManager"]},
        ),
        (rule(Role.OPERATOR, "{vo}", dirac_properties="SiteManager"), {"vo": "USCMS", "dirac_properties": ["SiteManager"]}),
        (
            rule(Role.OPERATOR, "{1}", eduperson_entitlement="urn:mace:egi.eu:group:*:role=operator#*"),
            {"eduperson_entitlement": ["urn:mace:egi.eu:group:cms:role=operator#aai.egi.eu"]},
        ),
        (rule(), {}),
        (rule(a="x", b=("y", "z")), {"a": "x", "b": "z"}),
    ],
)
def test_what_a_token_says_grants_a_role(one: GrantRule, claims: dict[str, Any]) -> None:
    assert granted([one], claims, VOS) == OPERATOR_OF_CMS


@pytest.mark.parametrize(
    ("one", "claims"),
    [
        (GROUPS, {}),
        (GROUPS, {"wlcg.groups": ["/cmsx/ops", "x/cms/ops"]}),
        (GROUPS, {"wlcg.groups": {"/cms/ops": True}}),
        (GROUPS, {"wlcg.groups": [["/cms/ops"], None, 7]}),
        (GROUPS, {"wlcg.groups": ["/cms/ops" + "x" * LONGEST_VALUE]}),
        (rule(Role.OPERATOR, "{vo}"), {}),
        (rule(Role.OPERATOR, "{vo}"), {"vo": "nobody"}),
        (rule(Role.OPERATOR, "{1}", group="*:ops"), {"group": "cms:atlas:ops"}),
        (rule(a="x", b="y"), {"a": "x", "b": "z"}),
        (rule(scope="gridmask.operate"), {"scope": "gridmask.operate.not"}),
    ],
)
def test_what_does_not_agree_grants_nothing(one: GrantRule, claims: dict[str, Any]) -> None:
    assert granted([one], claims, VOS) == frozenset()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("said", ["all", "ALL", " all "])
def test_no_claim_can_make_somebody_anything_of_all(role: Role, said: str) -> None:
    assert granted([rule(role, "{vo}"), rule(role, "{1}", vo="*")], {"vo": said}, VOS) == frozenset()


def test_what_a_claim_says_is_not_read_as_a_template() -> None:
    assert granted([rule(Role.OPERATOR, "{a}")], {"a": "{b}", "b": "cms"}, VOS) == frozenset()


def test_several_values_grant_a_role_for_each() -> None:
    grants = granted([rule(Role.READER, "{1}", groups="/*/members")], {"groups": ["/cms/members", "/atlas/members"]}, VOS)
    assert grants == {Grant(Role.READER, "cms"), Grant(Role.READER, "atlas")}


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (rule(Role.OPERATOR, "{1}"), "stands for nothing"),
        (rule(Role.OPERATOR, "{2}", group="/*/ops"), "stands for nothing"),
        (rule(Role.OPERATOR, "{1}", a="*", b="*"), "stands for nothing"),
        (rule(Role.OPERATOR, "{1}", a=("/*/x", "plain")), "stands for nothing"),
        (rule(a="*a*b*c*"), "more than 3 stars"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(one: GrantRule, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        one.check()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda some: st.lists(some, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["vo", "wlcg.groups", "x"]), ANYTHING))
def test_claims_of_any_shape_make_nobody_more_than_the_rules_say(claims: dict[str, Any]) -> None:
    rules = [GROUPS, rule(Role.READER, "{vo}"), rule(Role.AUTHOR, "{1}", x="*")]
    for grant in granted(rules, claims, VOS):
        assert grant.vo in {"cms", "atlas"} - {ALL}
        assert grant.role is not Role.ADMINISTRATOR


@given(st.text("ab*", max_size=8).filter(lambda pattern: pattern.count("*") <= MOST_STARS), st.text("ab\n", max_size=12))
def test_stars_stand_for_what_a_regular_expression_finds(pattern: str, value: str) -> None:
    match = re.fullmatch("(.*)".join(map(re.escape, pattern.split("*"))), value, re.DOTALL)
    assert stood_for(pattern, value) == (match.groups() if match else None)


def test_what_others_wrote_is_looked_through_in_no_time() -> None:
    began = process_time()
    for _ in range(100):
        assert stood_for("*x*x*x", "x" * (LONGEST_VALUE - 1) + "y") is None
        assert stood_for("*x*x*y", "x" * (LONGEST_VALUE - 1) + "y") is not None
    assert process_time() - began < 0.5

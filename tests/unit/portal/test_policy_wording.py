"""What is in policies, as the pages write it."""

from __future__ import annotations

import pytest

from gridmask.domain.confirmation import Confirmation, Quorum
from gridmask.domain.matching import Match
from gridmask.domain.policy import Policy
from gridmask.policies import files
from gridmask.portal.policies.wording import Parameter, confirmation, matching, parameters, state_of, toml

STATES = ((False, True), (True, True), (True, False))

DOCUMENT = {"all": {"policy": {"dt": {"type": "downtime", "arguments": {"lead": {"WriteAccess": "12h"}}}}}}
POLICY = files.compiled(DOCUMENT, {"all": "all.toml"}).policies[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true"),
        (3, "3"),
        ('a"b', '"a\\"b"'),
        (["x", 1], '["x", 1]'),
        ({"WriteAccess": "12h", "other key": 1}, '{ WriteAccess = "12h", "other key" = 1 }'),
        ({}, "{}"),
    ],
)
def test_values_are_written_as_in_a_policy_file(value: object, said: str) -> None:
    assert toml(value) == said


def test_what_was_written_comes_before_what_is_as_it_always_is() -> None:
    found = parameters(POLICY, DOCUMENT)
    assert (found[0].name, found[0].value, found[0].is_default) == ("lead", '{ WriteAccess = "12h" }', False)
    assert {"after", "warning"} <= {one.name for one in found[1:] if one.is_default}
    assert all(one.meaning for one in found)


def test_a_long_value_is_cut_in_a_list() -> None:
    assert Parameter("a", "x" * 100).brief == f"{'x' * 60}…"


def test_patterns_are_told_in_words() -> None:
    assert matching(Policy("p", POLICY.rule, Match((("tags", ("!tape", "disk")),)))) == [("tags", "not tape or disk")]


def test_a_policy_is_on_advisory_or_off() -> None:
    made = [Policy("p", POLICY.rule, advisory=advisory, enabled=enabled) for advisory, enabled in STATES]
    assert [state_of(one) for one in made] == ["on", "advisory", "off"]


def test_what_it_takes_to_change_a_verdict_is_told_where_it_is_more_than_one_check() -> None:
    assert list(confirmation(Policy("p", POLICY.rule))) == []
    slow = Policy("p", POLICY.rule, confirm=Confirmation(Quorum(2, 3)))
    assert list(confirmation(slow)) == ["2 of 3 to get worse"]

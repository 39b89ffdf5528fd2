from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.policy_import.catalogue import KINDS
from gridmask.policy_import.report import Outcome
from tests.resource_status import RESOURCE, brought_in, entry, loaded, of_policies, remarks

if TYPE_CHECKING:
    from pathlib import Path

# --- What is a policy


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_imported_by_its_name_and_by_its_type(kind: str) -> None:
    made = of_policies({kind: RESOURCE, "other": {"policyType": kind, **RESOURCE}})
    assert made.tables["other"]["type"] == KINDS[kind].rule
    assert made.tables[kind] == made.tables["other"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_of_every_type_can_be_put_in_force(kind: str, tmp_path: Path) -> None:
    found = loaded(brought_in({"Policies": {"one": {"policyType": kind, **RESOURCE}}}), tmp_path)
    assert [policy.name for policy in found.effective("all")] == ["one"]


def test_a_policy_type_goes_before_the_name_of_the_section() -> None:
    made = of_policies({"DTOngoing": {"policyType": "AlwaysBanned", **RESOURCE}})
    assert made.tables["DTOngoing"]["type"] == "always"


def test_an_unknown_type_is_skipped_and_told_as_dirac_did_not() -> None:
    made = of_policies({"Mine": {"policyType": "alwaysbanned", **RESOURCE}, "SAMResource": RESOURCE})
    assert made.tables == {}
    assert [entry(made, name).outcome for name in ("Mine", "SAMResource")] == [Outcome.NOTHING] * 2
    assert "Did somebody mean 'AlwaysBanned'?" in remarks(made, "Mine")
    assert entry(made, "SAMResource").needs_review


@pytest.mark.parametrize(
    "section", [{}, {"policyType": "DTOngoing"}, {"policyType": "DTOngoing", "hours": "1"}, {"comment": "x"}]
)
def test_a_policy_without_match_parameters_is_about_everything_and_needs_review(section: dict[str, str]) -> None:
    made = of_policies({"DTOngoing": section})
    assert "match" not in made.tables["DTOngoing"]
    assert "about everything" in remarks(made, "DTOngoing")


def test_arguments_of_a_released_type_may_be_meant_as_a_policy() -> None:
    made = of_policies({"FreeDiskSpaceTB": {"Banned_threshold": "1"}})
    assert entry(made, "FreeDiskSpaceTB").outcome is Outcome.ARGUMENTS
    assert "Released versions of DIRAC take this for a policy about everything" in remarks(made, "FreeDiskSpaceTB")


def test_an_option_among_policies_is_told() -> None:
    assert entry(of_policies({"DTOngoing": "yes"}), "DTOngoing").outcome is Outcome.NOTHING


# --- Switches


@pytest.mark.parametrize("value", ["", "True", "no"])
def test_a_result_that_is_not_combined_is_advisory_whatever_the_value(value: str) -> None:
    made = of_policies({"DTOngoing": {"doNotCombineResult": value, **RESOURCE}})
    assert made.tables["DTOngoing"]["advisory"] is True
    assert entry(made, "DTOngoing").needs_review is (value == "no")


def test_a_policy_that_is_not_active_is_switched_off() -> None:
    made = of_policies({"DTOngoing": {"matchParams": {"element": "Resource", "active": "InActive"}}})
    assert made.tables["DTOngoing"]["enabled"] is False
    assert entry(made, "DTOngoing").outcome is Outcome.OFF


def test_active_beside_the_match_parameters_is_heeded_as_newer_grammar_has_it() -> None:
    made = of_policies({"DTOngoing": {"active": "No", **RESOURCE}})
    assert made.tables["DTOngoing"]["enabled"] is False
    assert "Released versions of DIRAC heed that within matchParams only" in remarks(made, "DTOngoing")


# --- Arguments


@pytest.mark.parametrize(("unit", "written"), [("TB", "TiB"), ("GB", "GiB"), ("MB", "MiB")])
def test_space_is_in_the_binary_units_that_dirac_means(unit: str, written: str) -> None:
    made = of_policies({f"FreeDiskSpace{unit}": RESOURCE})
    assert made.tables[f"FreeDiskSpace{unit}"]["arguments"] == {
        "banned_below": f"0.1 {written}",
        "degraded_below": f"5 {written}",
    }
    assert "gave Error for every storage" in remarks(made, f"FreeDiskSpace{unit}")


def test_thresholds_in_megabytes_need_review() -> None:
    assert entry(of_policies({"FreeDiskSpaceMB": RESOURCE}), "FreeDiskSpaceMB").needs_review


def test_free_space_that_is_about_nothing_is_about_writing_to_storage() -> None:
    made = of_policies({"Space": {"policyType": "FreeDiskSpace"}})
    assert made.tables["Space"]["match"] == {
        "family": ["Resource"],
        "type": ["StorageElement"],
        "status_type": ["WriteAccess"],
    }


def test_the_names_of_arguments_have_no_case() -> None:
    made = of_policies({"Downtime": {"HOURS": "2.5", **RESOURCE}})
    assert made.tables["Downtime"]["arguments"] == {"lead": {"default": "2.5h"}}


@pytest.mark.parametrize(
    "arguments",
    [
        {"Unit": "parsecs"},
        {"Banned_threshold": "much"},
        {"Banned_threshold": "-1"},
        {"Banned_threshold": "nan"},
        {"Degraded_threshold": "1e300"},
        {"Banned_threshold": "6"},
        {"Banned_fraction": "2", "Degraded_fraction": "3"},
        {"Banned_fraction": "0.5"},
    ],
)
def test_arguments_that_make_no_sense_switch_the_policy_off(arguments: dict[str, str]) -> None:
    made = of_policies({"Space": {"policyType": "FreeDiskSpace", **arguments, **RESOURCE}})
    assert made.tables["Space"]["enabled"] is False
    assert "switched off" in remarks(made, "Space")
    assert entry(made, "Space").needs_review


def test_what_is_no_argument_is_told() -> None:
    made = of_policies({"DTOngoing": {"colour": "red", "configParams": {}, "notes": {}, **RESOURCE}})
    assert "'colour': no argument of this type" in remarks(made, "DTOngoing")
    assert "the section 'configParams'" in remarks(made, "DTOngoing")
    assert "the section 'notes'" in remarks(made, "DTOngoing")


def test_arguments_that_released_versions_pass_over_need_review() -> None:
    made = of_policies({"DTScheduled1": {"hours": "6", **RESOURCE}})
    assert made.tables["DTScheduled1"]["arguments"] == {"lead": {"default": "6h"}}
    assert "Released versions of DIRAC pass over the arguments here, and have hours = 1." in remarks(made, "DTScheduled1")


def test_match_parameters_that_are_no_section_are_told() -> None:
    made = of_policies({"DTOngoing": {"matchParams": "element"}})
    assert "matchParams is an option here" in remarks(made, "DTOngoing")


@pytest.mark.parametrize("kind", ["JobDoneRatio", "JobEfficiency", "JobRunningMatchedRatio", "JobRunningWaitingRatio"])
def test_rules_that_were_dead_in_dirac_are_told(kind: str) -> None:
    assert "no effect in DIRAC: DIRAC's policies on jobs never got the counts" in remarks(of_policies({kind: RESOURCE}), kind)


# --- Names


@pytest.mark.parametrize("name", ["with spaces", "dotted.name", 'qu"oted', "back\\slash", "Grüße", "a#1", "a]b"])
def test_a_name_stays_whatever_it_is(name: str, tmp_path: Path) -> None:
    found = loaded(brought_in({"Policies": {name: {"policyType": "AlwaysBanned", **RESOURCE}}}), tmp_path)
    assert [policy.name for policy in found.effective("all")] == [name]


@pytest.mark.parametrize("name", ["tab\tbed", "x" * 300, "del\x7f", "line\u2028end"])
def test_a_name_that_nobody_could_type_is_another_here(name: str, tmp_path: Path) -> None:
    made = brought_in({"Policies": {name: {"policyType": "AlwaysBanned", **RESOURCE}}})
    (policy,) = loaded(made, tmp_path).effective("all")
    assert policy.name.isprintable()
    assert len(policy.name) <= 120
    assert "It is called" in "".join(remark.text for one in made.all_entries for remark in one.remarks)


def test_names_that_only_become_alike_stay_apart() -> None:
    made = of_policies({name: {"policyType": "AlwaysBanned", **RESOURCE} for name in ("a\tb", "a\x7fb")})
    assert len(made.tables) == 3


def test_a_policy_called_as_gridmasks_own_replaces_it() -> None:
    made = of_policies({"declared-downtimes": {"policyType": "DTScheduled3", **RESOURCE}})
    assert list(made.tables) == ["declared-downtimes"]
    assert made.tables["declared-downtimes"]["arguments"] == {"lead": {"default": "3h"}}

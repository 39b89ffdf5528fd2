from __future__ import annotations

import pytest

from gridmask.policy_import.report import Outcome
from tests.resource_status import RESOURCE, entry, of_policies, remarks


def on(**parameters: str) -> dict[str, dict[str, str]]:
    return {"matchParams": parameters}


# --- Downtimes on condition of a status


def test_several_that_look_after_a_ban_are_absorbed_by_the_one_that_looks_ahead() -> None:
    made = of_policies(
        {"DTScheduled": on(status="Active"), "DTOngoing": on(status="Banned"), "DTScheduled1": on(status="Banned")}
    )
    assert made.tables.keys() == {"DTScheduled", "declared-downtimes"}
    assert "match" not in made.tables["DTScheduled"]


@pytest.mark.parametrize(
    "other",
    [
        on(status="Banned", element="Site"),  # of other rows
        on(status="Degraded"),  # not after a ban
        on(status="Banned", active="No"),
        {**on(status="Banned"), "doNotCombineResult": ""},
        {"hours": "5", **on(status="Banned")},  # looks further ahead
    ],
)
def test_those_that_do_not_belong_together_stay_as_they_are_and_need_review(other: dict[str, dict[str, str]]) -> None:
    made = of_policies({"DTScheduled3": on(status="Active"), "DTOngoing": other})
    assert made.tables["DTScheduled3"]["match"] == {"status": ["Active"]}
    assert "DTOngoing" in made.tables
    assert "it can contradict itself" in remarks(made, "DTScheduled3")


def test_conditions_on_a_status_are_left_to_other_rules() -> None:
    made = of_policies({"AlwaysBanned": on(status="Banned"), "AlwaysProbing": on(status="Active")})
    assert made.tables["AlwaysBanned"]["match"] == {"status": ["Banned"]}
    assert not entry(made, "AlwaysBanned").needs_review


# --- Free space in several units


def test_of_free_space_in_several_units_the_smallest_unit_decides() -> None:
    made = of_policies({f"FreeDiskSpace{unit}": RESOURCE for unit in ("TB", "GB", "MB")})
    outcomes = {unit: entry(made, f"FreeDiskSpace{unit}").outcome for unit in ("TB", "GB", "MB")}
    assert outcomes == {"TB": Outcome.OFF, "GB": Outcome.OFF, "MB": Outcome.POLICY}
    assert "'FreeDiskSpaceMB' goes before it in DIRAC" in remarks(made, "FreeDiskSpaceTB")


def test_the_larger_unit_stays_where_the_smaller_does_not_apply() -> None:
    made = of_policies({"FreeDiskSpaceTB": on(name="A*"), "FreeDiskSpaceGB": on(name="B*, C1")})
    assert not entry(made, "FreeDiskSpaceTB").needs_review
    assert "enabled" not in made.tables["FreeDiskSpaceTB"]


@pytest.mark.parametrize(
    ("wide", "narrow"), [({}, {"name": "A"}), ({"name": "*"}, {"name": "A*"}), ({"name": "A,B"}, {"name": "B"})]
)
def test_a_unit_that_always_comes_second_is_switched_off(wide: dict[str, str], narrow: dict[str, str]) -> None:
    made = of_policies({"FreeDiskSpaceGB": on(**wide), "FreeDiskSpaceTB": on(**narrow)})
    assert made.tables["FreeDiskSpaceTB"]["enabled"] is False


@pytest.mark.parametrize(("first", "second"), [("A*", "*B"), ("A1", "A*"), ("A1,B", "A1,C")])
def test_units_that_meet_on_some_rows_need_review(first: str, second: str) -> None:
    made = of_policies({"FreeDiskSpaceGB": on(name=first), "FreeDiskSpaceTB": on(name=second)})
    assert "enabled" not in made.tables["FreeDiskSpaceTB"]
    assert "Where 'FreeDiskSpaceGB' applies as well" in remarks(made, "FreeDiskSpaceTB")


def test_free_space_by_other_names_has_no_precedence() -> None:
    made = of_policies({"small": {"policyType": "FreeDiskSpaceMB", **RESOURCE}, "FreeDiskSpaceTB": RESOURCE})
    assert "enabled" not in made.tables["FreeDiskSpaceTB"]


# --- Several policies of one type


def test_of_a_newer_type_the_more_special_does_not_win_here_and_that_is_told() -> None:
    special = {"policyType": "FreeDiskSpace", **on(name="LogSE")}
    made = of_policies({"all": {"policyType": "FreeDiskSpace", **on(name="*")}, "special": special})
    assert "the more restrictive one decides here" in remarks(made, "special")
    assert "the more restrictive one decides here" in remarks(made, "all")


def test_of_a_released_type_all_policies_count_in_dirac_as_well() -> None:
    made = of_policies({"DTOngoing": on(name="LogSE"), "other": {"policyType": "DTOngoing", **on(name="*")}})
    assert not entry(made, "other").needs_review


def test_of_many_policies_that_meet_a_few_are_named() -> None:
    made = of_policies({f"P{number}": {"policyType": "FreeDiskSpace", **on(name="*")} for number in range(20)})
    assert "'P5' or 14 more applies as well" in remarks(made, "P0")

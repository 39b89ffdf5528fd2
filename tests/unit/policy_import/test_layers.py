from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidRequest, MalformedAnswer, NotKnown
from gridmask.policy_import.report import Outcome
from tests.resource_status import RESOURCE, SITE, brought_in, entry, loaded, operations, remarks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.resource_status import Told

DT = {"DTOngoing": RESOURCE}


def status(policies: Told) -> Told:
    return {"ResourceStatus": {"Policies": policies}}


# --- Where they are


def test_the_installation_and_each_vo_have_a_layer() -> None:
    made = brought_in(operations(Defaults=DT, lhcb={"AlwaysBanned": SITE}, ILC={"AlwaysActive": SITE}))
    assert [(layer.vo, layer.file, layer.paths) for layer in made.layers] == [
        ("all", "all.toml", ("Operations/Defaults/ResourceStatus",)),
        ("lhcb", "vo/lhcb.toml", ("Operations/lhcb/ResourceStatus",)),
        ("ilc", "vo/ilc.toml", ("Operations/ILC/ResourceStatus",)),
    ]


@pytest.mark.parametrize("told", [{"ResourceStatus": {"Policies": DT}}, {"Policies": DT}, {"Policies": DT, "Unrelated": {}}])
def test_a_section_alone_is_the_installations_unless_a_vo_is_named(told: Told) -> None:
    assert [layer.vo for layer in brought_in(told).layers] == ["all"]
    assert [layer.vo for layer in brought_in(told, "lhcb").layers] == ["lhcb"]


def test_a_section_alone_cannot_be_two_vos() -> None:
    with pytest.raises(InvalidRequest, match="does not say whose it is"):
        brought_in({"Policies": DT}, "lhcb", "ilc")


@pytest.mark.parametrize("told", [{}, {"Operations": {}}, {"Operations": {"lhcb": {"Pilot": {}}}}, {"Systems": status(DT)}])
def test_a_file_without_any_of_it_is_refused_with_what_it_should_have(told: Told) -> None:
    with pytest.raises(InvalidRequest, match=r"dirac.cfg: there is no section Operations/Defaults/ResourceStatus"):
        brought_in(told)


@pytest.mark.parametrize(
    "told", [{"Operations": "x"}, {"ResourceStatus": {"Policies": "x"}}, {"ResourceStatus": {"Policies": {}, "Config": "x"}}]
)
def test_an_option_in_place_of_a_section_is_refused_with_its_line(told: Told) -> None:
    with pytest.raises((MalformedAnswer, InvalidRequest)):
        brought_in(told)


def test_only_the_layers_that_are_wanted_come() -> None:
    told = operations(Defaults=DT, lhcb={"AlwaysBanned": SITE}, ilc={"AlwaysActive": SITE})
    assert [layer.vo for layer in brought_in(told, "ilc").layers] == ["ilc"]
    with pytest.raises(NotKnown, match=r"'lhcn'.* Did you mean 'lhcb'"):
        brought_in(told, "lhcn")


@pytest.mark.parametrize("name", ["all", "ALL", "two words", "-x"])
def test_a_section_that_can_be_no_vos_is_told(name: str) -> None:
    made = brought_in(operations(**{"Defaults": DT, name: DT}))
    assert [layer.vo for layer in made.layers] == ["all"]
    assert entry(made, name).outcome is Outcome.NOTHING
    assert entry(made, name).needs_review


def test_of_two_sections_of_one_vo_the_second_is_told() -> None:
    made = brought_in(operations(lhcb=DT, LHCb={"AlwaysBanned": SITE}))
    assert [list(layer.tables) for layer in made.layers] == [["DTOngoing"]]
    assert "it is lhcb's, as is Operations/lhcb/ResourceStatus" in remarks(made, "LHCb")


# --- Setups


def test_an_old_setup_is_over_the_defaults() -> None:
    told = {
        "DIRAC": {"Setup": "Prod", "Setups": {"Prod": {}, "Test": {}}},
        **operations(Defaults=DT, Prod={"AlwaysActive": SITE}, Test={"AlwaysBanned": SITE}),
    }
    made = brought_in(told)
    assert made.layers[0].tables.keys() == {"DTOngoing", "AlwaysActive", "declared-downtimes"}
    assert "another setup's" in remarks(made, "Test")
    assert "AlwaysBanned" in brought_in(told, setup="Test").layers[0].tables


def test_an_old_setup_below_a_vo_is_over_its_defaults() -> None:
    told = {
        "Operations": {
            "Defaults": status(DT),
            "lhcb": {"Defaults": status({"AlwaysActive": SITE}), "Prod": status({"AlwaysBanned": SITE})},
        }
    }
    made = brought_in(told)
    assert made.layers[1].tables.keys() == {"AlwaysActive", "AlwaysBanned"}
    assert made.layers[1].paths == ("Operations/lhcb/Defaults/ResourceStatus", "Operations/lhcb/Prod/ResourceStatus")


def test_of_several_setups_one_has_to_be_named() -> None:
    told = {"Operations": {"lhcb": {"Prod": status(DT), "Test": status(DT)}}}
    with pytest.raises(InvalidRequest, match="several setups: Prod, Test"):
        brought_in(told)
    assert brought_in(told, setup="Test").layers[0].paths == ("Operations/lhcb/Test/ResourceStatus",)
    with pytest.raises(NotKnown):
        brought_in(told, setup="Tset")


# --- What a VO's layer says


def test_a_vo_replaces_options_and_its_file_has_the_whole_policy() -> None:
    made = brought_in(operations(Defaults=DT, lhcb={"DTOngoing": {"matchParams": {"name": "CERN-*"}}}))
    assert made.layers[1].tables == {
        "DTOngoing": {
            "type": "downtime",
            "match": {"family": ["Resource"], "name": ["CERN-*"]},
            "arguments": {"lead": {"default": "0h"}},
        }
    }
    assert "DIRAC's agents did not read this section" in remarks(made.layers[1], "DTOngoing")


def test_what_a_vo_says_just_as_the_installation_is_not_written() -> None:
    made = brought_in(operations(Defaults=DT, lhcb=DT))
    assert made.layers[1].tables == {}
    assert "The same as the installation's" in remarks(made.layers[1], "DTOngoing")


def test_a_vo_switches_off_for_itself() -> None:
    made = brought_in(operations(Defaults=DT, lhcb={"DTOngoing": {"matchParams": {"active": "No"}}}))
    assert made.layers[0].tables["DTOngoing"].get("enabled") is None
    assert made.layers[1].tables["DTOngoing"]["enabled"] is False


def test_a_vo_switches_on_what_the_installation_has_off(tmp_path: Path) -> None:
    off = {"DTOngoing": {"matchParams": {"active": "No"}, "doNotCombineResult": ""}}
    made = brought_in(operations(Defaults=off, lhcb={"DTOngoing": {"matchParams": {"active": "Active"}}}))
    found = loaded(made, tmp_path)
    assert [policy.name for policy in found.effective("all")] == []
    assert [(policy.name, policy.advisory) for policy in found.effective("lhcb")] == [("DTOngoing", True)]


def test_arguments_that_a_vo_gives_change_the_installations_policies_for_it() -> None:
    space = {"FreeDiskSpace": {"Unit": "GB"}, "Space": {"policyType": "FreeDiskSpace", **RESOURCE}}
    made = brought_in(operations(Defaults=space, lhcb={"FreeDiskSpace": {"Banned_fraction": "0", "Degraded_fraction": "0"}}))
    assert made.layers[1].tables["Space"]["arguments"] == {
        "banned_below": "0.1 GiB",
        "degraded_below": "5 GiB",
        "banned_below_fraction": 0.0,
        "degraded_below_fraction": 0.0,
    }
    assert [one.policy for one in made.layers[1].entries] == [None, "Space"]


def test_a_policy_that_takes_over_another_for_a_vo_alone_switches_that_off_for_it() -> None:
    ahead = {"DTScheduled1": {"matchParams": {"status": "Active"}}, "DTOngoing": {"matchParams": {"element": "Resource"}}}
    behind = {"DTScheduled1": {"matchParams": {"element": "Resource"}}, "DTOngoing": {"matchParams": {"status": "Banned"}}}
    made = brought_in(operations(Defaults=ahead, lhcb=behind))
    assert made.layers[1].tables["DTOngoing"] == {"enabled": False}


def test_names_that_differ_in_case_are_two_policies_and_told() -> None:
    mine = {"policyType": "AlwaysBanned", **SITE}
    made = brought_in(operations(Defaults={"Mine": mine}, lhcb={"mine": mine}))
    assert "names differ in case" in remarks(made.layers[1], "mine")


def test_without_an_installations_section_a_vo_has_its_own_alone() -> None:
    made = brought_in(operations(lhcb=DT))
    assert [(layer.vo, list(layer.tables)) for layer in made.layers] == [("lhcb", ["DTOngoing"])]


def test_a_vo_that_calls_a_policy_as_gridmask_calls_its_own_has_it(tmp_path: Path) -> None:
    made = brought_in(operations(Defaults=DT, lhcb={"declared-downtimes": {"policyType": "AlwaysBanned", **SITE}}))
    found = loaded(made, tmp_path)
    assert {policy.name for policy in found.effective("lhcb")} == {"DTOngoing", "declared-downtimes"}
    assert {policy.name for policy in found.effective("all")} == {"DTOngoing"}

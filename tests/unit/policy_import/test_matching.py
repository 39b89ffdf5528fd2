from __future__ import annotations

import pytest

from gridmask.policy_import.matching import Matched, matched
from gridmask.policy_import.report import Weight
from tests.resource_status import section


def of(vo: str = "all", /, **parameters: str) -> Matched:
    return matched(section(parameters), vo, as_meant=False)


def meant(**parameters: str) -> Matched:
    return matched(section(parameters), "all", as_meant=True)


def told(found: Matched) -> str:
    return "\n".join(f"{remark.weight}: {remark.text}" for remark in found.remarks)


# --- Keys that DIRAC heeds


def test_the_keys_of_dirac_have_other_names_here() -> None:
    found = of(element="Resource", elementType="FTS", name="fts*", statusType="all", status="Active")
    assert found.patterns == {
        "family": ("Resource",),
        "type": ("FTS",),
        "name": ("fts*",),
        "status_type": ("all",),
        "status": ("Active",),
    }
    assert (found.off, found.remarks) == (False, [])


def test_a_list_and_its_globs_stay() -> None:
    assert of(name="CERN-*, [A-M]?-disk,").patterns == {"name": ("CERN-*", "[A-M]?-disk")}


def test_a_value_that_describes_nothing_is_told_with_what_was_meant() -> None:
    found = of(elementType="StorageElements, FTS")
    assert found.patterns == {"type": ("StorageElements", "FTS")}
    assert "'StorageElements' describes nothing that DIRAC has. Did somebody mean 'StorageElement'?" in told(found)


@pytest.mark.parametrize(("key", "value"), [("element", "resource"), ("status", "active"), ("status", "Bad, Allowed")])
def test_what_only_could_describe_what_there_is_not_is_switched_off(key: str, value: str) -> None:
    found = of(**{key: value})
    assert (found.patterns, found.off) == ({}, True)
    assert "needs review" in told(found)


def test_what_also_describes_what_there_is_goes_on_with_that() -> None:
    found = of(status="Bad, Degraded")
    assert (found.patterns, found.off) == ({"status": ("Degraded",)}, False)


def test_a_key_without_a_value_never_applied() -> None:
    assert of(name="").off
    assert "never applied" in told(of(name=""))


def test_an_exclamation_mark_is_no_negation_in_dirac() -> None:
    assert of(name="!SE1, SE2").patterns == {"name": ("SE2",)}
    assert of(name="!SE1").off
    assert "no negation: name = '!SE1'" in told(of(name="!SE1"))


# --- VOs


@pytest.mark.parametrize("written", ["all", "*", "lhcb, all"])
def test_a_vo_that_describes_the_row_of_everyone_is_no_limit(written: str) -> None:
    assert (of(vO=written).patterns, of(vO=written).off) == ({}, False)


def test_a_vo_that_never_applied_in_dirac_applies_here_and_needs_review() -> None:
    found = of(vO="lhcb")
    assert found.patterns == {"vo": ("lhcb",)}
    assert "never applied there. Here it does" in told(found)
    assert "needs review" in told(found)


def test_a_vo_in_the_section_of_another_governs_nothing_and_is_told() -> None:
    assert "governs nothing" in told(of("ilc", vO="lhcb"))
    assert "governs nothing" not in told(of("lhcb", vO="LHCb"))


@pytest.mark.parametrize("name", ["VO", "vo", "Vo"])
def test_a_misspelt_vo_limits_nothing_as_in_dirac_and_that_is_told_aloud(name: str) -> None:
    found = of(**{name: "lhcb"})
    assert (found.patterns, found.off) == ({}, False)
    assert f"matchParams/{name} = 'lhcb': DIRAC passes over that" in told(found)
    assert "It may be meant as 'vO'" in told(found)
    assert "needs review" in told(found)


def test_a_misspelt_vo_limits_if_it_is_taken_as_meant() -> None:
    found = meant(VO="lhcb")
    assert found.patterns == {"vo": ("lhcb",)}
    assert [remark.weight for remark in found.remarks] == [Weight.DIFFERS]


def test_what_is_written_rightly_goes_before_what_was_meant() -> None:
    assert meant(VO="ilc", vO="lhcb").patterns == {"vo": ("lhcb",)}


# --- Other keys


@pytest.mark.parametrize(("name", "key"), [("elementtype", "type"), ("statusTypes", "status_type"), ("Name", "name")])
def test_a_misspelt_key_is_told_and_can_be_taken_as_meant(name: str, key: str) -> None:
    assert of(**{name: "all"}).patterns == {}
    assert key in meant(**{name: "all"}).patterns


def test_a_key_that_means_nothing_is_told_and_not_taken_for_anything() -> None:
    for found in (of(colour="red"), meant(colour="red")):
        assert found.patterns == {}
        assert [remark.weight for remark in found.remarks] == [Weight.NO_EFFECT]


def test_the_owner_who_owned_every_row_that_was_evaluated_is_no_limit() -> None:
    assert of(tokenOwner="rs_svc").patterns == {}
    assert of(tokenOwner="somebody").patterns == {"token_owner": ("somebody",)}


def test_what_depends_on_the_text_of_a_reason_is_switched_off() -> None:
    assert of(reason="*disk*").off
    assert "'*disk*'" in told(of(reason="*disk*"))
    assert not of(reason="*").off


@pytest.mark.parametrize(
    ("value", "off"), [("Active", False), ("A*", False), ("Off, Active", False), ("InActive", True), ("No", True)]
)
def test_a_policy_is_on_if_active_describes_active(value: str, off: bool) -> None:  # noqa: FBT001 - what is expected
    assert of(active=value).off is off


def test_a_section_within_is_told() -> None:
    found = matched(section({"name": {"SE1": ""}}), "all", as_meant=False)
    assert found.patterns == {}
    assert "DIRAC passes over the section 'name'" in told(found)

"""What holds for every configuration, whatever is in it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.policy import PolicySet
from gridmask.policy_import.catalogue import KINDS
from gridmask.policy_import.dirac import Import, imported
from gridmask.policy_import.layers import overlaid
from tests.resource_status import Told, brought_in, loaded, of_policies, section

WORDS = [
    "Active",
    "Banned",
    "Resource",
    "Site",
    "StorageElement",
    "*",
    "A?",
    "[x",
    "!B",
    "all",
    "lhcb",
    "rs_svc",
    "0.1",
    "GB",
    "-3",
    "",
]
KEYS = [
    "element",
    "elementType",
    "name",
    "statusType",
    "vO",
    "VO",
    "status",
    "reason",
    "tokenOwner",
    "active",
    "domain",
    "nmae",
]
LOADABLE = list(KINDS)
OPTIONS = [
    "Unit",
    "hours",
    "banned_threshold",
    "Degraded_threshold",
    "Banned_fraction",
    "doNotCombineResult",
    "active",
    "matchParams",
]

names = st.sampled_from([*LOADABLE, "declared-downtimes"]) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9
)
values = st.lists(st.sampled_from(WORDS), max_size=3).map(", ".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=5
)
parameters = st.dictionaries(st.sampled_from(KEYS) | names, values, max_size=4)
policies = st.builds(
    lambda options, kind, match: {**options, **kind, **match},
    st.dictionaries(st.sampled_from(OPTIONS), values, max_size=3),
    st.sampled_from(LOADABLE).map(lambda kind: {"policyType": kind}) | st.just({}),
    parameters.map(lambda match: {"matchParams": match}) | st.just({}),
)
layers = st.dictionaries(names, policies | values, max_size=5)


def of_tree(told: Told, *vos: str, as_meant: bool = False) -> Import:
    """What becomes of a tree, whether or not it could be written down as DIRAC does."""
    return imported(section(told), vos, as_meant=as_meant)


def in_force(made: Import) -> PolicySet:
    with TemporaryDirectory() as folder:
        return loaded(made, Path(folder))


@given(layers, st.booleans())
def test_every_section_and_option_among_policies_is_accounted_for_once(told: dict[str, Any], as_meant: bool) -> None:  # noqa: FBT001
    (layer,) = of_tree({"Policies": told}, as_meant=as_meant).layers
    entries = [one for one in layer.entries if one.path.startswith("Policies/")]
    assert len(entries) == len(told)
    assert all(one.policy in layer.tables for one in entries if one.policy)


@given(layers, st.booleans())
def test_whatever_is_imported_can_be_put_in_force(told: dict[str, Any], as_meant: bool) -> None:  # noqa: FBT001
    made = of_tree({"Policies": told}, as_meant=as_meant)
    in_force(made)
    written = tomllib.loads(made.layers[0].text("dirac.cfg")).get("policy", {})
    assert written.keys() == made.layers[0].tables.keys()


@given(layers, layers)
def test_a_vo_decides_by_what_dirac_reads_as_its_own_over_the_defaults(general: dict[str, Any], own: dict[str, Any]) -> None:
    status = {name: {"ResourceStatus": {"Policies": told}} for name, told in (("Defaults", general), ("lhcb", own))}
    together = overlaid(section({"Policies": general}), section({"Policies": own}))
    one_for_all = imported(together)
    expected = {(p.name, repr(p.rule), p.match, p.advisory) for p in in_force(one_for_all).effective("all")}
    made = of_tree({"Operations": status})
    found = {(p.name, repr(p.rule), p.match, p.advisory) for p in in_force(made).effective("lhcb")}
    builtin = {"declared-downtimes"} if not made.layers[0].tables or not one_for_all.layers[0].tables else set()
    assert {one for one in found if one[0] not in builtin} == {one for one in expected if one[0] not in builtin}


def test_the_same_configuration_makes_the_same_text() -> None:
    told = {"Policies": {"DTOngoing": {"matchParams": {"element": "Site"}}, "Odd": {}}}
    assert brought_in(told).layers[0].text("a.cfg") == brought_in(told).layers[0].text("a.cfg")


def test_a_file_has_the_report_at_its_head_with_a_mark_at_what_needs_review() -> None:
    text = of_policies({"Odd": {"policyType": "AlwaysOdd"}, "DTOngoing": {"matchParams": {"VO": "lhcb"}}}).text("dirac.cfg")
    head = text.partition("\n[policy")[0].splitlines()
    assert head[0] == "# Imported from DIRAC's configuration, dirac.cfg: ResourceStatus."
    assert "# ResourceStatus/Policies/Odd (line 5): nothing" in head
    assert '# ResourceStatus/Policies/DTOngoing (line 9): policy "DTOngoing"' in head
    assert any(line.startswith("#   ! needs review: The policy applies more widely than it reads") for line in head)
    assert all(line.startswith("#") for line in head if line)

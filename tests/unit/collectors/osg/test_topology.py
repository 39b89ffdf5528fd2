from __future__ import annotations

import pytest

from gridmask.collectors.listing import Listing
from gridmask.collectors.osg.topology import read
from gridmask.domain.element import ACCESS, Element, ElementKey, ElementType
from gridmask.domain.errors import MalformedAnswer
from tests import osg

CE1 = ElementKey("Resource", "ComputingElement", "CE1")


def listing(*groups: str) -> Listing:
    return read(osg.summary(*groups), "osg")


def listed(*resources: str, **fields: str) -> dict[ElementKey, Element]:
    return {element.key: element for element in listing(osg.group("A", *resources, **fields)).elements}


def test_a_resource_group_is_a_site() -> None:
    (site,) = listing(osg.group("A")).elements
    assert site == Element(ElementKey("Site", "Site", "A"), site="A", category="site", source="osg")


def test_each_service_of_a_resource_is_an_element_named_as_the_resource() -> None:
    found = listed(osg.resource("Storage", "SRMv2", "GridFtp"))
    assert [(key.type, key.name, found[key].site) for key in found][1:] == [
        ("SRMv2", "Storage", "A"),
        ("GridFtp", "Storage", "A"),
    ]


def test_types_come_along_as_far_as_they_are_not_built_in() -> None:
    types = listing(osg.group("A", osg.resource("R", "CE", "Squid", "EOS", "Pelican cache"))).types
    assert types == (
        ElementType("EOS", category="storage", status_types=ACCESS),
        ElementType("Pelican cache", category="cache"),
    )


def test_it_is_known_by_host_aliases_and_tags() -> None:
    more = "<FQDNAliases><FQDNAlias>Alias.example.org</FQDNAlias><FQDNAlias/></FQDNAliases><Tags><Tag>CC*</Tag></Tags>"
    element = listed(osg.resource("CE1", "CE", extra=more, FQDN="CE1.Example.ORG"))[CE1]
    assert (element.hosts, element.aliases) == (("ce1.example.org", "alias.example.org"), ())
    assert element.tags == {"CC*"}


def test_without_a_host_it_has_none() -> None:
    assert listed(osg.resource("CE1", "CE", FQDN=" "))[CE1].hosts == ()


def test_its_facts_are_those_of_service_resource_and_group() -> None:
    group = "<Facility><Name>Lab</Name></Facility><Site><Name>S</Name><Country>Chile</Country></Site>"
    inside = osg.resource("CE1", "CE", ID="12", Description="  Big\n one ")
    (_, element) = listing(osg.group("A", inside, extra=group, GroupID="3", Production="True", GridType="Test")).elements
    assert element.facts == {
        "group_id": 3,
        "facility": "Lab",
        "osg_site": "S",
        "country": "Chile",
        "grid_type": "Test",
        "production": True,
        "resource_id": 12,
        "description": "Big one",
    }


def test_words_for_nothing_are_nothing() -> None:
    site, element = listing(
        osg.group(
            "A",
            osg.resource("CE1", "CE", Description="(No resource description)", FQDN="(Information not available)"),
            GroupDescription="(No resource group description)",
        )
    ).elements
    assert (site.facts, element.facts, element.hosts) == ({}, {}, ())


def is_in_service(active: str, disabled: str, group_disabled: str) -> bool:
    return listed(osg.resource("CE1", "CE", Active=active, Disable=disabled), Disable=group_disabled)[CE1].in_service


@pytest.mark.parametrize("flags", [("true", "false", "false"), ("True", "False", "FALSE"), ("", "", "")])
def test_in_service_is_what_is_active_and_nowhere_disabled(flags: tuple[str, str, str]) -> None:
    assert is_in_service(*flags)


@pytest.mark.parametrize("flags", [("false", "false", "false"), ("true", "true", "false"), ("true", "false", "True")])
def test_out_of_service_is_what_is_not_active_or_disabled_itself_or_as_a_group(flags: tuple[str, str, str]) -> None:
    assert not is_in_service(*flags)


def test_a_site_is_in_service_unless_its_group_is_disabled() -> None:
    active, disabled = listing(
        osg.group("A", osg.resource("R", "CE", Active="false")), osg.group("B", Disable="true")
    ).elements[::2]
    assert (active.in_service, disabled.in_service) == (True, False)


def test_ownership_is_a_fact_and_no_permission() -> None:
    owned = "<VOOwnership><Ownership><Percent>60</Percent><VO>CMS</VO></Ownership></VOOwnership>"
    element = listed(osg.resource("CE1", "CE", extra=owned))[CE1]
    assert element.facts == {"ownership": {"cms": 60}}
    assert element.offered == frozenset()


def test_allowed_vos_are_permission() -> None:
    assert listed(osg.resource("CE1", "CE", extra="<AllowedVOs>LIGO</AllowedVOs>"))[CE1].offered == {"ligo"}


def test_all_vos_that_are_named_are_collected() -> None:
    owned = "<VOOwnership>{}</VOOwnership><AllowedVOs>LIGO</AllowedVOs>".format(
        "".join(f"<Ownership><Percent>5</Percent><VO>{vo}</VO></Ownership>" for vo in ("CMS", "(Other)"))
    )
    assert listing(osg.group("A", osg.resource("CE1", "CE", extra=owned))).vos == {"cms", "ligo"}


def test_an_unknown_service_is_listed_and_told_once() -> None:
    found = listing(osg.group("A", *(osg.resource(name, "Oracle") for name in "XYZ")))
    assert ElementKey("Resource", "Oracle", "X") in {element.key for element in found.elements}
    assert found.conclusive
    (problem,) = found.problems
    assert "'Oracle', which occurs 3 times" in problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (osg.group("", osg.resource("R", "CE")), "ResourceGroup 1 of osg: has no GroupName."),
        (osg.group("A", osg.resource(" ", "CE")), "Resource 1 of ResourceGroup 'A': has no Name."),
        (osg.group("A", osg.resource("R", "")), "Service 1 of Resource 'R': has no Name."),
        (osg.group("A" * 256), "GroupName is 256 characters long"),
        ("<Error>database down</Error>", "osg: has <Error> in it"),
    ],
)
def test_what_has_no_name_is_left_out_and_nothing_counts_as_withdrawn(body: str, problem: str) -> None:
    found = listing(body, osg.group("B"))
    assert not found.conclusive
    assert ElementKey("Site", "Site", "B") in {element.key for element in found.elements}
    assert problem in found.problems[0]
    assert "nothing counts as withdrawn" in found.problems[0]


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        (osg.resource("CE1", "CE", Active="maybe"), "Resource 'CE1': Active is 'maybe'; it must be true or false."),
        (osg.resource("CE1", "CE", Description="x" * 16_001), "Description is 16,001 characters long"),
        (osg.resource("CE1", "CE", extra="<AllowedVOs>(Other)</AllowedVOs>"), "AllowedVOs names no VO that can be"),
    ],
)
def test_what_says_something_that_cannot_be_is_unreadable(resource: str, problem: str) -> None:
    found = listing(osg.group("A", resource))
    assert found.unreadable == {CE1}
    assert found.conclusive
    assert problem in found.problems[0]
    assert "What was known of it stands." in found.problems[0]


def test_a_group_that_says_something_that_cannot_be_makes_all_in_it_unreadable_and_is_told_once() -> None:
    found = listing(osg.group("A", osg.resource("CE1", "CE", "Squid"), Disable="maybe"))
    assert {key.type for key in found.unreadable} == {"Site", "ComputingElement", "Squid"}
    assert len(found.problems) == 1


def test_what_is_no_such_document_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="<Downtimes> document"):
        read(osg.downtimes(), "osg")


def test_nothing_listed_is_an_empty_listing() -> None:
    assert listing() == Listing((), (), frozenset(), frozenset(), conclusive=True, problems=())

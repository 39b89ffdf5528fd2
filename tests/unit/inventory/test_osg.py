from __future__ import annotations

import pytest

from gridmask.domain.element import ElementKey, ElementType
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.osg import read
from tests import osg

CE1 = ElementKey("Resource", "ComputingElement", "CE1")
CE2 = ElementKey("Resource", "ComputingElement", "CE2")


def test_a_resource_summary_is_a_publication() -> None:
    found = read(osg.summary(osg.group("A", osg.resource("CE1", "CE", extra="<AllowedVOs>CMS</AllowedVOs>"))), "grid")
    assert found.elements.keys() == {CE1, ElementKey("Site", "Site", "A")}
    assert {element.source for element in found.elements.values()} == {"grid"}
    assert found.vos == {"cms"}
    assert found.conclusive
    assert not found.conflicts
    assert not found.problems


def test_a_resource_that_is_in_two_groups_is_a_conflict() -> None:
    found = read(osg.summary(osg.group("A", osg.resource("CE1", "CE")), osg.group("B", osg.resource("CE1", "CE"))), "grid")
    assert found.conflicts == {CE1}
    assert CE1 not in found.elements
    assert "with different site" in found.problems[0]


def test_two_groups_of_one_name_are_a_conflict_while_their_resources_are_not() -> None:
    groups = (osg.group("A", osg.resource("CE1", "CE"), GroupID="1"), osg.group("A", osg.resource("CE2", "CE"), GroupID="2"))
    found = read(osg.summary(*groups), "grid")
    assert found.conflicts == {ElementKey("Site", "Site", "A")}
    assert found.elements.keys() == {CE1, CE2}


def test_what_cannot_be_read_or_identified_is_told() -> None:
    found = read(osg.summary(osg.group("A", osg.resource("CE1", "CE", Active="?"), osg.resource("", "CE"))), "grid")
    assert found.conflicts == {CE1}
    assert (found.conclusive, len(found.problems)) == (False, 2)


def test_a_deployment_can_give_services_other_types() -> None:
    found = read(osg.summary(osg.group("A", osg.resource("X", "Squid"))), "grid", {"Squid": ElementType("Proxy")})
    assert found.types == (ElementType("Proxy"),)
    assert ElementKey("Resource", "Proxy", "X") in found.elements


def test_what_is_no_resource_summary_is_refused() -> None:
    with pytest.raises(MalformedAnswer):
        read(b"", "grid")

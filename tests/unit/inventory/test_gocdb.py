from __future__ import annotations

import pytest

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.gocdb import read
from tests.gocdb import results, service, site

CE = ElementKey("Resource", "ComputingElement", "ce.example.org")
EXAMPLE = ElementKey("Site", "Site", "EXAMPLE")


def test_sites_and_services_are_a_publication() -> None:
    found = read([results(site()), results(service(scopes=("CMS",)))], "goc", vo_scopes=frozenset({"cms"}))
    assert found.elements.keys() == {CE, EXAMPLE}
    assert {element.source for element in found.elements.values()} == {"goc"}
    assert found.vos == {"cms"}
    assert found.conclusive
    assert not found.conflicts
    assert not found.problems


def test_what_is_in_service_at_two_sites_is_a_conflict() -> None:
    found = read([results(site(), site("B", "2G0"), service(), service(key="11G0", SITENAME="B"))], "goc")
    assert found.conflicts == {CE}
    assert CE not in found.elements
    assert "with different site" in found.problems[-1]


def test_what_cannot_be_read_is_a_conflict_even_beside_what_can() -> None:
    found = read([results(site(), site("B", "2G0"), service(), service(SITENAME="B", IN_PRODUCTION="?"))], "goc")
    assert found.conflicts == {CE}


def test_an_alias_of_a_vo_is_resolved() -> None:
    found = read([results(site(), service(scopes=("uscms",)))], "goc", vo_scopes=frozenset({"uscms"}))
    assert found.resolving({"uscms": "cms"}).elements[CE].offered == {"cms"}


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(MalformedAnswer):
        read([b""], "goc")

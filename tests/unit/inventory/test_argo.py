from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.collectors.argo_topology.options import ArgoTopology
from gridmask.domain.element import ElementKey, ElementType
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.naming import HostedService, names
from gridmask.inventory import gocdb as registry
from gridmask.inventory.argo import read
from gridmask.inventory.reconcile import reconcile
from tests import gocdb

if TYPE_CHECKING:
    from gridmask.inventory.publication import Publication

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
CE = ElementKey("Resource", "ComputingElement", "ce.example.org")
ALPHA = ElementKey("Site", "Site", "ALPHA")


def endpoint(host: str = "ce.example.org", service: str = "ARC-CE", group: str = "ALPHA", **tags: str) -> dict[str, Any]:
    told = {"scope": "EGI, atlas", "production": "1", "monitored": "1", **tags}
    return {"date": "2026-08-21", "group": group, "type": "SITES", "hostname": host, "service": service, "tags": told}


def ngi(site: str = "ALPHA", **tags: str) -> dict[str, Any]:
    told = {"certification": "Certified", "infrastructure": "Production", "scope": "EGI", **tags}
    return {"date": "2026-08-21", "group": "NGI_XX", "type": "NGI", "subgroup": site, "tags": told}


def body(*records: object, code: str = "200") -> bytes:
    return json.dumps({"status": {"message": "Success", "code": code}, "data": records}).encode()


def listed(*endpoints: object, groups: list[object] | None = None, **options: object) -> Publication:
    bodies = (body(*endpoints), body(*([ngi()] if groups is None else groups)))
    return read(bodies, "argo", ArgoTopology.model_validate(options), {"odd": ElementType("Odd")}, NOW)


def test_a_group_of_endpoints_is_a_site_and_an_endpoint_a_service_of_it() -> None:
    found = listed(endpoint(info_ID="7G0"))
    assert found.elements.keys() == {ALPHA, CE}
    assert (found.elements[CE].site, found.elements[CE].identity) == ("ALPHA", "service:7G0")
    assert found.elements[CE].services == {"arc-ce"}
    assert found.elements[ALPHA].facts == {"groups": ["NGI_XX"], "certification": "Certified", "infrastructure": "Production"}
    assert (found.conclusive, found.problems) == (True, ())


def test_an_identifier_in_the_name_of_the_host_is_none_of_its_name() -> None:
    found = listed(
        endpoint("ce.example.org_7G0", hostname="CE.example.org"), endpoint("ce.example.org_8G0", hostname="ce.example.org")
    )
    assert found.elements.keys() == {ALPHA, CE}


def test_endpoints_of_one_type_on_one_host_are_one_element_for_which_those_in_production_speak() -> None:
    found = listed(
        endpoint(), endpoint(service="org.nordugrid.arex", production="0", scope="EGI, lhcb"), vo_scopes=["atlas", "lhcb"]
    )
    assert (found.elements[CE].services, found.elements[CE].offered, found.elements[CE].in_service) == (
        frozenset({"arc-ce"}),
        frozenset({"atlas"}),
        True,
    )


def test_the_hosts_of_addresses_are_the_elements_too() -> None:
    found = listed(endpoint(info_URL="https://a.example.org:8443/x", info_service_endpoint_URL="b.example.org, none"))
    assert found.elements[CE].hosts == ("ce.example.org", "a.example.org", "b.example.org")
    assert names(HostedService("b.example.org", "arc-ce"), found.elements[CE])


def test_what_is_not_in_production_or_at_a_site_that_is_not_certified_is_out_of_service() -> None:
    assert not listed(endpoint(production="0")).elements[CE].in_service
    found = listed(endpoint(), groups=[ngi(certification="Suspended")])
    assert [found.elements[key].in_service for key in (ALPHA, CE)] == [False, False]
    assert listed(endpoint(), groups=[]).elements[ALPHA].in_service


def test_scopes_are_tags_and_some_of_them_vos() -> None:
    found = listed(endpoint(), vo_scopes=["atlas"])
    assert (found.elements[CE].tags, found.elements[CE].offered, found.elements[ALPHA].offered) == (
        frozenset({"EGI", "atlas"}),
        frozenset({"atlas"}),
        frozenset(),
    )
    assert found.vos == {"atlas"}


def test_groups_of_another_type_are_no_sites() -> None:
    group = endpoint(group="SERVICES") | {"type": "SERVICEGROUPS"}
    project = {"group": "EGI", "type": "PROJECT", "subgroup": "SERVICES", "tags": {"monitored": "1", "scope": "EGI"}}
    assert listed(endpoint(), group, groups=[ngi(), project]).elements.keys() == {ALPHA, CE}


def test_a_site_without_endpoints_is_one() -> None:
    assert ElementKey("Site", "Site", "BETA") in listed(endpoint(), groups=[ngi(), ngi("BETA")]).elements


def test_an_unknown_service_type_is_a_type_of_its_own_and_told() -> None:
    found = listed(endpoint(service="new.thing"), endpoint("x.example.org", "odd"))
    assert {kind.name for kind in found.types} == {"new.thing", "Odd"}
    assert "'new.thing'" in found.problems[0]


def test_what_gocdb_lists_is_the_same_thing() -> None:
    theirs = registry.read(
        [
            gocdb.results(gocdb.service("ce.example.org", "ARC-CE", "1G0", SITENAME="ALPHA")),
            gocdb.results(gocdb.site("ALPHA", "2G0")),
        ],
        "gocdb",
    )
    order = ("gocdb", "argo")
    known = reconcile({}, theirs, "gocdb", order).applied_to({})
    known = reconcile(known, listed(endpoint()), "argo", order).applied_to(known)
    assert {key: element.source for key, element in known.items()} == {ALPHA: "gocdb", CE: "gocdb"}


def test_a_topology_of_long_ago_is_told() -> None:
    old = {"date": "2026-08-18"}
    assert "dates from 2026-08-18" in listed(endpoint() | old, groups=[ngi() | old]).problems[0]
    assert listed(endpoint() | {"date": "soon"}, groups=[]).problems == ()


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {},
        endpoint(""),
        endpoint("\x07"),
        endpoint(service=""),
        endpoint(group="x" * 300),
        endpoint() | {"tags": {"scope": 7}},
    ],
)
def test_an_endpoint_that_cannot_be_read_spoils_no_other(wrong: object) -> None:
    found = listed(wrong, endpoint())
    assert ([*found.elements], found.conclusive, len(found.problems)) == ([ALPHA, CE], False, 1)


def test_a_group_that_cannot_be_read_spoils_no_other() -> None:
    found = listed(endpoint(), groups=[{"group": "NGI"}, ngi()])
    assert (found.elements[ALPHA].facts["groups"], found.conclusive) == (["NGI_XX"], False)


@pytest.mark.parametrize(
    "wrong", [b"", b"[]", b"{}", b"<html>", body(), body(endpoint(), code="401"), body(endpoint() | {"type": "SERVICEGROUPS"})]
)
def test_what_is_no_topology_or_an_empty_one_is_refused(wrong: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read([wrong, body(ngi())], "argo", ArgoTopology(), {}, NOW)

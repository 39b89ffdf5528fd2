from __future__ import annotations

import pytest

from gridmask.collectors.gocdb.topology import read
from gridmask.collectors.listing import Listing
from gridmask.domain.element import ACCESS, Element, ElementKey, ElementType
from tests.gocdb import results, service, site

CE = ElementKey("Resource", "ComputingElement", "ce.example.org")


def listing(*records: str, vo_scopes: frozenset[str] = frozenset()) -> Listing:
    return read([results(site(), *records)], "goc", vo_scopes=vo_scopes)


def only(*records: str, vo_scopes: frozenset[str] = frozenset()) -> Element:
    (element,) = [e for e in listing(*records, vo_scopes=vo_scopes).elements if e.key.type != "Site"]
    return element


def test_a_record_is_an_element() -> None:
    link = "https://gocdb.example.org/portal/?id=10"
    record = service("CE.example.org", urls=["https://arc.example.org:443/arex"], GOCDB_PORTAL_URL=link, COUNTRY_CODE="CH")
    assert only(record) == Element(
        CE,
        site="EXAMPLE",
        category="computing",
        hosts=("ce.example.org", "arc.example.org"),
        tags=frozenset({"EGI"}),
        facts={
            "country_code": "CH",
            "services": [
                {
                    "service": "ARC-CE",
                    "id": "10G0",
                    "url": link,
                    "endpoints": [{"name": "e", "url": "https://arc.example.org:443/arex"}],
                }
            ],
        },
        source="goc",
        services=frozenset({"arc-ce"}),
        identity="service:10G0",
    )


def test_services_of_one_type_on_one_host_are_one_element() -> None:
    arc = service(kind="ARC-CE", key="11G0", scopes=("EGI",), URL="https://old.example.org/")
    arex = service(kind="org.nordugrid.arex", key="9G0", scopes=("wlcg",), URL="new.example.org:443")
    found = only(arc, arex)
    assert found == only(arex, arc)
    assert found.services == {"arc-ce", "org.nordugrid.arex"}
    assert found.hosts == ("ce.example.org", "new.example.org", "old.example.org")
    assert found.tags == {"EGI", "wlcg"}
    assert found.identity == "service:9G0"
    assert [told["id"] for told in found.facts["services"]] == ["9G0", "11G0"]  # type: ignore[attr-defined]  # facts are of any type; these, a list of tables


def test_services_of_different_types_on_one_host_are_not() -> None:
    found = listing(service(kind="webdav", key="1G0"), service(kind="XRootD", key="2G0"), service(kind="srm", key="3G0"))
    assert {e.key.type for e in found.elements} == {"Site", "WebDAV", "XRootD component", "SRMv2"}


def test_those_in_production_speak_for_the_element() -> None:
    old = service(kind="CREAM-CE", key="1G0", scopes=("old",), IN_PRODUCTION="N", URL="https://old.example.org/")
    found = only(old, service(key="2G0"))
    assert found.in_service
    assert found.services == {"arc-ce"}
    assert found.tags == {"EGI"}
    assert found.hosts == ("ce.example.org",)


def test_out_of_production_it_is_out_of_service_and_told_all_the_same() -> None:
    found = only(service(IN_PRODUCTION="N"))
    assert not found.in_service
    assert found.services == {"arc-ce"}


@pytest.mark.parametrize("status", ["Closed", "Suspended"])
def test_what_is_at_a_site_out_of_service_is_too(status: str) -> None:
    found = read([results(service(), site(CERTIFICATION_STATUS=status))], "goc")
    assert [element.in_service for element in found.elements] == [False, False]


def test_it_is_offered_to_the_vos_among_its_scopes() -> None:
    vos = frozenset({"atlas", "cms"})
    assert only(service(scopes=("EGI", "ATLAS", "tier2")), vo_scopes=vos).offered == {"atlas"}
    assert only(service(scopes=("EGI", "tier2")), vo_scopes=vos).offered == frozenset()


def test_one_service_for_everyone_is_enough_to_offer_the_element_to_everyone() -> None:
    vos = frozenset({"atlas", "cms"})
    atlas, cms = service(key="1G0", scopes=("atlas",)), service(kind="CE", key="2G0", scopes=("cms",))
    assert only(atlas, cms, vo_scopes=vos).offered == {"atlas", "cms"}
    assert only(atlas, service(kind="CE", key="2G0"), vo_scopes=vos).offered == frozenset()


def test_an_unknown_service_is_a_type_that_comes_along() -> None:
    found = listing(service(kind="Oracle"), service("x.example.org", "XRootD.Redirector", "11G0"))
    assert found.types == (
        ElementType("Oracle"),
        ElementType("XRootD.Redirector", category="storage", status_types=ACCESS),
    )
    assert "'Oracle', which occurs once, is not known" in found.problems[0]


def test_types_mean_what_the_deployment_says() -> None:
    found = read([results(site(), service(kind="webdav"))], "goc", {"WebDAV": ElementType("StorageElement")})
    assert ElementKey("Resource", "StorageElement", "ce.example.org") in {element.key for element in found.elements}


def test_sites_that_only_services_name_are_sites_and_told() -> None:
    found = listing(service(SITENAME="B"), service("x.example.org", SITENAME="A"))
    assert {e.key.name for e in found.elements if e.key.type == "Site"} == {"EXAMPLE", "A", "B"}
    assert "services are at sites that are not listed: A, B." in found.problems[0]
    assert found.conclusive


def test_of_very_many_such_sites_only_some_are_named() -> None:
    found = listing(*(service(f"h{n}.example.org", SITENAME=f"S{n:02}") for n in range(30)))
    assert "S08, S09 and 20 more. Each" in found.problems[0]


def test_what_is_left_behind_at_a_closed_site_does_not_contest() -> None:
    closed = site("OLD", "2G0", CERTIFICATION_STATUS="Closed")
    found = listing(closed, service(), service(key="11G0", SITENAME="OLD"))
    assert [e.site for e in found.elements if e.key == CE] == ["EXAMPLE"]
    assert "is listed at EXAMPLE and OLD: taken as at EXAMPLE, where alone it is in service." in found.problems[0]


def test_what_is_in_service_at_two_sites_is_listed_twice() -> None:
    found = listing(site("B", "2G0"), service(), service(key="11G0", SITENAME="B"))
    assert [e.site for e in found.elements if e.key == CE] == ["EXAMPLE", "B"]
    assert not found.problems


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (service(SITENAME=None), "ARC-CE on ce.example.org (SERVICE_ENDPOINT 1 of goc): has no SITENAME"),
        (service(SITENAME="x" * 256), "SITENAME is 256 characters long"),
        (service(IN_PRODUCTION="perhaps"), "IN_PRODUCTION is 'perhaps'; it must be Y or N"),
        (service(scopes=["x" * 256]), "is 256 characters long"),
    ],
)
def test_what_cannot_be_read_is_told_and_stands(record: str, problem: str) -> None:
    found = listing(record, service("other.example.org"))
    assert found.unreadable == {CE}
    assert found.conclusive
    assert problem in found.problems[0]
    assert found.problems[0].endswith("What was known of it stands.")


@pytest.mark.parametrize(
    "record", [service(HOSTNAME=None), service("x" * 256), service(SERVICE_TYPE=None), service(kind="x" * 65)]
)
def test_what_cannot_be_identified_leaves_absence_without_meaning(record: str) -> None:
    assert not listing(record).conclusive


def test_a_site_that_cannot_be_read_keeps_its_services_as_they_were() -> None:
    found = read([results(site(CERTIFICATION_STATUS="?"), service())], "goc")
    assert found.unreadable == {CE, ElementKey("Site", "Site", "EXAMPLE")}
    assert not found.elements


def test_a_site_that_is_listed_both_open_and_closed_too() -> None:
    found = read([results(site(), site(CERTIFICATION_STATUS="Closed"), service())], "goc")
    assert CE in found.unreadable


def test_how_to_reach_people_is_not_kept() -> None:
    extra = "<EXTENSIONS><EXTENSION><KEY>admin@example.org</KEY><VALUE>1</VALUE></EXTENSION></EXTENSIONS>"
    assert "@" not in repr(only(service(extra=extra, CONTACT_EMAIL="a@example.org", HOSTDN="/CN=b@example.org")))

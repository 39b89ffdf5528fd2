from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import ACCESS
from gridmask.domain.mask import Entry, Mask
from gridmask.domain.status import Purpose, Status
from gridmask.feeds.vo_feed import encode
from gridmask.testing.times import moment
from gridmask.testing.values import element

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as Tag

    from gridmask.domain.element import Element

UPDATED = moment("2026-08-04T10:00:00.5")
SITE = element("LCG.Example.org", "Site", family="Site", site="LCG.Example.org")
CE = element("ce01", site=SITE.site, hosts=("ce01.example.org", "other.example.org"), services=frozenset({"arc-ce"}))


def mask(*elements: Element, vo: str = "cms") -> Mask:
    return Mask(vo, 3, {one.key: Entry(one.site, (("all", Status.ACTIVE),)) for one in elements})


def feed(*elements: Element, vo: str = "cms") -> Tag:
    return fromstring(encode(mask(*elements, vo=vo), {one.key: one for one in (SITE, *elements)}, UPDATED))


def services(*elements: Element) -> list[dict[str, str]]:
    return [service.attrib for service in feed(*elements).iter("service")]


def test_a_mask_is_written_as_a_vo_feed() -> None:
    site = element(
        SITE.key.name, "Site", family="Site", site=SITE.site, aliases=("EXAMPLE",), facts={"domain": "LCG", "tier": 2}
    )
    assert encode(mask(CE, site), {CE.key: CE, site.key: site}, UPDATED).decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        "<root>\n"
        "  <title>cms topology</title>\n"
        "  <description>Services that cms may use, as Gridmask knows them</description>\n"
        '  <feed_responsible name="Gridmask" />\n'
        "  <last_update>2026-08-04T10:00:00Z</last_update>\n"
        "  <vo>cms</vo>\n"
        '  <atp_site name="EXAMPLE">\n'
        '    <service hostname="ce01.example.org" flavour="ARC-CE" />\n'
        '    <group name="Tier-2" type="cms_Tier" />\n'
        '    <group name="LCG.Example.org" type="cms_Site" />\n'
        "  </atp_site>\n"
        "</root>\n"
    )


def test_a_mask_of_nothing_is_a_feed_of_nothing() -> None:
    assert [child.tag for child in feed()] == ["title", "description", "feed_responsible", "last_update", "vo"]


@pytest.mark.parametrize(
    ("type_", "names", "flavours"),
    [
        ("ComputingElement", (), ["CE"]),
        ("ComputingElement", ("org.opensciencegrid.htcondorce", "arc-ce"), ["ARC-CE", "HTCONDOR-CE"]),
        ("StorageElement", ("webdav", "xrootd", "srm"), ["SRM", "WEBDAV", "XROOTD"]),
        ("WebDAV", (), ["WEBDAV"]),
        ("Squid", ("org.squid-cache.squid",), ["Squid"]),
        ("Strange Type", (), ["Strange Type"]),
        ("Catalog", ("central-lfc",), ["central-lfc"]),
    ],
)
def test_services_have_the_flavours_of_feeds(type_: str, names: tuple[str, ...], flavours: list[str]) -> None:
    one = element("x", type_, site="S", hosts=("x.example.org",), services=frozenset(names))
    assert [service["flavour"] for service in services(one)] == flavours


def test_a_service_is_told_once_however_many_names_it_has() -> None:
    storage = element("se", "WebDAV", site="S", hosts=("se",), services=frozenset({"webdav", "webdav.tape"}))
    assert len(services(storage)) == 1


def test_where_gocdb_tells_an_endpoint_it_is_told() -> None:
    facts = {"services": [{"service": "webdav", "endpoint_url": "davs://se:443/"}, {"service": "SRM"}, "odd"]}
    storage = element("se", "WebDAV", site="S", hosts=("se",), services=frozenset({"webdav", "srm"}), facts=facts)
    assert [service.get("endpoint") for service in services(storage)] == [None, "davs://se:443/"]


def test_what_the_format_has_no_words_for_is_left_out() -> None:
    queue = element("q", "Queue", family="Node", site="S", hosts=("ce",))
    assert services(element("a", site="S"), element("b", site="", hosts=("b",)), queue, SITE) == []


def test_what_the_inventory_no_longer_has_is_left_out() -> None:
    assert b"<service" not in encode(mask(CE), {}, UPDATED)


def test_only_what_may_be_used_of_storage_has_to_be_one_access() -> None:
    storage = element("se", "StorageElement", site="S", hosts=("se",))
    statuses = tuple((access, Status.BANNED if access == "WriteAccess" else Status.ACTIVE) for access in sorted(ACCESS))
    usable = Mask("cms", 1, {storage.key: Entry("S", statuses)}).only_usable(Purpose.USE)
    assert b'flavour="SE"' in encode(usable, {storage.key: storage}, UPDATED)


def test_a_site_that_is_not_from_dirac_keeps_its_name() -> None:
    site = element("S", "Site", family="Site", site="S", aliases=("old",), facts={"tier": "Tier 2?"})
    ce = element("ce", site="S", hosts=("ce",))
    [told] = feed(ce, site).iter("atp_site")
    assert (told.get("name"), [group.attrib for group in told.iter("group")]) == ("S", [{"name": "S", "type": "cms_Site"}])


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_whatever_things_are_called_the_document_is_well_formed(site: str, host: str, service: str) -> None:
    one = element("x", "Odd", site=site, hosts=(host,), services=frozenset({service}))
    [listed] = feed(one, vo=site).iter("service")
    if (host + service).isprintable():
        assert listed.get("hostname") == host


def test_markup_in_names_is_text() -> None:
    [listed] = feed(element("x", site='<A&"B">', hosts=("h",))).iter("atp_site")
    assert listed.get("name") == '<A&"B">'

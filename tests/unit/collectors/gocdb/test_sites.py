from __future__ import annotations

import pytest

from gridmask.collectors.gocdb.topology import read
from gridmask.domain.element import Element, ElementKey
from tests.gocdb import results, site

PERSONAL = {"CONTACT_EMAIL": "a@example.org", "CONTACT_TEL": "+1", "CSIRT_EMAIL": "b@example.org", "ALARM_EMAIL": "c@x.org"}
EXTENSIONS = (
    "<EXTENSIONS><EXTENSION><KEY>k</KEY><VALUE>v</VALUE></EXTENSION>"
    "<EXTENSION><KEY>who</KEY><VALUE>Somebody &lt;d@example.org&gt;</VALUE></EXTENSION></EXTENSIONS>"
)


def only(record: str, *vo_scopes: str) -> Element:
    (element,) = read([results(record)], "goc", vo_scopes=frozenset(vo_scopes)).elements
    return element


def test_a_record_is_a_site() -> None:
    assert only(site(scopes=("EGI", "wlcg"), LATITUDE="46.2", TIMEZONE="Europe/Zurich", ROC="NGI_CH")) == Element(
        ElementKey("Site", "Site", "EXAMPLE"),
        site="EXAMPLE",
        category="site",
        tags=frozenset({"EGI", "wlcg"}),
        facts={
            "country": "Switzerland",
            "roc": "NGI_CH",
            "certification": "Certified",
            "timezone": "Europe/Zurich",
            "latitude": 46.2,
        },
        source="goc",
        identity="site:1G0",
    )


def test_a_record_may_have_attributes_alone() -> None:
    found = only('<SITE ID="67" PRIMARY_KEY="284G0" NAME="PISA" COUNTRY="Italy" ROC="NGI_IT" SUBGRID=""/>')
    assert (found.key.name, found.identity, found.in_service) == ("PISA", "site:284G0", True)
    assert found.facts == {"country": "Italy", "roc": "NGI_IT"}


@pytest.mark.parametrize(
    ("status", "in_service"),
    [("Certified", True), ("certified", True), (None, True)]
    + [(status, False) for status in ("Candidate", "Uncertified", "Suspended", "Closed")],
)
def test_what_is_certified_is_in_service(status: str | None, *, in_service: bool) -> None:
    assert only(site(CERTIFICATION_STATUS=status)).in_service is in_service


def test_a_certification_that_there_is_not_cannot_be_read() -> None:
    found = read([results(site(CERTIFICATION_STATUS="Ceritfied"))], "goc")
    assert found.unreadable == {ElementKey("Site", "Site", "EXAMPLE")}
    assert "site EXAMPLE (SITE 1 of goc): CERTIFICATION_STATUS is 'Ceritfied'; it must be one of" in found.problems[0]


def test_how_to_reach_people_is_not_kept() -> None:
    told = repr(only(site(extra=EXTENSIONS, **PERSONAL)).facts)
    assert "@" not in told
    assert "+1" not in told
    assert "{'k': 'v'}" in told


def test_of_an_extension_that_is_there_twice_the_order_does_not_matter() -> None:
    made = [f"<EXTENSION><KEY>k</KEY><VALUE>{value}</VALUE></EXTENSION>" for value in "ab"]
    both = [only(site(extra=f"<EXTENSIONS>{''.join(order)}</EXTENSIONS>")) for order in (made, made[::-1])]
    assert both[0].facts == both[1].facts


def test_scopes_that_are_vos_are_whom_it_is_offered_to() -> None:
    record = site(scopes=("EGI", "LHCb", "cms", "tier1"))
    assert only(record).offered == frozenset()
    assert only(record, "lhcb", "atlas").offered == {"lhcb"}
    assert only(site(scopes=("EGI",)), "lhcb").offered == frozenset()


def test_the_name_may_stand_in_an_element_alone() -> None:
    assert only(site("A").replace(' NAME="A"', "")).key.name == "A"


@pytest.mark.parametrize("record", ["<SITE/>", site("x" * 256)])
def test_without_a_name_it_cannot_be_identified(record: str) -> None:
    found = read([results(record)], "goc")
    assert (found.elements, found.conclusive) == ((), False)


def test_what_nothing_depends_on_may_be_nonsense() -> None:
    found = only(site(LATITUDE="north", HOME_URL="www.example.org", SITE_DESCRIPTION="x" * 99_999, COUNTRY="y" * 999))
    assert found.facts.keys() == {"certification", "country", "description"}
    assert len(str(found.facts["description"])) == 16_000

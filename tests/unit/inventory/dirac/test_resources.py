from __future__ import annotations

import pytest

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.dirac.resources import read
from tests import dirac


def only(**sections: object) -> Element:
    (element,) = read(dirac.resources(**sections), "cs").elements.values()
    return element


# --- Transfer, catalogs, messaging


def test_an_fts_server_is_the_host_of_its_address() -> None:
    assert only(FTSEndpoints={"FTS3": {"CERN": "https://FTS3.example.org:8446"}}) == Element(
        ElementKey("Resource", "FTS", "CERN"),
        site="",
        category="transfer",
        hosts=("fts3.example.org",),
        services=frozenset({"fts"}),
        facts={"url": "https://FTS3.example.org:8446"},
        source="cs",
    )


@pytest.mark.parametrize("address", ["", "fts3", "https://", "https://[", "https://a b/"])
def test_an_fts_server_without_a_host_cannot_be_read(address: str) -> None:
    found = read(dirac.resources(FTSEndpoints={"FTS3": {"CERN": address}}), "cs")
    assert found.conflicts == {ElementKey("Resource", "FTS", "CERN")}
    assert "FTSEndpoints/FTS3/CERN (line 7) should be the address of an FTS server" in found.problems[0]


def test_an_older_fts_is_told() -> None:
    found = read(dirac.resources(FTSEndpoints={"FTS2": {"CERN": "https://fts.example.org"}}), "cs")
    assert found.problems == ("Resources/FTSEndpoints/FTS2 is not read: only FTS3 is known.",)


@pytest.mark.parametrize(("status", "in_service"), [("Active", True), ("", True), ("InActive", False), ("Disabled", False)])
def test_a_catalog_is_in_service_while_dirac_uses_it(status: str, in_service: bool) -> None:  # noqa: FBT001
    catalog = only(FileCatalogs={"FileCatalog": {"AccessType": "Read-Write", "Status": status, "Master": "True"}})
    assert (catalog.key.type, catalog.in_service, catalog.hosts) == ("Catalog", in_service, ())
    assert catalog.facts == {"catalog_type": "FileCatalog", "access": "Read-Write", "master": True}


@pytest.mark.parametrize(
    ("url", "hosts"), [("DataManagement/FileCatalog", ()), ("https://lfc.example.org/x", ("lfc.example.org",))]
)
def test_a_catalog_has_a_host_if_its_url_has(url: str, hosts: tuple[str, ...]) -> None:
    assert only(FileCatalogs={"LFC": {"CatalogURL": url}}).hosts == hosts


def test_a_message_broker_has_its_queues_and_keeps_its_password_to_itself() -> None:
    section = {"MQType": "Stomp", "Host": "mq.example.org", "Password": "hidden", "Queues": {"Test": {}}, "Topics": {"T": {}}}
    broker = only(MQServices={"broker": section})
    assert (broker.key.type, broker.hosts) == ("MessageQueue", ("mq.example.org",))
    assert broker.facts == {"mq_type": "Stomp", "queues": ["Test"], "topics": ["T"]}


def test_a_message_broker_may_be_named_as_its_host() -> None:
    assert only(MQServices={"mq.example.org": {}}).hosts == ("mq.example.org",)


# --- VOs


def test_vos_are_registered_by_section_group_and_for_the_whole_installation() -> None:
    registry = {"VO": {"LHCb": {}}, "Groups": {"ilc_user": {"VO": "ilc"}, "nobody": {}}}
    found = read(dirac.text({"Resources": {}, "Registry": registry, "DIRAC": {"VirtualOrganization": "biomed"}}), "cs")
    assert found.vos == {"lhcb", "ilc", "biomed"}
    assert not found.elements
    assert not found.problems


# --- The rest


def test_sections_that_hold_no_elements_are_counted_in_one_line() -> None:
    found = read(dirac.resources(IdProviders={"A": {}, "B": {}}, ProxyProviders={"C": {}}, Computing={"D": {}}), "cs")
    assert found.problems == ("2 of IdProviders and 1 of ProxyProviders are passed over: they are no elements.",)


def test_a_section_that_is_not_known_is_told_with_its_line() -> None:
    found = read(dirac.resources(Telescopes={"A": {}}, Sites={}), "cs")
    assert found.problems == ("Resources/Telescopes (line 3) is not known: nothing of it is read.",)
    assert found.conclusive


def test_what_the_text_repeats_is_told() -> None:
    assert read(b"Resources {\na = 1\na = 1\n}", "cs").problems == (
        "line 3: Resources/a is there already, in line 2: the later one counts.",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "cs: there is no section Resources in this configuration"),
        (b"DIRAC {\n}", "there is no section Resources"),
        (b"Resources = 1", "there is no section Resources"),
        (b"Resources {\nSites = 1\n}", r"cs: Resources/Sites \(line 2\) is an option where there should be a section"),
        (b"<html>", "line 1"),
    ],
)
def test_what_has_no_resources_is_refused(text: bytes, problem: str) -> None:
    with pytest.raises(MalformedAnswer, match=problem):
        read(text, "cs")

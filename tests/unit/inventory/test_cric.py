from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.cric.options import CricOptions
from gridmask.domain.element import ElementKey, ElementType
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.naming import HostedService, names
from gridmask.inventory import gocdb as registry
from gridmask.inventory import osg as osg_registry
from gridmask.inventory.cric import read
from gridmask.inventory.dirac import resources
from gridmask.inventory.reconcile import reconcile
from gridmask.source import Source
from tests import cric, dirac, gocdb, osg
from tests.cric import document, door, queue, site, storage

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.inventory.publication import Publication

CE1 = ElementKey("Resource", "ComputingElement", "ce01.example.org")
DISK = ElementKey("Resource", "StorageElement", "ALPHA_DATADISK")
QUEUE = ElementKey("Node", "PandaQueue", "ALPHA_Q")


def alpha(name: str = "ALPHA") -> ElementKey:
    return ElementKey("Site", "Site", name)


def listed(
    *queues: dict[str, Any],
    sites: list[dict[str, Any]] | None = None,
    storages: list[dict[str, Any]] | None = None,
    **options: object,
) -> Publication:
    """All three documents of ATLAS."""
    bodies = (document(*([site()] if sites is None else sites)), document(*(storages or [])), document(*queues))
    return read(bodies, "cric", CricOptions.model_validate({"preset": "atlas", **options}))


def one(document_: str, *records: dict[str, Any], **options: object) -> Publication:
    return read([document(*records)], "cric", CricOptions.model_validate({"document": document_, **options}))


def test_a_site_its_storage_its_queues_and_their_computing_elements_are_elements() -> None:
    found = listed(queue(), storages=[storage()])
    assert found.elements.keys() == {alpha(), DISK, QUEUE, CE1}
    assert {element.site for element in found.elements.values()} == {"ALPHA"}
    assert (found.conclusive, found.problems, found.vos) == (True, (), frozenset({"atlas"}))
    assert found.types == (ElementType("PandaQueue", "Node", "computing"),)


@pytest.mark.parametrize("state", ["state", "site_state", "rc_site_state", "rcsite_state"])
def test_what_is_not_active_in_any_respect_is_out_of_service(state: str) -> None:
    found = listed(queue(**{state: "DISABLED"}), storages=[storage(**{state: "DISABLED"})], sites=[site(**{state: "DISABLED"})])
    assert [found.elements[key].in_service for key in (alpha(), DISK, QUEUE)] == [False, False, False]


def test_of_a_site_of_cms_the_state_of_its_resource_centre_counts() -> None:
    record = site("T2_XX_A", rcsite={"name": "ALPHA", "state": "DISABLED"}, sites=["ALPHA"], rc_site="")
    found = read([document(record)], "cric", CricOptions(preset="cms"))
    assert (found.elements[alpha("T2_XX_A")].in_service, found.elements[alpha("T2_XX_A")].aliases) == (False, ("ALPHA",))


def test_the_resources_that_cms_lists_are_at_their_site() -> None:
    record = site(
        "T2_XX_A",
        resources=[
            {"name": "T2_XX_A_Disk", "type": "SE"},
            {"name": "ce", "type": "CE", "state": "DISABLED"},
            {"name": "x", "type": "?"},
        ],
    )
    found = read([document(record)], "cric", CricOptions(preset="cms"))
    disk, ce = (
        found.elements[ElementKey("Resource", *key)] for key in (("StorageElement", "T2_XX_A_Disk"), ("ComputingElement", "ce"))
    )
    assert (disk.site, disk.in_service, ce.in_service, disk.offered) == ("T2_XX_A", True, False, frozenset({"cms"}))


# --- Whose it is


def test_the_vo_is_the_records_own_else_that_of_the_preset_and_above_all_that_of_the_settings() -> None:
    offered = [
        listed(queue(vo_name="EIC")).elements[QUEUE].offered,
        listed(queue(vo_name=None)).elements[QUEUE].offered,
        listed(queue(), vo="lhcb").elements[QUEUE].offered,
        listed(queue(), vo="all").elements[QUEUE].offered,
        one("pandaqueue", queue(vo_name="")).elements[QUEUE].offered,
    ]
    assert offered == [{"eic"}, {"atlas"}, {"lhcb"}, set(), set()]


def test_a_computing_element_is_offered_to_all_whose_queues_have_it() -> None:
    found = one("pandaqueue", queue("A", vo_name="atlas"), queue("B", vo_name="eic"))
    assert found.elements[CE1].offered == found.elements[alpha()].offered == {"atlas", "eic"}


# --- Computing elements and queues


def test_queues_that_share_a_computing_element_have_one() -> None:
    found = listed(queue("A", door(ce_id=7)), queue("B", door(ce_id=7, ce_state="DISABLED")))
    assert (found.elements[CE1].in_service, found.elements[CE1].identity) == (True, "ce:7")
    assert len(found.elements) == 4


@pytest.mark.parametrize(
    "endpoint", ["ce01.example.org:9619", "https://CE01.example.org:443", "ce01.example.org", "gsiftp://ce01.example.org"]
)
def test_the_host_of_a_computing_element_is_found_in_whatever_it_is_written_in(endpoint: str) -> None:
    assert listed(queue("A", door(endpoint))).elements[CE1].hosts == ("ce01.example.org",)


@pytest.mark.parametrize("endpoint", ["", "local", "to.be.set!", None])
def test_what_names_no_host_is_no_computing_element(endpoint: str | None) -> None:
    assert listed(queue("A", {"ce_endpoint": endpoint})).elements.keys() == {alpha(), ElementKey("Node", "PandaQueue", "A")}


def test_a_queue_with_several_computing_elements_does_not_go_down_with_one_of_them() -> None:
    found = listed(queue("ONE"), queue("TWO", door(), door("ce02.example.org:9619")))
    down = HostedService("ce01.example.org", "org.opensciencegrid.htcondorce")
    assert {key.name for key, element in found.elements.items() if names(down, element)} == {"ce01.example.org", "ONE"}


def test_of_a_computing_element_of_an_unknown_flavour_everything_on_its_host_counts() -> None:
    assert listed(queue("A", door(flavour="VAC"), door())).elements[CE1].services == frozenset()
    assert listed(queue("A", door(flavour="arc-ce"))).elements[CE1].services == {"arc-ce", "org.nordugrid.arex"}


def test_a_computing_element_of_two_sites_is_at_their_resource_centre_or_at_none() -> None:
    both = (queue("A"), queue("B", atlas_site="BETA"))
    assert listed(*both, sites=[site(), site("BETA", rc_site="ALPHA")]).elements[CE1].site == "ALPHA"
    neither = (queue("A", atlas_site="GAMMA"), queue("B", atlas_site="BETA"))
    assert listed(*neither, sites=[site("GAMMA"), site("BETA")]).elements[CE1].site == ""


def test_a_virtual_queue_is_none() -> None:
    assert listed(queue(is_virtual=True)).elements.keys() == {alpha()}


# --- Storage


@pytest.mark.parametrize(
    ("members", "hosts"),
    [
        ({}, ("se.example.org",)),
        (
            {"aprotocols": {"read_wan": [["root://x.example.org:1094/", 1, "/"], ["davs://d.example.org/", 2, "/"]]}},
            ("d.example.org", "x.example.org"),
        ),
        (
            {"aprotocols": {}, "arprotocols": {"read_wan": [{"endpoint": "s3://os.example.org:443/", "path": "/b"}]}},
            ("os.example.org",),
        ),
        ({"aprotocols": None, "se": "srm://s.example.org:8446/srm"}, ("s.example.org",)),
        ({"aprotocols": {}, "se": "", "endpoint": "/pool", "resource": {"endpoint": "/bucket"}}, ()),
        ({"aprotocols": [["davs://se.example.org/"], 7, None, {"a": [[[["davs://deep.example.org/"]]]]}]}, ("se.example.org",)),
    ],
)
def test_the_hosts_of_storage_are_those_of_its_protocols(members: dict[str, Any], hosts: tuple[str, ...]) -> None:
    assert listed(storages=[storage(**members)]).elements[DISK].hosts == hosts


def test_tape_is_what_downtimes_of_tape_mean() -> None:
    tape = listed(storages=[storage("T", "ALPHA", "davs://se.example.org/", is_tape=True)])
    (element,) = (element for key, element in tape.elements.items() if key.name == "T")
    assert [names(HostedService("se.example.org", s), element) for s in ("webdav", "webdav.tape", "xrootd")] == [
        False,
        True,
        False,
    ]


def test_of_storage_with_a_protocol_that_has_no_name_everything_on_its_hosts_counts() -> None:
    assert (
        listed(storages=[storage("A", "ALPHA", "s3://se.example.org/")]).elements[ElementKey(*DISK[:2], "A")].services
        == frozenset()
    )


# --- One thing, one element


def known(source: str, publication: Publication, elements: dict[ElementKey, Element], *order: str) -> dict[ElementKey, Element]:
    return reconcile(elements, publication, source, order).applied_to(elements)


def test_what_gocdb_lists_is_the_same_thing_in_cric() -> None:
    services = gocdb.results(gocdb.service("ce01.example.org", "org.opensciencegrid.htcondorce", "1G0", SITENAME="ALPHA-LCG2"))
    theirs = registry.read([services, gocdb.results(gocdb.site("ALPHA-LCG2", "2G0"))], "gocdb")
    ours = listed(queue(rc_site="ALPHA-LCG2"), sites=[site(rc_site="ALPHA-LCG2")], storages=[storage()])
    elements = known("cric", ours, known("gocdb", theirs, {}, "gocdb", "cric"), "gocdb", "cric")
    assert sorted((key.type, key.name) for key in elements) == [
        ("ComputingElement", "ce01.example.org"),
        ("PandaQueue", "ALPHA_Q"),
        ("Site", "ALPHA-LCG2"),
        ("StorageElement", "ALPHA_DATADISK"),
    ]
    assert elements[CE1].source == "gocdb"
    assert elements[QUEUE].site == elements[DISK].site == "ALPHA-LCG2"


def test_what_osg_calls_otherwise_is_the_same_thing_by_its_host_and_is_known_by_crics_name() -> None:
    group = osg.group("ALPHA", osg.resource("ALPHA_CE", "CE", FQDN="ce01.example.org"))
    theirs = osg_registry.read(osg.summary(group), "osg")
    elements = known("cric", listed(queue()), known("osg", theirs, {}, "osg", "cric"), "osg", "cric")
    ces = [element for key, element in elements.items() if key.type == "ComputingElement"]
    assert [(element.key.name, names(CE1, element)) for element in ces] == [("ALPHA_CE", True)]


def test_a_queue_of_pandas_is_no_queue_of_diracs_behind_the_same_host() -> None:
    section = dirac.resources(Sites=dirac.sites(("LCG.A.ch", {"CEs": {"ce01.example.org": dirac.ce("HTCondorCE", "grid")}})))
    theirs = resources.read(section, "cs")
    elements = known("cric", listed(queue()), known("cs", theirs, {}, "cs", "cric"), "cs", "cric")
    nodes = {(key.type, key.name): element.source for key, element in elements.items() if key.family == "Node"}
    assert nodes == {("Queue", "grid@ce01.example.org"): "cs", ("PandaQueue", "ALPHA_Q"): "cric"}
    assert elements[CE1].source == "cs"


def aliases(*sites: dict[str, Any], main: str = "") -> dict[str, tuple[str, ...]]:
    found = listed(sites=list(sites), main_sites={"RC": main} if main else {})
    return {key.name: element.aliases for key, element in found.elements.items()}


def test_of_several_sites_of_one_resource_centre_one_alone_goes_by_its_name() -> None:
    two = (site("A", rc_site="RC"), site("B", rc_site="RC"))
    assert aliases(*two) == {"A": (), "B": ()}
    assert aliases(*two, main="B") == {"A": (), "B": ("RC",)}
    assert aliases(two[0], site("B", rc_site="RC", state="DISABLED")) == {"A": ("RC",), "B": ()}
    assert aliases(two[0], site("RC")) == {"A": (), "RC": ()}


def test_a_main_site_that_is_none_is_told() -> None:
    assert listed(main_sites={"RC": "NOWHERE"}).problems == ("main_sites names what is no site here: NOWHERE.",)


# --- What is not as it should be


def test_a_site_that_only_others_name_is_taken_by_what_they_say_and_told() -> None:
    found = listed(queue(atlas_site="BETA"))
    assert found.elements[alpha("BETA")].in_service
    assert "sites are not in the site document: BETA" in found.problems[0]
    assert one("ddmendpoint", storage(site_state="DISABLED")).elements[alpha()].in_service is False
    assert one("ddmendpoint", storage()).problems == ()


@pytest.mark.parametrize(
    "wrong",
    [
        queue(state=7),
        queue(queues="x"),
        queue(queues=[7]),
        queue(vo_name="!!"),
        queue(is_virtual="no"),
        queue("A", door(ce_state=[])),
    ],
)
def test_a_queue_that_cannot_be_read_keeps_what_was_known_and_nothing_counts_as_withdrawn(wrong: dict[str, Any]) -> None:
    found = listed(wrong, queue("GOOD", door("ce02.example.org")))
    assert {key.name for key in found.conflicts} in ({"ALPHA_Q"}, {"A"})
    assert ElementKey("Node", "PandaQueue", "GOOD") in found.elements
    assert (found.conclusive, CE1 in found.elements) == (False, False)


@pytest.mark.parametrize("wrong", [storage(state=7), storage(at=""), storage(is_tape="no"), storage(vo_name="!!")])
def test_storage_that_cannot_be_read_keeps_what_was_known(wrong: dict[str, Any]) -> None:
    found = listed(storages=[wrong, storage("OTHER")])
    assert found.conflicts == {DISK}
    assert ElementKey(*DISK[:2], "OTHER") in found.elements
    assert found.conclusive == bool(wrong["site"])


def test_a_site_known_only_by_what_cannot_be_read_does_not_count_as_withdrawn() -> None:
    assert not one("ddmendpoint", storage(state=7), storage("OTHER", "BETA")).conclusive


@pytest.mark.parametrize(
    "record", [{"key": "", "state": "ACTIVE"}, {"key": "X", "name": "\x07"}, {"key": "A" * 300}, {"key": "X", "name": 5}]
)
def test_what_has_no_name_that_could_be_is_left_out(record: dict[str, Any]) -> None:
    found = listed(sites=[site(), record])
    assert ([*found.elements], found.conclusive, len(found.problems)) == ([alpha()], False, 1)


def test_resources_of_a_site_that_cannot_be_read_leave_the_site_as_it_is() -> None:
    found = read([document(site(resources=[{"name": "x"}]))], "cric", CricOptions(preset="cms"))
    assert ([*found.elements], found.conclusive, len(found.problems)) == ([alpha()], False, 1)


def test_what_is_no_record_is_left_out() -> None:
    found = read([b'{"A": 7, "B": {"state": "ACTIVE"}}'], "cric", CricOptions(document="site"))
    assert (len(found.elements), found.conclusive) == (1, False)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"error": "no such preset"}', b"[" * 5000])
def test_what_is_no_document_or_an_empty_one_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read([body], "cric", CricOptions(document="site"))


def test_another_document_than_the_settings_say_is_told() -> None:
    assert "this is another document" in one("site", queue()).problems[0]
    assert "this is another document" in one("pandaqueue", site(site="X")).problems[0]


@pytest.mark.parametrize("options", [{}, {"preset": "atlas", "document": "site"}, {"preset": "lhcb"}])
def test_the_settings_say_what_is_read(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfiguration):
        CricOptions.of(Source(name="c", kind="cric", url="x", every=timedelta(hours=1), options=options))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(sorted(cric.queue())), _JSON, max_size=4),
    st.dictionaries(st.sampled_from(sorted(cric.storage())), _JSON, max_size=4),
)
def test_no_member_of_a_record_spoils_another_record(wrong_queue: dict[str, Any], wrong_storage: dict[str, Any]) -> None:
    bad = ({**queue("BAD"), **wrong_queue, "key": "BAD"}, {**storage("BAD2"), **wrong_storage, "key": "BAD2"})
    found = listed(bad[0], queue(), storages=[bad[1], storage()])
    assert {QUEUE, CE1, alpha()} <= found.elements.keys()
    assert DISK in found.elements or wrong_storage.get("name") == DISK.name

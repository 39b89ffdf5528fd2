from __future__ import annotations

import pytest

from gridmask.domain.element import Element, ElementKey
from gridmask.inventory.dirac.computing import services_of
from gridmask.inventory.dirac.resources import read
from gridmask.inventory.publication import Publication
from tests import dirac


def publication(*sites: tuple[str, dirac.Table]) -> Publication:
    return read(dirac.resources(Sites=dirac.sites(*sites)), "cs")


def element(published: Publication, type_: str, name: str) -> Element:
    return next(element for key, element in published.elements.items() if key[1:] == (type_, name))


# --- Sites


def test_a_site_is_named_as_in_dirac_and_goes_by_its_name_in_gocdb() -> None:
    told = {"Name": "AGLT2", "MoUTierLevel": "2", "Coordinates": "-83.7:42.3", "Mail": "someone@example.org"}
    (site,) = publication(("LCG.AGLT2.us", told)).elements.values()
    assert site == Element(
        ElementKey("Site", "Site", "LCG.AGLT2.us"),
        site="LCG.AGLT2.us",
        category="site",
        aliases=("AGLT2",),
        tags=frozenset({"LCG"}),
        facts={"domain": "LCG", "country": "us", "tier": 2, "coordinates": "-83.7:42.3"},
        source="cs",
    )


def test_a_site_that_says_nothing_is_one_all_the_same() -> None:
    (site,) = publication(("VAC.Here", {})).elements.values()
    assert (site.aliases, site.facts, site.offered, site.in_service) == ((), {"domain": "VAC"}, frozenset(), True)


# --- Computing elements


def test_a_ce_is_reached_by_its_name_and_has_the_service_of_its_type() -> None:
    found = publication(("LCG.A.us", {"CEs": {"CE1.example.org": dirac.ce("HTCondorCE", "q1", "q2", architecture="x86_64")}}))
    ce = element(found, "ComputingElement", "CE1.example.org")
    assert (ce.site, ce.hosts, ce.category) == ("LCG.A.us", ("ce1.example.org",), "computing")
    assert ce.services == {"org.opensciencegrid.htcondorce"}
    assert ce.facts == {"ce_type": "HTCondorCE", "architecture": "x86_64", "queues": 2}


@pytest.mark.parametrize(
    ("ce_type", "services"),
    [("AREX", {"arc-ce"}), ("ARC", {"arc-ce"}), ("ARC6", {"arc-ce"}), ("CREAM", set()), ("SSH", set()), ("", set())],
)
def test_a_ce_of_a_type_without_a_known_service_is_concerned_by_everything_on_its_host(
    ce_type: str, services: set[str]
) -> None:
    assert services_of(ce_type) == services


@pytest.mark.parametrize(("name", "hosts"), [("gsiftp", ()), ("ce1.example.org:9619", ("ce1.example.org",)), ("a b.c", ())])
def test_a_ce_whose_name_is_no_host_has_none(name: str, hosts: tuple[str, ...]) -> None:
    found = publication(("LCG.A.us", {"CEs": {name: dirac.ce()}}))
    assert element(found, "ComputingElement", name).hosts == hosts


def test_the_host_of_a_ce_can_be_said_apart() -> None:
    found = publication(("LCG.A.us", {"CEs": {"Cluster": dirac.ce("SSH", SSHHost="login.example.org")}}))
    assert element(found, "ComputingElement", "Cluster").hosts == ("login.example.org",)


# --- Queues


def test_a_queue_is_named_with_its_ce_whose_downtimes_concern_it() -> None:
    queues = {"prod": {"maxCPUTime": "1440", "Tag": "GPU", "CEQueueName": "p"}}
    found = publication(("LCG.A.us", {"CEs": {"ce.example.org": {"CEType": "AREX", "Tag": ["MP"], "Queues": queues}}}))
    queue = element(found, "Queue", "prod@ce.example.org")
    assert (queue.key.family, queue.site, queue.hosts) == ("Node", "LCG.A.us", ("ce.example.org",))
    assert queue.services == {"arc-ce"}
    assert queue.tags == {"GPU", "MP"}
    assert queue.facts == {"ce": "ce.example.org", "ce_type": "AREX", "queue": "p", "max_cpu_time": "1440"}


@pytest.mark.parametrize(
    ("site", "ce", "queue", "may_use_the_queue", "may_use_the_ce"),
    [
        ("", "", "", set(), set()),
        ("", "CMS, atlas", "", {"cms", "atlas"}, {"cms", "atlas"}),
        ("", "cms", "lhcb", {"lhcb"}, {"cms", "lhcb"}),
        ("", "", "lhcb, LHCb", {"lhcb"}, {"lhcb"}),
        ("cms", "", "", {"cms"}, {"cms"}),
        ("cms", "atlas", "", {"atlas"}, {"atlas"}),
    ],
)
def test_the_nearest_vo_option_says_who_may_use_a_queue(
    site: str, ce: str, queue: str, may_use_the_queue: set[str], may_use_the_ce: set[str]
) -> None:
    queues = {"q": {"VO": queue}}
    found = publication(("LCG.A.us", {"VO": site, "CEs": {"c": {"VO": ce, "Queues": queues}}}))
    assert element(found, "Queue", "q@c").offered == may_use_the_queue
    assert element(found, "ComputingElement", "c").offered == may_use_the_ce


def test_a_ce_with_one_queue_for_everyone_is_for_everyone() -> None:
    found = publication(("LCG.A.us", {"CEs": {"c": {"Queues": {"all": {}, "lhcb": {"VO": "lhcb"}}}}}))
    assert element(found, "ComputingElement", "c").offered == frozenset()


# --- What is not as it should be


def test_a_ce_of_two_sites_is_a_conflict_that_names_them() -> None:
    there = {"CEs": {"https": dirac.ce("AREX", "prod", VO="cms")}}
    found = publication(("LCG.A.us", there), ("LCG.B.us", there))
    assert {key.name for key in found.conflicts} == {"https", "prod@https"}
    assert {key.type for key in found.elements} == {"Site"}
    assert found.vos == {"cms"}
    assert "ComputingElement https is listed 2 times (at LCG.A.us, LCG.B.us), with different site" in found.problems[1]


def test_a_vo_that_cannot_be_is_passed_over_and_told_once() -> None:
    ces = {"c1": dirac.ce(VO="cms, a b"), "c2": dirac.ce(VO="a b, cms")}
    found = publication(("LCG.A.us", {"CEs": ces}))
    assert element(found, "ComputingElement", "c1").offered == {"cms"}
    assert found.problems == ("'a b', which occurs 2 times, can be no VO's name: passed over.",)


@pytest.mark.parametrize("vo", ["a b", "all"])
def test_a_restriction_to_nobody_is_not_one_to_everyone(vo: str) -> None:
    found = publication(("LCG.A.us", {"CEs": {"c": dirac.ce(VO=vo)}}))
    assert found.conflicts == {ElementKey("Resource", "ComputingElement", "c")}
    assert found.problems[0] == (
        f"cs: Resources/Sites/LCG/LCG.A.us/CEs/c/VO (line 14) names no VO that can be: '{vo}'. What was known of it stands."
    )


def test_a_name_that_nobody_can_keep_makes_absence_say_nothing() -> None:
    found = publication(("LCG." + "x" * 300, {}))
    assert (found.elements, found.conclusive) == ({}, False)
    assert "It is left out, and nothing counts as withdrawn" in found.problems[0]

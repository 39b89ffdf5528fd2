from __future__ import annotations

import pytest

from gridmask.domain.element import Element, ElementKey
from gridmask.inventory.dirac.resources import read
from gridmask.inventory.publication import Publication
from tests import dirac

SITE = ("LCG.A.us", {"SE": ["A-disk", "A-tape"]})
DISK = dirac.se(("srm", "SRM.example.org"), ("root", "xrd.example.org"))


def publication(ses: dirac.Table, *sites: tuple[str, dirac.Table], **more: object) -> Publication:
    return read(dirac.resources(StorageElements=ses, Sites=dirac.sites(*sites or (SITE,)), **more), "cs")


def storage(published: Publication, name: str) -> Element:
    return published.elements[ElementKey("Resource", "StorageElement", name)]


def test_an_se_has_the_hosts_and_services_of_all_its_protocols() -> None:
    se = storage(publication({"A-disk": {**DISK, "BackendType": "dCache", "SEType": "T0D1", "VO": "LHCb"}}), "A-disk")
    assert (se.site, se.category) == ("LCG.A.us", "storage")
    assert se.offered == {"lhcb"}
    assert se.hosts == ("srm.example.org", "xrd.example.org")
    assert se.services == {"srm", "xrootd"}
    facts = {"local_to": ["LCG.A.us"], "se_type": "T0D1", "backend": "dCache", "protocols": ["root", "srm"]}
    assert se.facts == facts


@pytest.mark.parametrize(
    ("protocol", "disk", "tape"),
    [
        ("srm", {"srm"}, {"srm.nearline"}),
        ("root", {"xrootd"}, {"wlcg.xrootd.tape"}),
        ("https", {"webdav"}, {"wlcg.webdav.tape"}),
        ("davs", {"webdav"}, {"wlcg.webdav.tape"}),
        ("gsiftp", {"globus-gridftp", "gridftp"}, {"globus-gridftp", "gridftp"}),
        ("s3", set(), set()),
    ],
)
def test_tape_is_called_otherwise_than_disk(protocol: str, disk: set[str], tape: set[str]) -> None:
    found = {
        kind: storage(publication({"X": dirac.se((protocol, "x.example.org"), SEType=kind)}), "X").services
        for kind in ("", "T0D1", "T1D0", "T1D1")
    }
    assert found == {"": disk, "T0D1": disk, "T1D0": tape, "T1D1": disk | tape}


def test_a_protocol_without_a_known_service_makes_everything_on_the_hosts_count() -> None:
    se = storage(publication({"X": dirac.se(("srm", "a.example.org"), ("s3", "b.example.org"))}), "X")
    assert (se.hosts, se.services) == (("a.example.org", "b.example.org"), frozenset())


def test_a_protocol_without_a_host_asks_for_nothing() -> None:
    se = storage(publication({"X": dirac.se(("srm", "a.example.org"), ("file", ""))}), "X")
    assert (se.hosts, se.facts["protocols"]) == (("a.example.org",), ["file", "srm"])
    assert se.services == {"srm"}


def test_what_the_file_says_of_access_is_a_fact_and_no_status() -> None:
    se = storage(publication({"X": dirac.se(WriteAccess="InActive", ReadAccess="Active")}), "X")
    assert (se.in_service, se.facts["legacy_access"]) == (True, {"ReadAccess": "Active", "WriteAccess": "InActive"})


# --- Sites


def test_ses_of_no_site_have_none_and_are_told_in_one_line() -> None:
    found = publication({f"X{number}": DISK for number in range(7)}, ("LCG.A.us", {}))
    assert storage(found, "X1").site == ""
    assert storage(found, "X1").facts["site"] == "no site has it in its option SE"
    assert found.problems == (
        "7 of 7 SEs are in no site's option SE, so their site is not known: X0, X1, X2, X3, X4 and 2 more.",
    )


def test_an_se_of_several_sites_belongs_to_none_of_them() -> None:
    found = publication({"X": DISK}, ("LCG.A.us", {"SE": "X"}), ("LCG.B.us", {"SE": "X"}))
    assert (storage(found, "X").site, storage(found, "X").facts["local_to"]) == ("", ["LCG.A.us", "LCG.B.us"])
    assert found.problems == ("1 of 1 SEs are in several sites' option SE, so they have none: X.",)


def test_ses_that_a_site_has_and_nobody_declares_are_told() -> None:
    found = publication({"A-disk": DISK})
    assert found.problems == ("sites have 1 SEs that are not under StorageElements: A-tape.",)


# --- Taking over


def test_an_se_has_what_its_base_says_where_it_says_nothing_itself() -> None:
    base = {**DISK, "VO": "lhcb", "SEType": "T0D1"}
    own = {"BaseSE": "Base", "SEType": "T1D0", "AccessProtocol.2": {"Host": "own.example.org", "Protocol": ""}}
    se = storage(publication({"X": own}, StorageElementBases={"Base": base}), "X")
    assert (se.facts["se_type"], se.facts["built_upon"]) == ("T1D0", "Base")
    assert se.offered == {"lhcb"}
    assert se.hosts == ("own.example.org", "srm.example.org")
    assert se.services == {"srm.nearline", "wlcg.xrootd.tape"}


def test_a_base_that_a_site_has_makes_what_is_built_upon_it_the_sites() -> None:
    found = publication({"X": {"BaseSE": "Base"}}, ("LCG.A.us", {"SE": "Base"}), StorageElementBases={"Base": DISK})
    assert storage(found, "X").site == "LCG.A.us"
    assert not found.problems


def test_an_alias_is_another_se_under_one_more_name() -> None:
    found = publication({"A-disk": DISK, "Old": {"Alias": "A-disk"}})
    assert storage(found, "Old").hosts == storage(found, "A-disk").hosts
    assert storage(found, "Old").site == "LCG.A.us"


@pytest.mark.parametrize(
    ("ses", "problem"),
    [
        ({"X": {"BaseSE": "Gone"}}, "X/BaseSE (line 16) is 'Gone', which is not under StorageElementBases"),
        ({"X": {"Alias": "Gone"}}, "X/Alias (line 16) is 'Gone', which is no SE"),
        ({"X": {"Alias": "X"}}, "X/Alias (line 16) is 'X', which leads back here"),
    ],
)
def test_an_se_that_takes_over_what_is_not_there_cannot_be_read(ses: dirac.Table, problem: str) -> None:
    found = read(dirac.resources(Sites=dirac.sites(("LCG.A.us", {})), StorageElements=ses), "cs")
    assert {key.name for key in found.conflicts} == {"X"}
    assert any(problem in told for told in found.problems)


# --- Groups


def test_groups_are_tags_also_by_a_group_in_the_group() -> None:
    groups = {"Tier1": ["A-disk"], "All": ["Tier1", "All"]}
    assert storage(publication({"A-disk": DISK}, StorageElementGroups=groups), "A-disk").tags == {"Tier1", "All"}

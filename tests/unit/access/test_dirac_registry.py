from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.access.dirac_registry import DiracRegistry, Member, read
from gridmask.access.registry_file import RegistryFile, RegistryUnavailable, load
from gridmask.domain.errors import InvalidConfiguration
from tests import dirac

if TYPE_CHECKING:
    from pathlib import Path

ADMIN = {"Users": "ann, bob", "Properties": ["SiteManager", "NormalUser"], "VO": "cms"}


def registry(**tables: dirac.Table) -> DiracRegistry:
    found: dirac.Table = {"Registry": {"DefaultGroup": "users", **tables}, "DIRAC": {"VirtualOrganization": "lhcb"}}
    return read(dirac.text(found), "dirac.cfg")


FULL = registry(
    Users={
        "ann": {"DN": "/O=D/CN=ann, /O=D, Inc./CN=ann"},
        "bob": {"DN": r"/O=D/CN=B\xC3\xB6b", "DefaultGroup": "admins", "Suspended": "lhcb"},
        "cy": {"DN": "/O=D/CN=shared"},
        "di": {"DN": "/O=D/CN=shared, /O=D/CN=Di"},
        "d2": {"DN": "/O=D/CN=DI"},
    },
    Groups={"admins": ADMIN, "users": {"Users": "ann, bob, cy"}, "others": {"Users": "cy", "VO": "cms"}},
    Hosts={"rss.example.org": {"DN": "/O=D/CN=host/rss.example.org", "Properties": "TrustedHost, SiteManager"}},
)


def test_somebody_may_have_several_certificates_and_commas_in_their_names() -> None:
    assert FULL.members["/O=D/CN=ann"] == FULL.members["/O=D, Inc./CN=ann"]
    assert "/O=D" not in FULL.members


def test_a_certificate_that_two_have_is_nobodys() -> None:
    assert "/O=D/CN=shared" not in FULL.members


def test_nor_is_one_that_differs_in_case_alone() -> None:
    # whoever has the other could sign a proxy in this name, and OpenSSL would take it
    assert {"/O=D/CN=shared", "/O=D/CN=Di", "/O=D/CN=DI"} == FULL.doubtful
    assert not FULL.doubtful & FULL.members.keys()


def test_whoever_chose_a_group_is_in_it_if_the_registry_says_so() -> None:
    ann = FULL.members["/O=D/CN=ann"]
    properties = ["SiteManager", "NormalUser"]
    expected = {"dirac_user": ["ann"], "dirac_group": ["admins"], "dirac_vo": ["cms"], "dirac_properties": properties}
    assert FULL.claims(ann, "admins") == expected
    assert FULL.claims(ann, "others") == FULL.claims(ann, "nowhere") == {"dirac_user": ["ann"]}


def test_whoever_chose_none_is_in_the_default_group() -> None:
    assert FULL.claims(FULL.members["/O=D/CN=ann"], "")["dirac_group"] == ["users"]
    assert FULL.claims(FULL.members["/O=D/CN=Böb"], "")["dirac_group"] == ["admins"]


def test_a_group_works_for_its_vo_or_that_of_the_installation() -> None:
    assert FULL.claims(FULL.members["/O=D/CN=ann"], "users")["dirac_vo"] == ["lhcb"]


def test_who_is_suspended_for_a_vo_is_in_none_of_its_groups() -> None:
    assert FULL.claims(FULL.members["/O=D/CN=Böb"], "users") == {"dirac_user": ["bob"]}


def test_a_host_chooses_no_group() -> None:
    host = FULL.members["/O=D/CN=host/rss.example.org"]
    assert FULL.claims(host, "admins") == {
        "dirac_host": ["rss.example.org"],
        "dirac_group": ["hosts"],
        "dirac_properties": ["TrustedHost", "SiteManager"],
    }


def test_without_a_registry_nobody_is_known() -> None:
    assert read(b"Systems\n{\n}\n", "dirac.cfg") == DiracRegistry()


async def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "dirac.cfg"
    path.write_bytes(dirac.text({"Registry": {"Users": {"ann": {"DN": "/CN=ann"}}}}))
    file = RegistryFile(path)
    assert await file.current() is await file.current()
    path.write_bytes(dirac.text({"Registry": {"Users": {"eve": {"DN": "/CN=evelyn"}}}}))
    assert (await file.current()).members == {"/CN=evelyn": Member("eve")}


async def test_one_that_breaks_counts_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "dirac.cfg"
    path.write_bytes(dirac.text({"Registry": {"Users": {"ann": {"DN": "/CN=ann"}}}}))
    file = RegistryFile(path)
    before = await file.current()
    path.write_text("Registry\n{")
    assert await file.current() is before
    path.unlink()
    assert await file.current() is before


async def test_one_that_never_was_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="No such file"):
        load(tmp_path / "dirac.cfg")
    with pytest.raises(RegistryUnavailable):
        await RegistryFile(tmp_path / "dirac.cfg").current()

"""DIRAC's own client, unmodified, with a proxy, through nginx, to an installation that asks who comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.settings import DiracRpc
from gridmask.source import Source
from tests import front as fronts
from tests.clocks import WallClock
from tests.conftest import where_installed
from tests.dirac_client import DiracClient, client, served_behind
from tests.front import Files
from tests.grid import Grid
from tests.pki import OpensslMissing, Pki

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
CE, SITE = "ce1.example.org", "LCG.Here.org"


@pytest.fixture(scope="module")
def dirac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DiracClient]:
    """A client whose proxy says that it is in ``dirac_admin``, as the registry in its configuration does."""
    folder = tmp_path_factory.mktemp("dirac")
    try:
        pki = Pki.made(folder)
    except OpensslMissing as reason:
        pytest.skip(str(reason))
    (folder / "home").mkdir()
    made = client(folder / "home", pki)
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}", WallClock())
    settings = {
        "source": (Source(name="cs", kind="dirac-cfg", url=made.configuration.as_uri()),),
        "dirac_rpc": DiracRpc(enabled=True),
        "access": {"reading": "vo", "proxies": ["127.0.0.1"]},
        "certificate": {"registry": made.configuration},
    }
    files = Files(pki.certificate("server"), pki.key("server"), pki.ca)
    with served_behind(grid, made, **settings) as behind, where_installed(), fronts.front(files, behind) as it:
        made.configure(it.address)
        yield made


def test_it_reads_and_writes_for_its_vo_as_diracs_registry_says(dirac: DiracClient) -> None:
    usable, banned = dirac.call(
        f"tell(SiteStatus().getUsableSites(['{SITE}']))",
        f"tell(ResourceStatusClient().addOrModifyStatusElement('Site', 'Status', '{SITE}', 'all', 'Banned', vO='cms'))",
    )
    left, statuses = dirac.call(
        "tell(SiteStatus().getUsableSites())",
        f"tell(ResourceStatus().getElementStatus('{CE}', 'ComputingElement'))",
    )
    assert (usable["Value"], banned["OK"], left["Value"]) == ([SITE], True, [])
    assert statuses["Value"] == {CE: {"all": "Active"}}


def test_what_is_everyones_is_not_its_to_change(dirac: DiracClient) -> None:
    (refused,) = dirac.call(
        f"tell(ResourceStatusClient().addOrModifyStatusElement('Resource', 'Status', '{CE}', 'all', 'Banned', vO='all'))"
    )
    assert (refused["OK"], refused["Errno"]) == (False, 1111)


def test_its_script_says_who_did_it(dirac: DiracClient) -> None:
    on = ("--element", "Resource", "--name", CE, "--VO", "cms")
    dirac.script("dirac-rss-set-status", *on, "--status", "Banned", "--reason", "Smoke.")
    (log,) = dirac.call(f"tell(ResourceStatusClient().selectStatusElement('Resource', 'Status', '{CE}', vO='cms'))")
    assert "ciuser" in str(log["Value"])


def test_a_trusted_host_asks_in_the_name_of_a_user_and_a_user_does_not(dirac: DiracClient) -> None:
    whose = f"delegatedDN='{dirac.subject('client')}', delegatedGroup='dirac_admin'"
    write = f"addOrModifyStatusElement('Site', 'Status', '{SITE}', 'all', 'Degraded', vO='cms')"
    by_host, alone, by_user, rows = dirac.call(
        f"tell(ResourceStatusClient(useCertificates=True, {whose}).{write})",
        f"tell(ResourceStatusClient(useCertificates=True).{write})",
        f"tell(ResourceStatusClient({whose}).{write})",
        f"tell(ResourceStatusClient().selectStatusElement('Site', 'Status', '{SITE}', vO='cms'))",
    )
    assert (by_host["OK"], alone["Errno"]) == (True, 1111)
    assert (by_user["OK"], "No access" in by_user["Message"]) == (False, True)
    assert "ciuser" in str(rows["Value"])

"""DIRAC's own client, unmodified, over HTTPS: what its classes and scripts do with a Gridmask behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dirac_client import DiracClient, at_home

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
CE, SITE = "ce1.example.org", "LCG.Here.org"


@pytest.fixture(scope="module")
def dirac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DiracClient]:
    """A client whose configuration names the services of a server of ours, which has its inventory from the same."""
    with at_home(tmp_path_factory.mktemp("dirac")) as (made, _):
        yield made


def test_its_classes_read_and_write(dirac: DiracClient) -> None:
    sites, usable, banned, left, statuses, always, set_, seen = dirac.call(
        "sites, resources = SiteStatus(), ResourceStatus()",
        "tell(sites.getSites())",
        f"tell(sites.getUsableSites(['{SITE}']))",
        f"tell(sites.setSiteStatus('{SITE}', 'Banned', 'Smoke.'))",
        "tell(sites.getUsableSites())",
        f"tell(resources.getElementStatus(['{CE}', 'ce2.example.org'], 'ComputingElement'))",
        "tell(resources.getElementStatus('SE1', 'StorageElement', 'ReadAccess'))",
        "tell(resources.setElementStatus('SE1', 'StorageElement', 'ReadAccess', 'Banned', 'Smoke.', 'ciuser'))",
        "tell(resources.getElementStatus('SE1', 'StorageElement'))",
    )
    assert sites["Value"] == usable["Value"] == [SITE]
    assert (banned["OK"], left["Value"], set_["OK"]) == (True, [], True)
    assert statuses["Value"] == {CE: {"all": "Active"}, "ce2.example.org": {"all": "Active"}}
    assert always["Value"] == {"SE1": {"ReadAccess": "Active"}}
    assert seen["Value"]["SE1"] == {
        "ReadAccess": "Banned",
        "WriteAccess": "Active",
        "CheckAccess": "Active",
        "RemoveAccess": "Active",
    }


def test_its_clients_call_each_service(dirac: DiracClient) -> None:
    refused, rows, log, tree, told, downtimes, gone = dirac.call(
        "rss, rms, now = ResourceStatusClient(), ResourceManagementClient(), datetime.utcnow()",
        "tell(rss.addOrModifyStatusElement('Resource', 'Status', 'nowhere', 'all', 'Banned'))",
        "rss.addOrModifyStatusElement('Resource', 'Status', 'ce2.example.org', 'all', 'Degraded', reason='é')",
        "tell(rss.selectStatusElement('Resource', 'Status', ['ce2.example.org'], meta={'columns': ['Status', 'Reason']}))",
        "before = {'newer': ['DateEffective', now - timedelta(minutes=1)]}",
        "tell(rss.selectStatusElement('Resource', 'Log', 'ce2.example.org', meta=before))",
        f"tell(PublisherClient().getTree('Site', '{SITE}'))",
        f"tell(rms.addOrModifyDowntimeCache('D1', 'Site', '{SITE}', now, now + timedelta(hours=1), 'OUTAGE', 'x', 'y'))",
        "tell(rms.selectDowntimeCache(element='Site', meta={'columns': ['DowntimeID', 'Severity']}))",
        "tell(rms.deleteDowntimeCache('D1'))",
    )
    assert (refused["OK"], refused["Errno"]) == (False, 2)
    assert rows["Value"] == [["Degraded", "é"]]
    assert [row[3:5] for row in log["Value"]][-1:] == [["Degraded", "é"]]
    assert tree["Value"][SITE]["ces"]["ce2.example.org"] == {"all": "Degraded"}
    assert (told["OK"], downtimes["Value"], gone["Value"]) == (True, [["D1", "OUTAGE"]], 1)


def test_its_scripts_do_what_runbooks_say(dirac: DiracClient) -> None:
    on = ("--element", "Resource", "--name", CE)
    dirac.script("dirac-rss-set-status", *on, "--status", "Banned", "--reason", "Smoke.", "--VO", "cms")
    dirac.script("dirac-rss-set-token", *on, "--reason", "Mine.", "--VO", "cms")
    listed = dirac.script("dirac-rss-list-status", "--element", "Resource", "--status", "Banned")
    assert f"{CE} | all" in listed
    assert "| ciuser" in listed


def test_administrators_ban_and_allow(dirac: DiracClient) -> None:
    dirac.script("dirac-admin-ban-site", SITE, "Smoke.", "-E", "no")
    assert SITE in dirac.script("dirac-admin-get-banned-sites")
    dirac.script("dirac-admin-allow-site", SITE, "Fine again.", "-E", "no")
    assert SITE in dirac.script("dirac-admin-get-site-mask").splitlines()
    assert "Successfully updated SE1 write access to Banned" in dirac.script("dirac-admin-ban-se", "-w", "-m", "SE1")
    assert "Successfully updated SE1 WriteAccess to Active" in dirac.script("dirac-admin-allow-se", "-w", "-m", "SE1")

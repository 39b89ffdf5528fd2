"""DIRAC's own client, unmodified, with a proxy, straight to a Gridmask that speaks TLS itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from gridmask.settings import DiracRpc
from gridmask.source import Source
from tests.clocks import WallClock
from tests.dirac_client import DiracClient, client, served_to_proxies
from tests.grid import Grid
from tests.pki import OpensslMissing, Pki
from tests.proxies import Holder, Span, proxy
from tests.voms import certificate, extension, lsc

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
CE, SITE = "ce1.example.org", "LCG.Here.org"
BANS = f"tell(ResourceStatusClient().addOrModifyStatusElement('Site', 'Status', '{SITE}', 'all', 'Banned', vO='cms'))"


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
        "server": {"certificate": pki.certificate("server"), "client_ca": pki.hashed, "client_crls": False},
        "access": {"reading": "vo"},
        "certificate": {
            "voms": lsc(folder / "vomsdir", "/O=Test/CN=server", "/O=Test/CN=ca"),
            "grant": [{"role": "operator", "vo": "{1}", "when": {"voms_fqan": "/*/Role=production"}}],
        },
    }
    with served_to_proxies(grid, made, **settings):
        yield made


def holder(pki: Pki, named: str) -> Holder:
    key = load_pem_private_key(pki.key(named).read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return Holder(load_pem_x509_certificate(pki.certificate(named).read_bytes()), key)


def test_its_own_proxy_names_somebody_who_may_do_nothing_here(dirac: DiracClient) -> None:
    (refused,) = dirac.call(BANS)
    assert (refused["OK"], refused["Errno"]) == (False, 1111)
    assert "/O=Test/CN=client" in refused["Message"]


def test_with_attributes_of_voms_it_reads_and_writes_for_its_vo(dirac: DiracClient) -> None:
    user, server = holder(dirac.pki, "client"), holder(dirac.pki, "server")
    span = Span.around()
    said = certificate(server, user, Span(span.begins, span.ends - timedelta(hours=1)), "/cms/Role=production/Capability=NULL")
    # as dirac-proxy-init has it: attributes are added by a proxy of the proxy that has the group
    chosen = proxy(user, span, group="dirac_admin")
    proxy(chosen, span, attributes=extension(said)).file(dirac.folder / "proxy.pem")
    banned, usable = dirac.call(BANS, "tell(SiteStatus().getUsableSites())")
    assert (banned["OK"], usable["Value"]) == (True, [])

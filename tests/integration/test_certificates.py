"""Certificates and proxies, good and bad, through a real nginx that is set up as the documentation says."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.access.proxies import LIMITED
from tests import dirac, osg
from tests import front as fronts
from tests.clocks import WallClock
from tests.conftest import where_installed
from tests.documentation import Page
from tests.front import EXAMPLE, Files
from tests.grid import Grid
from tests.proxies import Holder, Span, authority, name, person, proxy, revoked, server, signed
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
SPAN, OVER = Span.around(NOW), Span(NOW - timedelta(hours=3), NOW - timedelta(hours=1))
CA = authority(SPAN)
USER, STRANGER, GONE = (signed(CA, person(common), SPAN) for common in ("user", "stranger", "gone"))
PROXY = proxy(USER, SPAN, group="admins")
OWNER = "/C=ch/O=DIRAC/CN=user"
REGISTRY: dirac.Table = {
    "Users": {"ciuser": {"DN": OWNER}, "gone": {"DN": "/C=ch/O=DIRAC/CN=gone"}},
    "Groups": {"admins": {"Users": "ciuser, gone", "Properties": "SiteManager", "VO": "cms"}},
    "DefaultGroup": "admins",
}
BANNED = {"rows": [{"name": "CE1", "vo": "cms"}], "status": "Banned", "reason": "a try"}
_FILES = count()


@dataclass(frozen=True, slots=True)
class Door:
    """An nginx with a Gridmask behind it; ``behind``: where that listens itself."""

    address: str
    behind: str
    folder: Path

    def ask(self, holder: Holder | None = None, request: str = "GET /api/v1/access", **more: Any) -> httpx2.Response:  # noqa: ANN401
        """What ``holder`` is answered, or somebody without a certificate."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if holder is not None:
            context.load_cert_chain(holder.file(self.folder / f"{next(_FILES)}.pem"))
        with httpx2.Client(verify=context, base_url=self.address) as client:
            return client.request(*request.split(), **more)

    def called(self, holder: Holder | None = None, **more: Any) -> str:  # noqa: ANN401 - likewise
        """What ``holder`` is called there."""
        return str(self.ask(holder, **more).json()["name"])

    def bans(self, holder: Holder) -> int:
        """Whether ``holder`` may set a status."""
        return self.ask(holder, "POST /api/v1/statuses", json=BANNED).status_code


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("front")
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}", WallClock())
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    (folder / "dirac.cfg").write_bytes(dirac.text({"Registry": REGISTRY}))
    access = {"reading": "vo", "proxies": ["127.0.0.1"]}
    certificate = {"registry": folder / "dirac.cfg"}
    with (
        served(grid, access=access, certificate=certificate) as behind,
        where_installed(),
        fronts.front(files(folder), behind) as it,
    ):
        yield Door(it.address, behind, folder)


def files(folder: Path) -> Files:
    """What an nginx needs, in ``folder``."""
    (folder / "ca.pem").write_text(CA.pem)
    (folder / "revoked.pem").write_text(revoked(CA, SPAN, [GONE]))
    both = server(CA, SPAN).file(folder / "server.pem")
    return Files(both, both, folder / "ca.pem", folder / "revoked.pem")


def test_who_shows_no_certificate_is_nobody(front: Door) -> None:
    assert front.called() == "anonymous"


def test_a_certificate_names_its_owner(front: Door) -> None:
    assert front.called(USER) == "ciuser@x509"
    assert front.called(STRANGER) == "/C=ch/O=DIRAC/CN=stranger@x509"


def test_a_proxy_does_what_its_owner_may(front: Door) -> None:
    assert front.called(PROXY) == "ciuser@x509"
    assert front.bans(PROXY) == 200
    assert front.bans(proxy(STRANGER, SPAN, group="admins")) == 403


LIMITED_ONE = proxy(USER, SPAN, group="admins", language=LIMITED)
READS_ONLY = {"twice": proxy(PROXY, SPAN, group="admins"), "limited": LIMITED_ONE, "of a limited one": proxy(LIMITED_ONE, SPAN)}


@pytest.mark.parametrize("reads_only", READS_ONLY.values(), ids=READS_ONLY)
def test_a_proxy_of_a_proxy_and_a_limited_one_read(front: Door, reads_only: Holder) -> None:
    assert front.called(reads_only) == "ciuser@x509"
    assert front.ask(reads_only, "GET /api/v1/masks/cms").status_code == 200
    assert front.bans(reads_only) == 403


REFUSED = {
    "forged": proxy(USER, SPAN, signer=STRANGER),
    "expired": proxy(USER, OVER),
    "of an expired one": proxy(proxy(USER, OVER), SPAN),
    "not yet": proxy(USER, Span(NOW + timedelta(hours=1), NOW + timedelta(hours=2))),
    "of another authority": proxy(signed(authority(SPAN), person("user"), SPAN), SPAN),
    "self-signed": authority(SPAN, "user"),
    "without its owner's": replace(PROXY, above=()),
    "revoked": GONE,
    "of a revoked one": proxy(GONE, SPAN, group="admins"),
    "under another name": proxy(STRANGER, SPAN, subject=name(("C", "ch"), ("O", "DIRAC"), ("CN", "user"), ("CN", "1"))),
    "no proxy, signed by a user": proxy(STRANGER, SPAN, subject=person("user"), language=None),
    "of before the standard": proxy(USER, SPAN, common="proxy", language=None),
}


@pytest.mark.parametrize("sort", REFUSED)
def test_what_proves_nothing_comes_no_further_than_nginx(front: Door, sort: str) -> None:
    answer = front.ask(REFUSED[sort])
    assert (answer.status_code, answer.headers["server"][:5]) == (400, "nginx")


def test_names_that_differ_in_case_alone_are_one_to_openssl(front: Door) -> None:
    # so an authority must not give out both; in DIRAC's registry, neither counts then
    loud = signed(CA, person("STRANGER"), SPAN)
    assert front.called(proxy(loud, SPAN, issuer=person("stranger"))) == "/C=ch/O=DIRAC/CN=stranger@x509"


def test_of_a_certificate_the_key_is_needed(front: Door) -> None:
    with pytest.raises(ssl.SSLError):
        front.ask(replace(PROXY, key=STRANGER.key))


@pytest.mark.parametrize("header", ["X-SSL-Cert", "x-ssl-cert", "X_SSL_Cert", "X-Ssl-Cert"])
def test_what_a_client_writes_itself_does_not_get_through(front: Door, header: str) -> None:
    written = {header: USER.headers["X-SSL-Cert"], "X-Ssl-Client-Verify": "SUCCESS", "X_Ssl_Client_Verify": "SUCCESS"}
    assert front.called(headers=written) == "anonymous"
    assert front.called(STRANGER, headers=written) == "/C=ch/O=DIRAC/CN=stranger@x509"
    assert front.called(headers=[*USER.headers.items(), *USER.headers.items()]) == "anonymous"


def test_a_large_certificate_gets_through_and_a_larger_header_does_not(front: Door) -> None:
    assert front.called(proxy(USER, SPAN, padding=10_000)) == "ciuser@x509"
    assert front.ask(headers={"X-SSL-Cert": "x" * 40_000}).status_code in {400, 494}


def test_the_gridmask_behind_believes_nginx_alone(front: Door) -> None:
    # this machine is the proxy here: what else runs on it is believed as well, and has to be kept away
    assert httpx2.get(f"{front.behind}/api/v1/access", headers=PROXY.headers).json()["name"] == "ciuser@x509"


def test_the_documentation_has_what_was_tried_here() -> None:
    page = Page.of("docs/how-to/take-certificates.md").text
    for file in ("gridmask.conf", "allow_proxies.c"):
        assert (EXAMPLE / file).read_text(encoding="utf-8").strip() in page

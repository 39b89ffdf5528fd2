"""TLS that the server speaks itself: real connections by certificates and proxies, good and bad."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from gridmask.access.proxies import LIMITED
from gridmask.api import tls, wheel
from gridmask.api.server import serve
from gridmask.domain.errors import InvalidConfiguration
from tests import dirac, osg
from tests.clocks import WallClock
from tests.grid import Grid
from tests.proxies import INDEPENDENT, Holder, Span, authority, hashed, name, person, proxy, revoked, server, signed
from tests.served import served
from tests.voms import certificate, extension, lsc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
SPAN, OVER = Span.around(NOW), Span(NOW - timedelta(hours=3), NOW - timedelta(hours=1))
CA = authority(SPAN)
USER, STRANGER, GONE = (signed(CA, person(common), SPAN) for common in ("user", "stranger", "gone"))
SEVENTH = signed(CA, person("user", ("CN", "7")), SPAN)
VOMS = signed(CA, person("voms.example.org"), SPAN)
PROXY = proxy(USER, SPAN, group="admins")
LIMITED_ONE = proxy(USER, SPAN, group="admins", language=LIMITED)
OWNER = "/C=ch/O=DIRAC/CN=user"
REGISTRY: dirac.Table = {
    "Users": {"ciuser": {"DN": OWNER}, "gone": {"DN": "/C=ch/O=DIRAC/CN=gone"}},
    "Groups": {
        "admins": {"Users": "ciuser, gone", "Properties": "SiteManager", "VO": "cms"},
        "users": {"Users": "ciuser", "VO": "cms"},
    },
    "DefaultGroup": "users",
}
GRANTS = [{"role": "operator", "vo": "{1}", "when": {"voms_fqan": "/*/Role=production"}}]
BANNED = {"rows": [{"name": "CE1", "vo": "cms"}], "status": "Banned", "reason": "a try"}
_FILES = count()


@dataclass(frozen=True, slots=True)
class Door:
    """A Gridmask that speaks TLS."""

    address: str
    folder: Path

    def context(self, holder: Holder | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if holder is not None:
            context.load_cert_chain(holder.file(self.folder / f"{next(_FILES)}.pem"))
        return context

    def ask(self, holder: Holder | None = None, request: str = "GET /api/v1/access", **more: Any) -> httpx2.Response:  # noqa: ANN401
        """What ``holder`` is answered, or somebody without a certificate."""
        with httpx2.Client(verify=self.context(holder), base_url=self.address) as client:
            return client.request(*request.split(), **more)

    def called(self, holder: Holder | None = None, **more: Any) -> str:  # noqa: ANN401 - likewise
        """What ``holder`` is called there."""
        return str(self.ask(holder, **more).json()["name"])

    def bans(self, holder: Holder) -> int:
        """Whether ``holder`` may set a status."""
        return self.ask(holder, "POST /api/v1/statuses", json=BANNED).status_code

    def grants(self, holder: Holder) -> set[str]:
        return {f"{grant['role']} {grant['vo']}" for grant in self.ask(holder).json()["grants"]}


def settings(folder: Path, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever settings hold
    """Those of a server in ``folder`` that takes certificates; ``more``: of its table."""
    (folder / "ca.pem").write_text(CA.pem)
    authorities = hashed(folder / "certificates", CA, lists=[revoked(CA, SPAN, [GONE])])
    (folder / "dirac.cfg").write_bytes(dirac.text({"Registry": REGISTRY}))
    both = server(CA, SPAN).file(folder / "server.pem")
    vomsdir = lsc(folder / "vomsdir", "/C=ch/O=DIRAC/CN=voms.example.org", "/C=ch/O=DIRAC/CN=DIRAC CA")
    return {
        "server": {"certificate": both, "client_ca": authorities, **more},
        "access": {"reading": "vo"},
        "certificate": {"registry": folder / "dirac.cfg", "voms": vomsdir, "grant": GRANTS},
    }


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("tls")
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}", WallClock())
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    with served(grid, **settings(folder)) as address:
        yield Door(address.replace("127.0.0.1", "localhost"), folder)


def test_who_shows_no_certificate_is_nobody(door: Door) -> None:
    assert door.called() == "anonymous"


def test_a_certificate_and_a_proxy_name_their_owner_and_who_vouches_for_it(door: Door) -> None:
    assert door.called(STRANGER) == "/C=ch/O=DIRAC/CN=stranger@x509"
    told = door.ask(PROXY).json()
    assert (told["name"], told["issuer"]) == ("ciuser@x509", "/C=ch/O=DIRAC/CN=DIRAC CA")


def test_a_proxy_of_a_proxy_does_what_its_owner_may(door: Door) -> None:
    assert door.bans(PROXY) == 200
    assert door.bans(proxy(proxy(PROXY, SPAN), SPAN)) == 200


def test_a_group_that_was_chosen_stays(door: Door) -> None:
    assert door.bans(proxy(proxy(USER, SPAN, group="users"), SPAN, group="admins")) == 403


@pytest.mark.parametrize(
    "holder", [LIMITED_ONE, proxy(LIMITED_ONE, SPAN, group="admins"), proxy(PROXY, SPAN, language=LIMITED)]
)
def test_what_is_limited_anywhere_only_reads(door: Door, holder: Holder) -> None:
    assert door.bans(holder) == 403
    assert door.ask(holder, "GET /api/v1/masks/cms").status_code == 200


def test_a_name_that_ends_in_a_number_is_its_owners_own(door: Door) -> None:
    assert door.called(proxy(SEVENTH, SPAN)) == "/C=ch/O=DIRAC/CN=user/CN=7@x509"


def test_names_that_differ_in_case_alone_are_two(door: Door) -> None:
    loud = signed(CA, person("STRANGER"), SPAN)
    assert door.ask(proxy(loud, SPAN, issuer=person("stranger"))).status_code == 200
    assert door.called(proxy(loud, SPAN, issuer=person("stranger"))) == "/C=ch/O=DIRAC/CN=STRANGER@x509"


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
    "no proxy, signed by a proxy": proxy(PROXY, SPAN, subject=person("user"), language=None),
    "of before the standard": proxy(USER, SPAN, common="proxy", language=None),
}


@pytest.mark.parametrize("sort", REFUSED)
def test_who_shows_what_proves_nothing_gets_no_connection(door: Door, sort: str) -> None:
    with pytest.raises((httpx2.TransportError, ssl.SSLError)):
        door.ask(REFUSED[sort])


def test_of_a_certificate_the_key_is_needed(door: Door) -> None:
    with pytest.raises(ssl.SSLError):
        door.ask(replace(PROXY, key=STRANGER.key))


def test_a_key_that_is_too_short_is_none(door: Door) -> None:
    for bits, counts in ((1024, False), (2048, True)):
        key = generate_private_key(65537, bits)
        context = ssl.create_default_context(cafile=str(door.folder / "ca.pem"))
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(proxy(USER, SPAN, key=key).file(door.folder / f"{bits}.pem"))
        assert (b"ciuser@x509" in connected(door, context)[1]) is counts


def test_a_proxy_of_another_sort_is_told_so(door: Door) -> None:
    answer = door.ask(proxy(USER, SPAN, language=INDEPENDENT))
    assert (answer.status_code, "full ones, and limited ones" in answer.json()["detail"]) == (401, True)
    assert door.ask(proxy(proxy(USER, SPAN, language=INDEPENDENT), SPAN)).status_code == 401


def test_an_authority_asks_for_nothing(door: Door) -> None:
    assert door.ask(CA).status_code == 401


def test_what_a_client_writes_itself_is_nothing(door: Door) -> None:
    assert door.called(headers=USER.headers) == "anonymous"
    assert door.called(STRANGER, headers=USER.headers) == "/C=ch/O=DIRAC/CN=stranger@x509"


def test_a_server_of_voms_says_who_produces(door: Door) -> None:
    said = extension(certificate(VOMS, STRANGER, SPAN, "/cms/Role=production/Capability=NULL"))
    assert door.grants(proxy(STRANGER, SPAN, attributes=said)) == {"operator cms", "reader cms"}
    assert door.grants(proxy(proxy(STRANGER, SPAN), SPAN, attributes=said)) == {"operator cms", "reader cms"}
    assert door.grants(proxy(STRANGER, SPAN, attributes=said, language=LIMITED)) == {"reader cms"}
    assert door.bans(proxy(STRANGER, SPAN, attributes=said)) == 200


def test_attributes_of_voms_that_were_taken_from_another_are_nothing(door: Door) -> None:
    said = extension(certificate(VOMS, USER, SPAN, "/cms/Role=production"))
    assert door.grants(proxy(STRANGER, SPAN, attributes=said)) == set()
    assert door.bans(proxy(STRANGER, SPAN, attributes=said)) == 403


def test_a_large_proxy_gets_through_and_a_larger_one_does_not(door: Door) -> None:
    assert door.called(proxy(USER, SPAN, padding=60_000)) == "ciuser@x509"
    with pytest.raises((httpx2.TransportError, ssl.SSLError)):
        door.ask(proxy(USER, SPAN, padding=200_000))


def test_a_session_is_not_taken_up_again_without_showing_the_certificate(door: Door) -> None:
    for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = door.context(PROXY)
        context.maximum_version = newest
        session, first = connected(door, context)
        assert b"ciuser@x509" in first
        # whoever tries gets nothing by it, or is known by a certificate that was checked again
        again = connected(door, context, session)[1]
        assert not again or b"ciuser@x509" in again
        assert again or newest is ssl.TLSVersion.TLSv1_2


def connected(
    door: Door,
    context: ssl.SSLContext,
    session: ssl.SSLSession | None = None,
    *,
    path: str = "access",
    more: str = "Connection: close\r\n",
) -> tuple[ssl.SSLSession | None, bytes]:
    """The session of a connection, and what is told by it until it ends."""
    port = int(door.address.rpartition(":")[2])
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=4) as plain,
            context.wrap_socket(plain, server_hostname="localhost", session=session) as secure,
        ):
            secure.sendall(f"GET /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
            told, until = b"", monotonic() + 5
            while chunk := secure.recv(4096):
                told += chunk
                assert monotonic() < until, "the connection does not end"
            return secure.session, told
    except (ssl.SSLError, ConnectionError):
        return None, b""


def test_lists_of_what_was_revoked_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "RENEWED_AFTER", 0.0)
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}", WallClock())
    with served(grid, **settings(tmp_path)) as address:
        door = Door(address.replace("127.0.0.1", "localhost"), tmp_path)
        assert door.called(USER) == "ciuser@x509"
        hashed(tmp_path / "certificates", CA, lists=[revoked(CA, SPAN, [USER])])
        with pytest.raises((httpx2.TransportError, ssl.SSLError)):
            door.ask(USER)
        (tmp_path / "server.pem").write_text("half of it")
        assert door.called(STRANGER) == "/C=ch/O=DIRAC/CN=stranger@x509"


def test_a_connection_with_a_certificate_does_not_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "COUNTS_FOR", 1.0)
    monkeypatch.setattr(wheel, "TURN", 0.1)
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}", WallClock())
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    with served(grid, **settings(tmp_path)) as address:
        door = Door(address.replace("127.0.0.1", "localhost"), tmp_path)
        for path, said in (("access", b"ciuser@x509"), ("masks/cms/stream", b"text/event-stream")):
            told = connected(door, door.context(USER), path=path, more="")[1]
            assert (told[:12], said in told) == (b"HTTP/1.1 200", True)


def test_from_a_proxy_in_front_its_own_certificate_is_none_of_those_for_whom_it_asks(tmp_path: Path) -> None:
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}", WallClock())
    given = {**settings(tmp_path), "access": {"reading": "vo", "proxies": ["127.0.0.1"]}}
    with served(grid, **given) as address:
        door = Door(address.replace("127.0.0.1", "localhost"), tmp_path)
        assert door.called(USER) == "anonymous"
        assert door.called(USER, headers=STRANGER.headers) == "/C=ch/O=DIRAC/CN=stranger@x509"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"certificate": "nowhere.pem"}, "certificate .*nowhere.pem: cannot be read: No such file"),
        ({"certificate": "ca.pem"}, "certificate .*ca.pem: is no PEM file with both a certificate and its private key"),
        ({"client_ca": "nowhere"}, "server.client_ca: .*No such file"),
        ({"client_ca": "vomsdir"}, "has no authority"),
        ({"client_ca": "server.pem"}, "has no authority"),
        ({"client_ca": "ca.pem"}, "does not tell what was revoked"),
    ],
)
async def test_files_that_are_of_no_use_are_told_at_once(tmp_path: Path, table: dict[str, str], problem: str) -> None:
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}", WallClock())
    given = settings(tmp_path, **{key: tmp_path / value for key, value in table.items()})
    with pytest.raises(InvalidConfiguration, match=problem):
        await serve(grid.settings(**given), port=0, announce=print)

from __future__ import annotations

import os
import shutil
import socket
import ssl
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import FetchFailed, InvalidConfiguration, Unreachable
from gridmask.http import ANYBODY, Access, Client, Network
from gridmask.http.routes import Routes
from gridmask.http.ways import Ways
from tests.integration.http.conftest import LIMITS, NO_PAUSE
from tests.integration.http.server import reply, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.integration.http.conftest import Clock
    from tests.integration.http.server import Server
    from tests.pki import Pki


@pytest.fixture
async def guarded(pki: Pki) -> AsyncIterator[Server]:
    """Lets in those only who show a certificate of the CA."""
    async with running(pki.server(wants_client=True)) as server:
        yield server


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def doorman(pki: Pki, request: pytest.FixtureRequest) -> Iterator[str]:
    """Sends away whom it does not let in, with the alert that says why; asyncio's servers hang up without a word."""
    tls = pki.server(wants_client=True)
    tls.maximum_version = request.param
    with socket.create_server(("127.0.0.1", 0)) as door:
        keeping = Thread(target=_keep, args=(door, tls), daemon=True)
        keeping.start()
        yield f"https://127.0.0.1:{door.getsockname()[1]}/feed"
        door.shutdown(socket.SHUT_RDWR)
        keeping.join()


def _keep(door: socket.socket, tls: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            visitor, _ = door.accept()
            with visitor.dup() as line, suppress(OSError):
                try:
                    with tls.wrap_socket(visitor, server_side=True) as inside:
                        inside.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nin")
                except ssl.SSLError:
                    line.shutdown(socket.SHUT_WR)
                    while line.recv(4096):  # who hangs up with something unread takes back the alert
                        pass


@pytest.fixture
async def secure(pki: Pki) -> AsyncIterator[Server]:
    async with running(pki.server()) as server:
        yield server


@pytest.fixture
async def believing(clock: Clock, pki: Pki) -> AsyncIterator[Client]:
    async with Client(clock, LIMITS, backoff=NO_PAUSE, network=Network(ca_bundle=pki.ca)) as client:
        yield client


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("secret.token\n")
    return path


# --- Certificates


async def test_a_server_that_wants_a_certificate_gets_it(guarded: Server, believing: Client, pki: Pki) -> None:
    url = guarded.on("/feed", reply(200, b"for members"))
    access = Access(pki.certificate("client"), pki.key("client"))
    assert (await believing.get(url, access=access)).body == b"for members"


async def test_certificate_and_key_may_be_one_file(guarded: Server, believing: Client, pki: Pki) -> None:
    url = guarded.on("/feed", reply(200, b"for members"))
    assert (await believing.get(url, access=Access(pki.both("client")))).body == b"for members"


@pytest.mark.parametrize("name", [None, "stranger"])
async def test_who_is_not_let_in_is_told_so_at_once(doorman: str, believing: Client, pki: Pki, name: str | None) -> None:
    with pytest.raises(Unreachable, match=r"ended the TLS handshake \(.*\)\. Does it want a certificate, or another one"):
        await believing.get(doorman, access=Access(pki.both(name)) if name else ANYBODY)
    assert believing.breaker(doorman).failures == 0


async def test_a_certificate_that_was_replaced_is_used_at_once(
    guarded: Server, believing: Client, pki: Pki, tmp_path: Path
) -> None:
    url, proxy = guarded.on("/feed", reply(200, b"in")), tmp_path / "proxy.pem"
    proxy.write_bytes(pki.both("stranger").read_bytes())
    with pytest.raises(Unreachable):
        await believing.get(url, access=Access(proxy))
    proxy.write_bytes(pki.both("client").read_bytes())
    assert (await believing.get(url, access=Access(proxy))).body == b"in"


async def test_the_connections_of_before_are_closed_when_nobody_uses_them_any_more(
    pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Routes] = []

    async def note(routes: Routes) -> None:
        closed.append(routes)

    monkeypatch.setattr(Routes, "aclose", note)
    ways, access = Ways(Network(ca_bundle=pki.ca)), Access(tmp_path / "proxy.pem")
    shutil.copy(pki.both("client"), tmp_path / "proxy.pem")
    async with ways.under(access) as before:
        shutil.copy(pki.both("stranger"), tmp_path / "proxy.pem")
        async with ways.under(access) as after:
            assert (after is not before, closed) == (True, [])
    assert closed == [before]
    async with ways.under(access) as again:
        assert again is after


async def test_only_the_origin_that_was_asked_sees_the_certificate(
    doorman: str, secure: Server, believing: Client, pki: Pki
) -> None:
    away = secure.on("/away", reply(302, Location=doorman))
    with pytest.raises(Unreachable, match="ended the TLS handshake"):
        await believing.get(away, access=Access(pki.both("client")))


@pytest.mark.parametrize("name", ["certificate", "key"])
async def test_a_file_that_is_not_there_is_named(
    secure: Server, believing: Client, pki: Pki, tmp_path: Path, name: str
) -> None:
    files = {"certificate": pki.certificate("client"), "key": pki.key("client"), name: tmp_path / "gone.pem"}
    with pytest.raises(InvalidConfiguration, match=rf"{name} .*gone\.pem: cannot be read: No such file"):
        await believing.get(secure.on("/feed", reply()), access=Access(files["certificate"], files["key"]))


@pytest.mark.parametrize(
    ("certificate", "key", "problem"),
    [
        ("client", "stranger", "the key is not that of the certificate"),
        ("client", None, "is no PEM file with both"),
        ("client", "locked", "needs a passphrase"),
    ],
)
async def test_a_key_that_does_not_fit_is_a_wrong_configuration(
    secure: Server, believing: Client, pki: Pki, certificate: str, key: str | None, problem: str
) -> None:
    access = Access(pki.certificate(certificate), pki.key(key) if key else None)
    with pytest.raises(InvalidConfiguration, match=problem):
        await believing.get(secure.on("/feed", reply()), access=access)


# --- Certificate authorities


async def test_a_folder_of_hashed_cas_is_a_ca_bundle(secure: Server, clock: Clock, pki: Pki) -> None:
    async with Client(clock, LIMITS, network=Network(ca_bundle=pki.hashed)) as client:
        assert (await client.get(secure.on("/feed", reply(200, b"safe")))).body == b"safe"


async def test_a_source_can_have_its_own_cas(secure: Server, clock: Clock, pki: Pki) -> None:
    async with Client(clock, LIMITS, network=Network(ca_bundle=pki.certificate("stranger"))) as client:
        url = secure.on("/feed", reply(200, b"safe"))
        assert (await client.get(url, access=Access(ca=pki.hashed))).body == b"safe"
        with pytest.raises(Unreachable, match="not trusted"):
            await client.get(url)


def test_a_folder_without_hashed_cas_is_a_wrong_configuration(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    with pytest.raises(InvalidConfiguration, match="openssl rehash"):
        Client(clock, network=Network(ca_bundle=tmp_path))


# --- Tokens


async def test_a_token_is_sent(server: Server, client: Client, token_file: Path) -> None:
    await client.get(server.on("/feed", reply()), access=Access(token_file=token_file))
    assert server.asked[0].headers["authorization"] == "Bearer secret.token"


@pytest.mark.parametrize(
    ("token_as", "header", "value"),
    [("x-api-key", "x-api-key", "secret.token"), ("Authorization: Token token=", "authorization", "Token token=secret.token")],
)
async def test_a_token_is_sent_as_the_source_wants_it(
    server: Server, client: Client, token_file: Path, token_as: str, header: str, value: str
) -> None:
    await client.get(server.on("/feed", reply()), access=Access(token_file=token_file, token_as=token_as))
    assert server.asked[0].headers[header] == value


async def test_a_token_is_read_anew_for_each_request(server: Server, client: Client, token_file: Path) -> None:
    url = server.on("/feed", reply())
    for token in ("first", "second"):
        token_file.write_text(token)  # noqa: ASYNC240 - a few bytes
        await client.get(url, access=Access(token_file=token_file))
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer first", "Bearer second"]


async def test_a_token_is_for_its_own_origin_only(server: Server, client: Client, token_file: Path) -> None:
    async with running() as other:
        url = server.on("/feed", reply(302, Location=other.on("/elsewhere", reply())))
        await client.get(url, access=Access(token_file=token_file))
        assert "authorization" in server.asked[0].headers
        assert "authorization" not in other.asked[0].headers


async def test_a_token_goes_over_no_network_in_the_clear(client: Client, token_file: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"http://cs\.example\.org/: token_file .*: a token is sent by https only"):
        await client.get("http://cs.example.org/", access=Access(token_file=token_file))


async def test_a_token_beside_a_password_is_one_too_many(client: Client, token_file: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="give one of them") as error:
        await client.get("https://anna:hidden@example.org/", access=Access(token_file=token_file))
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "is empty"), (b"two words", "holds no token"), (b"\xc3\xa9", "holds no token"), (b"x" * 70_000, "holds no token")],
)
async def test_what_is_no_token_is_not_sent(
    server: Server, client: Client, token_file: Path, content: bytes, problem: str
) -> None:
    token_file.write_bytes(content)  # noqa: ASYNC240 - a few bytes
    with pytest.raises(InvalidConfiguration, match=rf"token_file .*{problem}") as error:
        await client.get(server.on("/feed", reply()), access=Access(token_file=token_file))
    assert (server.asked, "words" in str(error.value)) == ([], False)


async def test_a_token_file_that_is_a_pipe_holds_up_nobody(server: Server, client: Client, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidConfiguration, match="is empty"):
        await client.get(server.on("/feed", reply()), access=Access(token_file=tmp_path / "pipe"))


# --- Values


def test_a_key_without_a_certificate_is_a_wrong_configuration(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="of no use without a certificate"):
        Access(key=tmp_path / "client.key")


async def test_no_error_tells_a_token(server: Server, client: Client, token_file: Path) -> None:
    with pytest.raises(FetchFailed) as error:
        await client.get(server.on("/feed", reply(401)), access=Access(token_file=token_file))
    assert "secret" not in f"{error.value!r} {error.value.__cause__!r}"

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gridmask.bootstrap import reader
from gridmask.domain.errors import FetchFailed, InvalidConfiguration, Unreachable
from gridmask.http import Client, Network
from gridmask.settings import Http, Settings
from tests.integration.http.conftest import LIMITS, NO_PAUSE
from tests.integration.http.server import reply, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.http.conftest import Clock
    from tests.integration.http.server import Server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key in one file, signed by itself, for 127.0.0.1."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes its certificate with the openssl command: apt-get install openssl")
    pem = tmp_path_factory.mktemp("tls") / "both.pem"
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 -days 2"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem), "-out", str(pem)]
    subprocess.run([openssl, "req", *options.split(), *names], check=True, capture_output=True)
    return pem


@pytest.fixture
async def secure(certificate: Path) -> AsyncIterator[Server]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with running(tls) as server:
        yield server


async def test_a_certificate_of_an_unknown_ca_is_refused_once_and_for_all(secure: Server, clock: Clock) -> None:
    async with Client(clock, LIMITS) as client:
        with pytest.raises(Unreachable, match=r"not trusted \(self-signed certificate\)"):
            await client.get(secure.on("/feed", reply()))
    assert secure.asked == []


async def test_a_ca_bundle_makes_its_certificates_trusted(secure: Server, clock: Clock, certificate: Path) -> None:
    async with Client(clock, LIMITS, network=Network(ca_bundle=certificate)) as client:
        assert (await client.get(secure.on("/feed", reply(200, b"safe")))).body == b"safe"


async def test_a_certificate_for_another_name_is_refused(secure: Server, clock: Clock, certificate: Path) -> None:
    url = secure.on("/feed", reply()).replace("127.0.0.1", "localhost")
    async with Client(clock, LIMITS, network=Network(ca_bundle=certificate)) as client:
        with pytest.raises(Unreachable, match="not trusted"):
            await client.get(url)


async def test_a_redirect_from_https_to_http_is_refused(
    secure: Server, server: Server, clock: Clock, certificate: Path
) -> None:
    url = secure.on("/feed", reply(302, Location=server.on("/plain", reply())))
    async with Client(clock, LIMITS, network=Network(ca_bundle=certificate)) as client:
        with pytest.raises(FetchFailed, match="from https to plain http"):
            await client.get(url)
    assert server.asked == []


@pytest.mark.parametrize("content", [None, "no certificate in here"])
def test_a_ca_bundle_that_is_none_is_a_wrong_configuration(clock: Clock, tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "ca.pem"
    if content:
        bundle.write_text(content)
    with pytest.raises(InvalidConfiguration, match=r"CA bundle .*ca\.pem"):
        Client(clock, network=Network(ca_bundle=bundle))


async def test_the_proxies_of_the_environment_are_ignored(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with Client(clock, LIMITS, backoff=NO_PAUSE) as client:
        assert (await client.get(server.on("/feed", reply(200, b"direct")))).body == b"direct"


async def test_the_proxies_of_the_environment_are_used_on_demand(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url.removeprefix("http://"))
    server.on("http://example.org/feed", reply(200, b"through the proxy"))
    async with Client(clock, LIMITS, backoff=NO_PAUSE, network=Network(trust_env=True)) as client:
        assert (await client.get("http://example.org/feed")).body == b"through the proxy"


async def test_a_host_that_needs_no_proxy_is_reached_directly(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with Client(clock, LIMITS, backoff=NO_PAUSE, network=Network(trust_env=True)) as client:
        assert (await client.get(server.on("/feed", reply(200, b"direct")))).body == b"direct"


def test_a_proxy_that_makes_no_sense_is_a_wrong_configuration(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "gopher://anna:secret@example.org")
    with pytest.raises(InvalidConfiguration, match=r"proxy gopher://example\.org") as error:
        Client(clock, network=Network(trust_env=True))
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(("heeded", "body"), [(True, b"through the proxy"), (False, b"direct")])
async def test_the_settings_say_whether_the_proxies_of_the_environment_count(
    server: Server,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    heeded: bool,  # noqa: FBT001
    body: bytes,
) -> None:
    async with running() as proxy:
        url = server.on("/feed", reply(200, b"direct"))
        proxy.on(url, reply(200, b"through the proxy"))
        monkeypatch.setenv("http_proxy", proxy.url)
        async with reader(Settings(http=Http(proxies=heeded)), clock) as client:
            assert (await client.get(url)).body == body

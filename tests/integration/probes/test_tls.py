"""Certificates: whose they are, who says so, and for how long; and ours."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gridmask.clock import system_clock
from gridmask.http import Access
from gridmask.probes.finding import NotMade
from gridmask.probes.identities import Identities
from tests.double import Double
from tests.probing import found, login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.pki import Pki


@asynccontextmanager
async def tls_server(context: ssl.SSLContext) -> AsyncIterator[int]:
    """The port of a server that speaks TLS, and nothing within."""
    made = Double("silent")
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in list(made.open):
            writer.transport.abort()
        await server.wait_closed()


def expired(pki: Pki, name: str) -> Path:
    """A file with the certificate of ``name`` as it was two days ago, for one day, and its key."""
    ca, issuer = x509.load_pem_x509_certificate(pki.ca.read_bytes()), load_pem_private_key(pki.key("ca").read_bytes(), None)
    old = x509.load_pem_x509_certificate(pki.certificate(name).read_bytes())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(ca.subject)
        .public_key(old.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now - timedelta(days=1))
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    made = builder.sign(issuer, hashes.SHA256())  # type: ignore[arg-type]  # an EC key
    file = pki.folder / f"expired-{name}.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM) + pki.key(name).read_bytes())
    return file


async def test_a_good_certificate_tells_how_long_it_counts(pki: Pki) -> None:
    async with tls_server(pki.server()) as port:
        finding = await found("tls", f"tls://127.0.0.1:{port}", ca=pki.ca, warning_days=1)
    assert finding.result == "OK"
    assert 1.9 < finding.metrics["days_left"] <= 2
    assert finding.summary.startswith("its certificate counts until 20")


@pytest.mark.parametrize(("warning", "critical", "result"), [(3, 0, "WARNING"), (14, 3, "CRITICAL")])
async def test_one_that_ends_soon(pki: Pki, warning: int, critical: int, result: str) -> None:
    async with tls_server(pki.server()) as port:
        finding = await found("tls", f"tls://127.0.0.1:{port}", ca=pki.ca, warning_days=warning, critical_days=critical)
    assert finding.result == result


async def test_one_that_has_expired(pki: Pki) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(expired(pki, "server"))
    async with tls_server(context) as port:
        finding = await found("tls", f"tls://127.0.0.1:{port}", ca=pki.ca)
    assert (finding.result, finding.summary) == ("CRITICAL", "its certificate is not trusted: certificate has expired")


async def test_one_of_another_host(pki: Pki) -> None:
    async with tls_server(pki.server()) as port:
        pass
    made = Double("silent")
    server = await asyncio.start_server(made.serve, "127.0.0.2", port, ssl=pki.server())
    async with server:
        finding = await found("tls", f"tls://127.0.0.2:{port}", ca=pki.ca)
    assert "IP address mismatch" in finding.summary


async def test_one_of_an_authority_that_is_not_trusted(pki: Pki) -> None:
    async with tls_server(pki.server()) as port:
        finding = await found("tls", f"tls://127.0.0.1:{port}", ca=pki.certificate("stranger"))
    assert (finding.result, "not trusted" in finding.summary) == ("CRITICAL", True)


def _serve_strictly(inside: ssl.SSLSocket) -> None:
    try:
        inside.do_handshake()
        inside.recv(1000)
    except ssl.SSLError:
        # as servers do: to close at once would reset the connection, and what was said of the reason would be lost
        inside.shutdown(socket.SHUT_WR)
        while socket.socket.recv(inside, 1000):
            pass


@contextmanager
def strict(pki: Pki) -> Iterator[int]:
    """The port of a server that wants to see a certificate, and says nothing to those who have one."""

    def serve() -> None:
        with listening, suppress(OSError):
            accepted, _ = listening.accept()
            with pki.server(wants_client=True).wrap_socket(accepted, server_side=True, do_handshake_on_connect=False) as inside:
                _serve_strictly(inside)

    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    thread.join()


async def seen(pki: Pki, **more: Any) -> tuple[str, str]:  # noqa: ANN401
    with strict(pki) as port:
        finding = await found("http", f"https://127.0.0.1:{port}/", ca=pki.ca, **more)
    return finding.result, finding.summary


async def test_where_a_certificate_is_wanted_and_there_is_none_nothing_is_concluded(pki: Pki) -> None:
    expected = ("UNKNOWN", "the service wants a certificate, and this probe has none that it takes")
    assert await seen(pki) == expected


async def test_where_it_is_shown_the_service_goes_on(pki: Pki) -> None:
    given = login(certificate=pki.certificate("client"), key=pki.key("client"))
    assert await seen(pki, credentials=given) == ("CRITICAL", "the connection was closed without an answer")


async def test_when_ours_has_expired_nothing_is_concluded(pki: Pki) -> None:
    finding = await found("http", "https://127.0.0.1:1/", ca=pki.ca, credentials=login(certificate=expired(pki, "client")))
    assert finding.result == "UNKNOWN"
    assert "our certificate in" in finding.summary


async def test_one_that_was_renewed_in_its_file_is_taken_from_there(pki: Pki, tmp_path: Path) -> None:
    file = tmp_path / "proxy.pem"
    file.write_bytes(expired(pki, "client").read_bytes())
    identities = Identities(pki.ca, system_clock)
    with pytest.raises(NotMade, match="expired"):
        await identities.context(Access(file))
    file.write_bytes(pki.both("client").read_bytes())
    assert await identities.context(Access(file)) is await identities.context(Access(file))

"""Space as XRootD's own server tells it: up, asked for what is not there, stopped; and as strangers in its place do."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.asking import Asking
from gridmask.clock import system_clock
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import FetchFailed, InvalidConfiguration, MalformedAnswer, TimedOut, Unreachable
from gridmask.domain.measurements import Space
from gridmask.http import Backoff, Client, Limits, Network
from gridmask.kinds import KINDS, MeasurementKind
from gridmask.source import Source
from tests.conftest import where_installed
from tests.integration.http.server import hang, raw, reset
from tests.services import xrootd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.collectors.observations import Observations
    from tests.integration.http.server import Server
    from tests.pki import Pki
    from tests.services import Service

DATA = {"path": "/data", "element": "A-DISK"}
IMPATIENT = Limits(timeout=0.2, deadline=1, attempts=1)


@pytest.fixture
def an_xrootd() -> Iterator[Service]:
    with where_installed(), xrootd() as service:
        yield service


async def said(url: str, *spaces: dict[str, str], network: Network | None = None, **more: Any) -> Observations:  # noqa: ANN401
    """What is told of ``spaces``; ``more`` is in the settings."""
    settings = {"name": "space", "kind": "xrootd-space", "url": url, "space": list(spaces or [DATA]), **more}
    source, kind = Source.model_validate(settings), KINDS["xrootd-space"]
    assert isinstance(kind, MeasurementKind)
    async with Client(system_clock, IMPATIENT, backoff=Backoff(0, 0, 0), network=network or Network()) as client:
        told = await kind.gather(Asking(client, source, system_clock()))
    return kind.read(told, source, TypeRegistry())  # type: ignore[arg-type]  # nothing was asked on a condition


async def test_a_server_tells_the_space_of_its_disk(an_xrootd: Service) -> None:
    url = f"root://127.0.0.1:{an_xrootd.port}"
    [one] = (await said(url)).evidence
    assert isinstance(one.value, Space)
    assert 0 < one.value.free <= one.value.total
    an_xrootd.stop()
    with pytest.raises(Unreachable, match="no connection"):
        await said(url)


async def test_a_path_that_is_not_there_is_not_taken_for_a_full_disk(an_xrootd: Service) -> None:
    none, secret = ({"path": path, "element": f"B{path}"} for path in ("/data/none", "/secret"))
    told = await said(f"root://127.0.0.1:{an_xrootd.port}/", none, DATA, secret)
    assert ([item.key.about for item in told.evidence], told.conclusive) == (
        [item.key.about for item in told.evidence[:1]],
        False,
    )
    assert [problem.partition(": ")[0] for problem in told.problems] == ["/data/none", "/secret"]
    assert "no such file" in told.problems[0]
    with pytest.raises(MalformedAnswer, match="no such file"):
        await said(f"root://127.0.0.1:{an_xrootd.port}", none)


async def test_spaces_are_told_apart_by_their_names() -> None:
    with where_installed(), xrootd("oss.space lhcb {folder}/data") as service:
        named, unknown = ({**DATA, "group": group, "element": group} for group in ("lhcb", "cms"))
        told = await said(f"root://127.0.0.1:{service.port}", named, unknown)
    assert [item.key.record for item in told.evidence] == ["space/lhcb"]
    assert told.problems == ("/data?oss.cgroup=cms: the server knows of no such space",)


async def test_who_asks_is_proven_where_the_server_wants_it() -> None:
    with where_installed(), xrootd("xrootd.seclib libXrdSec.so", "sec.protocol unix") as service:
        url = f"root://127.0.0.1:{service.port}"
        with pytest.raises(FetchFailed, match=r"wants to know who asks \(unix\)"):
            await said(url)
        assert len((await said(url, user="gridmask")).evidence) == 1


async def test_tls_is_spoken_where_the_address_wants_it(pki: Pki, an_xrootd: Service) -> None:
    with pytest.raises(FetchFailed, match="does not speak TLS"):
        await said(f"roots://127.0.0.1:{an_xrootd.port}")
    secrets = {"cert": pki.certificate("server").read_bytes(), "key": pki.key("server").read_bytes()}
    with where_installed(), xrootd("xrd.tls {folder}/cert {folder}/key", "xrd.tlsca noverify", secrets=secrets) as service:
        url = f"roots://127.0.0.1:{service.port}"
        assert len((await said(url, network=Network(ca_bundle=pki.ca))).evidence) == 1
        with pytest.raises(FetchFailed, match="certificate is not trusted"):
            await said(url, network=Network(ca_bundle=pki.certificate("stranger")))


async def test_whoever_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimedOut, match="time allowed"):
        await said(f"root://127.0.0.1:{silent.getsockname()[1]}")


async def test_who_falls_silent_or_talks_rubbish_is_no_source(server: Server) -> None:
    url = server.url.replace("http", "root")
    server.on("/data", hang)
    with pytest.raises(TimedOut):
        await said(url)
    server.on("/data", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"oss"))
    with pytest.raises(Unreachable, match="closed in the middle"):
        await said(url)
    server.on("/data", reset)
    with pytest.raises(Unreachable):
        await said(url)


async def test_another_protocol_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"root://127.0.0.1:{listening.getsockname()[1]}"
        asking = asyncio.create_task(said(url))
        connection, _ = await asyncio.to_thread(listening.accept)
        with connection:
            connection.sendall(b"220 smtp.example.org\r\n")
            with pytest.raises(FetchFailed, match="not the root protocol"):
                await asking


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://a.example.org", "no address of the root protocol"),
        ("root://", "no address of the root protocol"),
        ("root://a.example.org:x", "is not a URL"),
        ("root://a.example.org:0", "names no host and port"),
        ("root://me:secret@a.example.org", "has no place in it"),
    ],
)
async def test_what_is_no_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(InvalidConfiguration, match=why) as refused:
        await said(url)
    assert "secret" not in str(refused.value)

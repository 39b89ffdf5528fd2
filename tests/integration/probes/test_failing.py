"""Every kind of probe at servers that fail: silent, talking rubbish, hanging up, not there."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from contextlib import closing, suppress
from typing import Any

import pytest

from gridmask.probes import conducting, resolving
from gridmask.probes.kinds import KINDS
from tests.double import double
from tests.probing import found, login

NEEDED: dict[str, dict[str, Any]] = {"mysql": {"credentials": login("probe")}, "postgresql": {"credentials": login("probe")}}
NEEDED["tcp"] = {"greeting": "220 "}
OVER_UDP = {"dns"}
KIND = pytest.mark.parametrize("kind", sorted(KINDS.keys() - OVER_UDP))


def url(kind: str, port: int) -> str:
    """Where to go: without TLS where the kind can do without."""
    plain = {"amqps", "https", "mqtts", "stomps", "davs"}
    scheme = next(scheme for scheme in KINDS[kind].schemes if scheme not in plain)
    return f"{scheme}://127.0.0.1:{port}"


@KIND
async def test_a_silent_server_is_critical_once_its_time_is_up(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conducting, "HELD_UP", 30)  # a busy machine is no failure
    async with double("silent") as server:
        finding = await found(kind, url(kind, server.port), seconds=0.3, **NEEDED.get(kind, {}))
    assert (finding.result, finding.timed_out) == ("CRITICAL", True)
    assert finding.summary.endswith("nothing for 0.3 s")


@KIND
async def test_rubbish_is_critical_and_the_summary_says_so(kind: str) -> None:
    async with double("rubbish") as server:
        finding = await found(kind, url(kind, server.port), seconds=2, **NEEDED.get(kind, {}))
    assert finding.result == "CRITICAL"
    assert not finding.timed_out
    assert finding.summary.isprintable()


@KIND
async def test_a_server_that_hangs_up_is_critical(kind: str) -> None:
    async with double("closing") as server:
        finding = await found(kind, url(kind, server.port), seconds=2, **NEEDED.get(kind, {}))
    assert (finding.result, finding.timed_out) == ("CRITICAL", False)


@KIND
async def test_where_nobody_listens_it_is_critical(kind: str) -> None:
    finding = await found(kind, url(kind, 1), seconds=2, **NEEDED.get(kind, {}))
    assert (finding.result, "refused" in finding.summary.lower()) == ("CRITICAL", True)


async def test_a_name_server_that_hangs_is_no_fault_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = [], threading.Event()

    def hanging(host: str) -> tuple[str, ...]:
        asked.append(host)
        go_on.wait(10)
        return ("127.0.0.1",)

    monkeypatch.setattr(resolving, "_looked_up", hanging)
    try:
        finding = await found("tcp", "tcp://slow.example.org:1", seconds=0.1)
    finally:
        go_on.set()
    assert (finding.result, finding.summary) == ("UNKNOWN", "looking up slow.example.org: nothing for 0.1 s")


async def test_a_host_is_looked_up_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def slow(host: str) -> tuple[str, ...]:
        asked.append(host)
        time.sleep(0.02)
        return ("127.0.0.1",)

    monkeypatch.setattr(resolving, "_looked_up", slow)
    resolver = resolving.Resolver()
    answers = await asyncio.gather(*(resolver.addresses("a.example.org") for _ in range(20)))
    resolver.close()
    assert (asked, set(answers)) == (["a.example.org"], {("127.0.0.1",)})


@pytest.mark.parametrize(
    ("host", "error", "expected"),
    [
        ("gone.example.org", socket.EAI_NONAME, ("CRITICAL", "there is no host called gone.example.org")),
        ("far.example.org", socket.EAI_AGAIN, ("UNKNOWN", "no name server tells who far.example.org is: again")),
    ],
)
async def test_a_host_that_is_not_found(
    monkeypatch: pytest.MonkeyPatch, host: str, error: int, expected: tuple[str, str]
) -> None:
    def failing(*_: object, **__: object) -> object:
        raise socket.gaierror(error, "again")

    monkeypatch.setattr(socket, "getaddrinfo", failing)
    finding = await found("tcp", f"tcp://{host}:1")
    assert (finding.result, finding.summary) == expected


@pytest.mark.parametrize(
    ("number", "result"), [(errno.ENETUNREACH, "UNKNOWN"), (errno.EMFILE, "UNKNOWN"), (errno.EHOSTUNREACH, "CRITICAL")]
)
async def test_what_keeps_us_from_connecting_is_no_fault_of_the_service(
    monkeypatch: pytest.MonkeyPatch, number: int, result: str
) -> None:
    async def failing(*_: object, **__: object) -> object:
        raise OSError(number, "x")

    monkeypatch.setattr(asyncio, "open_connection", failing)
    assert (await found("tcp", "tcp://127.0.0.1:1")).result == result


async def test_the_next_address_of_a_host_is_tried_where_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async with double("silent") as server:
        monkeypatch.setattr(resolving, "_looked_up", lambda _: ("127.0.0.9", "127.0.0.1"))
        assert (await found("tcp", f"tcp://two.example.org:{server.port}")).result == "OK"


async def test_an_answer_that_comes_byte_by_byte_runs_out_of_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        with suppress(OSError), closing(writer):
            for byte in b"HTTP/1.1 200 OK":
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert (await found("http", f"http://127.0.0.1:{port}/", seconds=0.15)).timed_out


async def test_an_answer_without_an_end_is_cut() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        with suppress(OSError), closing(writer):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x" * 65536)
                await writer.drain()

    async with await asyncio.start_server(endless, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        finding = await found("http", f"http://127.0.0.1:{port}/", contains="y")
    assert finding.summary == "'y' is not in the first megabyte of its page"


async def test_while_this_process_stands_still_nobody_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conducting, "HELD_UP", 0.05)
    async with double("silent") as server:
        asking = asyncio.create_task(found("http", url("http", server.port), seconds=0.1))
        await asyncio.sleep(0.05)
        time.sleep(0.2)  # noqa: ASYNC251 - that is what it is about
        finding = await asking
    assert finding.result == "UNKNOWN"
    assert finding.summary.startswith("this process was held up")

"""Mask reads over HTTP, by our own door and by that for DiracX's clients, against a bare ASGI app that serves the same bytes.

All run in processes of their own under the same server, as in operation, and are asked in turn by one client, in one run. What
counts is the server's processor time: unlike the time on the wall, it does not depend on how busy the machine is otherwise.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

HOST = "127.0.0.1"
CONNECTIONS = 4
SECONDS = 2.0
ROUNDS = 3

MASK = "/api/v1/masks/vo"
DOORS = {"": MASK, " (DiracX)": "/api/rss/compute?vo=vo"}
"""Where masks are read, by what is added to the name of an answer."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests by second of processor time, of Gridmask and of the bare app, for masks of ``size`` bytes."""

    what: str
    rows: int
    size: int
    per_second: float
    bare_per_second: float


def measure(rows: int) -> Iterator[Rate]:
    """All figures for so many rows."""
    with _server("gridmask", rows) as ours:
        for what, question in _questions(ours.token):
            size, etag = asyncio.run(_ask(ours.port, question))
            with _server("bare", size) as bare:
                yield _compare(f"200{what}", ours, bare, rows, size, question)
                has_it = replace(question, header=f"{question.header}If-None-Match: {etag}\r\n")
                yield _compare(f"304{what}", ours, bare, rows, 0, has_it)


def _questions(token: str) -> Iterator[tuple[str, _Question]]:
    """What is asked, and what that is called: by anybody; with a bearer token; packed."""
    for door, path in DOORS.items():
        yield door, _Question(path)
    yield ", bearer", _Question(MASK, f"Authorization: Bearer {token}\r\n")
    for coding in ("gzip", "zstd"):
        yield f", {coding}", _Question(MASK, f"Accept-Encoding: {coding}\r\n")


@dataclass(frozen=True, slots=True)
class _Question:
    path: str
    header: str = ""

    def __bytes__(self) -> bytes:
        return f"GET {self.path} HTTP/1.1\r\nHost: {HOST}\r\n{self.header}\r\n".encode()


@dataclass(frozen=True, slots=True)
class _Server:
    pid: int
    port: int
    token: str

    def processor_seconds(self) -> float:
        fields = open(f"/proc/{self.pid}/stat").read().rpartition(")")[2].split()  # noqa: PTH123, SIM115
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _server(kind: str, size: int) -> Iterator[_Server]:
    command = [sys.executable, "-m", "benchmarks.servers", kind, str(size)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield _Server(process.pid, **json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(10)


def _compare(what: str, ours: _Server, bare: _Server, rows: int, size: int, question: _Question) -> Rate:
    """In turn, so that what disturbs the machine disturbs both; the best of some rounds each."""
    rounds = [(_rate(ours, bytes(question)), _rate(bare, bytes(question))) for _ in range(ROUNDS)]
    return Rate(what, rows, size, max(r for r, _ in rounds), max(r for _, r in rounds))


def _rate(server: _Server, question: bytes) -> float:
    before = server.processor_seconds()
    answers = asyncio.run(_load(server.port, question))
    return answers / max(server.processor_seconds() - before, 0.01)


async def _load(port: int, question: bytes) -> int:
    return sum(await asyncio.gather(*(_connection(port, question) for _ in range(CONNECTIONS))))


async def _connection(port: int, question: bytes) -> int:
    reader, writer = await asyncio.open_connection(HOST, port)
    loop, answers = asyncio.get_running_loop(), 0
    end = loop.time() + SECONDS / ROUNDS
    while loop.time() < end:
        await _request(reader, writer, question)
        answers += 1
    writer.close()
    return answers


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: bytes) -> tuple[int, str]:
    writer.write(question)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    status = int(head.split()[1])
    assert status in {200, 304}, head
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    length = int(headers.get("content-length", 0)) if status == 200 else 0
    await reader.readexactly(length)
    return length, headers.get("etag", "")


async def _ask(port: int, question: _Question) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection(HOST, port, limit=2**26)
    size, etag = await _request(reader, writer, bytes(question))
    writer.close()
    return size, etag

"""Doubles of the systems that actuators act upon, after their documented contracts: Rucio, FTS3, and a store of objects.

They listen on loopback, and can be told to misbehave.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, unquote

from gridmask.bootstrap import installation
from tests.grid import Grid, files_only

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.http import Client

Answer = tuple[int, bytes, dict[str, str]]
TOKEN = "token-of-tests"


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Double:
    """A server. ``broken``: by method and path, or method alone, the status that it fails with; 0: it hangs up half-way."""

    url: str = ""
    broken: dict[str, int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    hanging: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Answer:
        """What it says to ``asked``; each double has an answer of its own."""
        raise AssertionError(f"{type(self).__name__} has nothing to say to {asked}")

    def said(self, *methods: str) -> list[str]:
        """What was asked of it by these methods."""
        return [f"{asked.method} {asked.path}" for asked in self.asked if asked.method in methods]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        method, target, _ = head[0].split(" ")
        values = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
        body = await reader.readexactly(int(values.get("content-length", "0")))
        path, _, query = target.partition("?")
        asked = Asked(method, unquote(path), parse_qs(query), values, body)
        self.asked.append(asked)
        if asked.path in self.hanging:
            await reader.read()
            return
        status = self.broken.get(f"{method} {asked.path}", self.broken.get(method))
        # what a failure comes with could be taken for an answer by who does not look at the status
        body = b'{"half": ' if status in {0, 200} else b"[]"
        status, content, more = self.answer(asked) if status is None else (status, body, {})
        length = len(content) + (100 if status == 0 else 0)
        lines = [f"HTTP/1.1 {status or 200} X", f"Content-Length: {length}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in more.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()


class QuickGrid(Grid):
    """A grid on a database that has its schema already; to make that takes longer than most tests."""

    @asynccontextmanager
    async def open(self, client: Client | None = None, **more: Any) -> AsyncIterator[Installation]:  # noqa: ANN401
        """An installation on this grid."""
        reader = client or files_only(self.clock)
        async with installation(self.settings(**more), clock=self.clock, client=reader) as made:
            yield made


def quick(folder: Path, database: str) -> QuickGrid:
    """A grid whose ``database`` has its schema, and about which nothing is announced."""
    made = QuickGrid(folder, database)
    made.announce()
    return made


T = TypeVar("T", bound=Double)


@asynccontextmanager
async def listening(made: T) -> AsyncIterator[T]:
    """``made`` listens on a free port of loopback."""
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made


@dataclass
class RucioDouble(Double):
    """RSEs, by name what of ``read``, ``write``, ``delete`` is on. ``forgetful``: RSEs that keep nothing."""

    rses: dict[str, dict[str, bool]] = field(default_factory=dict)
    forgetful: set[str] = field(default_factory=set)
    listed: int | None = None
    on_write: Callable[[str], None] | None = None

    def on(self, *names: str) -> None:
        """Have these RSEs, with everything on."""
        self.rses |= {name: {"read": True, "write": True, "delete": True} for name in names}

    def off(self, name: str) -> str:
        """What of an RSE is off."""
        return ",".join(aspect for aspect, state in self.rses[name].items() if not state)

    def answer(self, asked: Asked) -> Answer:
        """As Rucio 41 answers."""
        if asked.path == "/auth/userpass":
            known = (asked.headers.get("x-rucio-username"), asked.headers.get("x-rucio-password")) == ("tester", "secret")
            return (200, b"", {"X-Rucio-Auth-Token": TOKEN}) if known else (401, b"{}", {})
        if asked.headers.get("x-rucio-auth-token") != TOKEN:
            return 401, b'{"ExceptionClass": "CannotAuthenticate"}', {}
        if asked.path == "/rses/":
            lines = [self._told(name) for name in sorted(self.rses)][: self.listed]
            return 200, b"\n".join(lines) + b"\n", {}
        name = asked.path.removeprefix("/rses/")
        if name not in self.rses:
            return 404, b'{"ExceptionClass": "RSENotFound", "ExceptionMessage": "RSE cannot be found"}', {}
        if asked.method == "PUT":
            return self._put(name, json.loads(asked.body))
        return 200, self._told(name), {}

    def _put(self, name: str, said: dict[str, bool]) -> Answer:
        if self.on_write:
            self.on_write(name)
        if name not in self.forgetful:
            self.rses[name] |= {key.removeprefix("availability_"): state for key, state in said.items()}
        return 201, b"Created", {}

    def _told(self, name: str) -> bytes:
        states = {f"availability_{aspect}": state for aspect, state in self.rses[name].items()}
        return json.dumps({"rse": name, "vo": "def", "rse_type": "DISK", **states}).encode()


@dataclass
class FtsDouble(Double):
    """Bans, by storage. ``jobs``: those that a ban affects."""

    bans: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    keeps_messages: bool = True

    def answer(self, asked: Asked) -> Answer:
        """As the documentation of FTS-REST has it."""
        if asked.path != "/ban/se":
            return 404, b"", {}
        if asked.method == "POST":
            said = json.loads(asked.body)
            message = said.get("message") if self.keeps_messages else None
            status = "CANCEL" if said["status"] == "cancel" else "WAIT_AS" if said.get("allow_submit") else "WAIT"
            self.bans[said["storage"]] = self.ban(said["storage"], message, status=status)
            return 200, json.dumps(self.jobs).encode(), {}
        if asked.method == "DELETE":
            self.bans.pop(asked.query["storage"][0], None)
            return 204, b"", {}
        return 200, json.dumps(list(self.bans.values())).encode(), {}

    def ban(self, storage: str, message: str | None, vo: str = "cms", status: str = "WAIT") -> dict[str, Any]:
        """A ban as it is listed."""
        told = {"se": storage, "message": message, "vo": vo, "status": status}
        return {**told, "addition_time": "2026-08-04T06:55:02", "admin_dn": "/DC=example/CN=robot"}


@dataclass
class StoreDouble(Double):
    """Objects by path."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Answer:
        """As stores of objects do."""
        if asked.method == "PUT":
            self.objects[asked.path] = asked.body
            return 201, b"", {}
        found = self.objects.get(asked.path)
        return (404, b"", {}) if found is None else (200, found, {})

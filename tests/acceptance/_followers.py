"""Followers of a stream: a process with so many sockets, each of which makes the mask of what it is told.

``python -m tests.acceptance._followers PORT VO NUMBER SEED``. Each line of stdin is answered by how they fare, as JSON. They
come back to where they were whenever the stream ends, however it does; some leave by themselves, or take nothing for a while.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any

BACK_WITHIN = (0.1, 1.5)
"""Seconds until one comes back; as servers that are killed do not tell."""

LEAVES, PAUSES = 0.002, 0.002
"""How likely one is, after an event, to leave or to take nothing for a while."""

PAUSE = 10.0
SHOWN = 20


def digest(elements: list[dict[str, Any]]) -> str:
    """By which masks are compared."""
    said = sorted(json.dumps(element, sort_keys=True) for element in elements)
    return sha256("\n".join(said).encode()).hexdigest()[:16]


class Crowd:
    """All followers of this process."""

    def __init__(self, port: int, vo: str, number: int, seed: int) -> None:
        self.port = port
        self.vo = vo
        self.random = Random(seed)
        self.told: Counter[str] = Counter()
        self.problems: list[str] = []
        self.followers = [Follower(self) for _ in range(number)]

    async def run(self) -> None:
        """Follow until stdin ends."""
        tasks = [asyncio.create_task(one.run()) for one in self.followers]
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while await lines.readline():
            print(json.dumps(self._report()), flush=True)
        for task in tasks:
            task.cancel()

    def _report(self) -> dict[str, Any]:
        """Where they are: how many have which mask, by revision and digest."""
        places = Counter(f"{one.revision} {digest(list(one.elements.values()))}" for one in self.followers)
        return {"places": places, "told": self.told, "problems": self.problems[:SHOWN], "wrong": len(self.problems)}


@dataclass
class Follower:
    """One of them."""

    crowd: Crowd
    event_id: str = ""
    revision: int = -1
    elements: dict[str, Any] = field(default_factory=dict)

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except ConnectionRefusedError:
                self.crowd.told["times that nobody was there"] += 1
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self.crowd.told["broken off"] += 1
            await asyncio.sleep(self.crowd.random.uniform(*BACK_WITHIN))

    async def _follow(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.crowd.port, limit=2**16)
        try:
            came_back = f"Last-Event-ID: {self.event_id}\r\n" if self.event_id else ""
            path = f"/api/v1/masks/{self.crowd.vo}/stream"
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{came_back}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if head.split()[1] != b"200":
                self.crowd.told[head.split()[1].decode()] += 1
                return
            self.crowd.told["opened"] += 1
            await self._listen(reader)
        finally:
            writer.transport.abort()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        pending = b""
        while size := int(await reader.readline(), 16):
            pending += (await reader.readexactly(size + 2))[:-2]
            *events, pending = pending.split(b"\n\n")
            for event in events:
                self._take(event.decode())
            if events and self.crowd.random.random() < LEAVES:
                self.crowd.told["left"] += 1
                return
            if events and self.crowd.random.random() < PAUSES:
                self.crowd.told["paused"] += 1
                await asyncio.sleep(PAUSE)
        self.crowd.told["ended in good order"] += 1

    def _take(self, event: str) -> None:
        lines = [line.partition(": ")[::2] for line in event.split("\n")]
        named = {name: value for name, value in lines if name in {"event", "id"}}
        if named.get("event") not in {"mask", "delta"}:
            return
        said = json.loads("\n".join(value for name, value in lines if name == "data"))
        self._apply(named["event"], said)
        self.event_id, self.revision = named["id"], said["revision"]
        self.crowd.told[named["event"]] += 1

    def _apply(self, kind: str, said: dict[str, Any]) -> None:
        if kind == "mask":
            if self.revision >= 0:
                self.crowd.problems.append(f"at {self.revision}, the whole mask of {said['revision']} was told")
            self.elements = {}
        elif said["since"] != self.revision or said["revision"] <= self.revision:
            self.crowd.problems.append(f"at {self.revision}, what changed from {said['since']} to {said['revision']} was told")
        for gone in said.get("gone", ()):
            self.elements.pop(_key(gone), None)
        self.elements |= {_key(element): element for element in said["elements"]}


def _key(element: dict[str, Any]) -> str:
    return json.dumps([element["family"], element["type"], element["name"]])


if __name__ == "__main__":
    asyncio.run(Crowd(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])).run())

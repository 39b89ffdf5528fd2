"""Probes from one process: five thousand a minute, some of them at servers that hang."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from gridmask.bootstrap import installation
from gridmask.inspection import probing
from gridmask.probes.settings import Probe, Probes
from gridmask.settings import Settings
from gridmask.source import Source
from tests.pki import Pki

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation

TARGETS = 5_100
"""So many each minute: a period is up to a hundredth longer than asked."""

HANGING = 100
HOSTS = 500
WARM_UP = 70.0
MEASURED = 60.0
EACH = {"tcp": 0.3, "http": 0.2, "tls": 0.3, "redis": 0.2}
"""What part of the targets is looked at by which kind."""

POLICIES = '[policy.probes]\ntype = "probe"\n[guard]\nenabled = false\n'


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured within a minute: probes by result, lateness in seconds, and processor time by second of it."""

    made: int
    good: int
    hung: int
    late_median: float
    late_most: float
    processor: float


def figures() -> Figures:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="gridmask-probes-") as name:
        folder = Path(name)
        Pki.made(folder)
        with _servers(folder) as ports:
            return asyncio.run(_measured(folder, ports))


async def _measured(folder: Path, ports: dict[str, int]) -> Figures:
    late: list[float] = []
    results: list[str] = []
    made = probing.Probing.made
    async with _made(folder, ports) as grid:
        loop = asyncio.create_task(grid.loop.run())

        async def counted(self: probing.Probing, probe: object, target: object) -> object:
            seen = await made(self, probe, target)  # type: ignore[arg-type]  # as it is called
            results.append(seen.finding.result)
            return seen

        await asyncio.sleep(WARM_UP)
        probing.Probing.made = counted  # type: ignore[method-assign,assignment]  # to count
        probing.LATE.observe = late.append  # type: ignore[method-assign,assignment]  # likewise
        before, began = time.process_time(), time.perf_counter()
        await asyncio.sleep(MEASURED)
        processor, took = time.process_time() - before, time.perf_counter() - began
        probing.Probing.made = made  # type: ignore[method-assign]  # as it was
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop
    late.sort()
    bad = sum(result != "OK" for result in results)
    return Figures(len(results), len(results) - bad, bad, late[len(late) // 2], late[-1], processor / took)


@asynccontextmanager
async def _made(folder: Path, ports: dict[str, int]) -> AsyncIterator[Installation]:
    (folder / "policies").mkdir()
    (folder / "policies" / "all.toml").write_text(POLICIES)
    (folder / "inventory.toml").write_text("\n".join(_inventory()))
    probes = tuple(_probe(name, name, ports, folder) for name in EACH)
    hanging = _probe("hangs", "http", ports, folder)
    settings = Settings(
        database=f"sqlite:///{folder / 'gridmask.db'}",
        policies=folder / "policies",
        source=(Source(name="own", kind="toml", url=(folder / "inventory.toml").as_uri(), every="1d"),),
        probe=(*probes, hanging),
        probes=Probes(spacing="0s", per_host=4),
    )
    async with installation(settings) as grid:
        yield grid


def _probe(name: str, kind: str, ports: dict[str, int], folder: Path) -> Probe:
    said = {"name": name, "kind": kind, "url": f"{kind}://{{host}}:{ports[name]}", "match": {"tags": name}, "every": "60s"}
    return Probe.model_validate(said | ({"ca": folder / "ca.pem", "warning_days": 1} if kind == "tls" else {}))


def _inventory() -> Iterator[str]:
    yield '[[site]]\nname = "EXAMPLE-SITE"'
    number = 0
    for kind, share in EACH.items():
        for _ in range(int(TARGETS * share)):
            host = f"127.0.{1 + number % HOSTS // 250}.{1 + number % 250}"
            yield from _resource(number, kind, "127.0.0.1" if kind == "tls" else host)  # that of the certificate
            number += 1
    for hung in range(HANGING):
        yield from _resource(number + hung, "hangs", f"127.1.0.{1 + hung}")


def _resource(number: int, tag: str, host: str) -> Iterator[str]:
    yield f'[[site.resource]]\nname = "r{number}"\ntype = "ComputingElement"\nhosts = ["{host}"]\ntags = ["{tag}"]'


@contextmanager
def _servers(folder: Path) -> Iterator[dict[str, int]]:
    """The ports of servers in a process of their own, so that their work is not counted."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, folder), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(connection: Connection, folder: Path) -> None:
    asyncio.run(_serving(connection, folder))


async def _serving(connection: Connection, folder: Path) -> None:
    answers = {"tcp": b"", "http": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "redis": b"+PONG\r\n", "hangs": None}
    servers = {"tls": await asyncio.start_server(_answering(b""), "127.0.0.1", ssl=Pki(folder).server())}
    servers |= {name: await asyncio.start_server(_answering(said), "0.0.0.0") for name, said in answers.items()}
    connection.send({name: server.sockets[0].getsockname()[1] for name, server in servers.items()})
    await asyncio.Event().wait()


def _answering(said: bytes | None):  # type: ignore[no-untyped-def]  # noqa: ANN202 - what a server does
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while await reader.read(4096):
                if said:
                    writer.write(said)
        writer.close()

    return serve

"""Looks at a real server of each kind that probes know, up, stopped, silent and talking rubbish, and sees the mask follow.

::

    ./dev acceptance probes [--kind KIND ...] [--within SECONDS]

A server that is not installed is passed over, and said to be. The servers of FTS3, HTCondor-CE and perfSONAR are not to be had:
where they stand, nginx or a small double answers as their documents have it.
"""

from __future__ import annotations

import argparse
import asyncio
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from gridmask.bootstrap import installation
from gridmask.probes.kinds import KINDS
from gridmask.probes.settings import Probe, Probes
from gridmask.settings import Settings
from gridmask.source import Source
from tests import heavy_services, services
from tests.double import double
from tests.grid import ADMIN, said
from tests.nginx import nginx
from tests.pki import Pki
from tests.postgresql import postgresql
from tests.servers import ServerMissing, mariadb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation

EVERY = 1.0
PATIENCE = 0.8
POLICIES = """
[policy.probes]
type = "probe"
[probing]
validated_by = ["*"]
[guard]
enabled = false
[policy.declared-downtimes]
type = "downtime"
enabled = false
"""


@dataclass(frozen=True, slots=True)
class Up:
    """A server that runs: where the probe goes, what stops it, and what the probe is told."""

    url: str
    stop: Callable[[], None]
    options: dict[str, Any] = field(default_factory=dict)


Start = Callable[[Path, Pki], AbstractContextManager[Up]]


def login(folder: Path, user: str = "probe") -> dict[str, Any]:
    file = folder / "password"
    file.write_text(services.PASSWORD)
    return {"user": user, "password_file": str(file)}


@contextmanager
def a_redis(folder: Path, _: Pki) -> Iterator[Up]:
    with services.redis() as server:
        yield Up(f"redis://127.0.0.1:{server.port}", server.stop, login(folder, ""))


@contextmanager
def a_port(folder: Path, pki: Pki) -> Iterator[Up]:
    with a_redis(folder, pki) as up:
        yield Up(up.url.replace("redis://", "tcp://"), up.stop)


@contextmanager
def a_mosquitto(folder: Path, _: Pki) -> Iterator[Up]:
    with services.mosquitto() as server:
        yield Up(f"mqtt://127.0.0.1:{server.port}", server.stop, login(folder))


@contextmanager
def an_openldap(_: Path, __: Pki) -> Iterator[Up]:
    with services.slapd() as server:
        yield Up(f"ldap://127.0.0.1:{server.port}", server.stop)


@contextmanager
def an_xrootd(_: Path, __: Pki) -> Iterator[Up]:
    with services.xrootd() as server:
        yield Up(f"root://127.0.0.1:{server.port}//data/file", server.stop)


@contextmanager
def a_webdav(_: Path, __: Pki) -> Iterator[Up]:
    with services.xrootd("xrd.protocol XrdHttp libXrdHttp.so") as server:
        yield Up(f"http://127.0.0.1:{server.port}/data/", server.stop)


@contextmanager
def an_unbound(_: Path, __: Pki) -> Iterator[Up]:
    with heavy_services.unbound() as server:
        yield Up(f"dns://127.0.0.1:{server.port}/www.example.org", server.stop)


@contextmanager
def a_mariadb(folder: Path, _: Pki) -> Iterator[Up]:
    with ExitStack() as stack:
        server = stack.enter_context(mariadb())
        server.execute(f"CREATE USER probe@127.0.0.1 IDENTIFIED BY '{services.PASSWORD}'")
        yield Up(f"mysql://127.0.0.1:{server.port}", lambda: _shut_down(server.execute), login(folder))


def _shut_down(execute: Callable[[str], str]) -> None:
    execute("SHUTDOWN")


@contextmanager
def a_postgresql(_: Path, __: Pki) -> Iterator[Up]:
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        yield Up(f"postgresql://127.0.0.1:{server.port}/postgres", stack.close, {"user": "postgres"})


@contextmanager
def an_amqp(folder: Path, _: Pki) -> Iterator[Up]:
    with heavy_services.rabbitmq() as server:
        yield Up(f"amqp://127.0.0.1:{server.ports['amqp']}", server.stop, login(folder))


@contextmanager
def a_stomp(folder: Path, _: Pki) -> Iterator[Up]:
    with heavy_services.activemq() as server:
        yield Up(f"stomp://127.0.0.1:{server.ports['stomp']}", server.stop, login(folder))


@contextmanager
def an_arc(_: Path, pki: Pki) -> Iterator[Up]:
    with heavy_services.arc(pki) as server:
        given = {"certificate": str(pki.certificate("client")), "key": str(pki.key("client")), "ca": pki.ca}
        yield Up(f"https://localhost:{server.port}/arex", server.stop, given)


def of_nginx(path: str, *pages: tuple[str, str], **options: Any) -> Start:  # noqa: ANN401 - of a probe
    """An nginx that answers as a service would."""

    @contextmanager
    def start(_: Path, __: Pki) -> Iterator[Up]:
        quoted = ((page, body.replace('"', r"\"")) for page, body in pages)
        locations = "\n".join(f'location = {page} {{ default_type text/plain; return 200 "{body}"; }}' for page, body in quoted)
        with ExitStack() as stack:
            server = stack.enter_context(nginx(locations))
            yield Up(f"{server.url}{path}", stack.close, options)

    return start


SERVERS: dict[str, Start] = {
    "tcp": a_port,
    "http": of_nginx("/", ("/", "all is well"), contains="well"),
    "webdav": a_webdav,
    "xrootd": an_xrootd,
    "fts3": of_nginx("/fts", ("/fts/", '{"api": {"major": 3}}')),
    "arc-ce": an_arc,
    "catalog": of_nginx("/rucio", ("/rucio/ping", '{"version": "37.0.0"}')),
    "amqp": an_amqp,
    "stomp": a_stomp,
    "mqtt": a_mosquitto,
    "redis": a_redis,
    "mysql": a_mariadb,
    "postgresql": a_postgresql,
    "ldap": an_openldap,
    "dns": an_unbound,
    "perfsonar": of_nginx("/pscheduler/status", ("/pscheduler/status", '{"services": {"ticker": {"running": true}}}')),
}
BESIDE = ("tls", "htcondor-ce")
"""Those that answer from a server of this process."""

LEAVE_OUT = ("dns", "tcp")
"""Those for whom a double is no test: one is spoken by UDP, for the other it is enough that something listens."""


@asynccontextmanager
async def beside(kind: str, pki: Pki) -> AsyncIterator[Up]:
    """A server of this process."""

    async def condor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            _, length = struct.unpack(">BI", await reader.readexactly(5))
            await reader.readexactly(length)
            body = struct.pack(">q", 2) + b'AuthMethods = "SSL"\0Enact = "NO"\0\0\0'
            writer.write(struct.pack(">BI", 1, len(body)) + body)
            await writer.drain()
        writer.close()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read(100)
        writer.close()

    tls = kind == "tls"
    server = await asyncio.start_server(mute if tls else condor, "127.0.0.1", 0, ssl=pki.server() if tls else None)
    scheme, options = ("tls", {"ca": pki.ca, "warning_days": 1}) if tls else ("tcp", {})
    loop = asyncio.get_running_loop()
    port = server.sockets[0].getsockname()[1]

    def stop() -> None:
        loop.call_soon_threadsafe(server.close)

    try:
        yield Up(f"{scheme}://127.0.0.1:{port}", stop, options)
    finally:
        server.close()


class Trial:
    """One kind, from up to rubbish."""

    def __init__(self, kind: str, within: float) -> None:
        self.kind = kind
        self.within = within
        self.told: list[str] = []
        self.problems: list[str] = []

    async def run(self, folder: Path, up: Up) -> None:
        """Let the probe look at what is up, stops, is silent, and talks rubbish."""
        async with self._made(folder, up) as made:
            loop = asyncio.create_task(made.loop.run())
            try:
                await self._phases(made, up)
            finally:
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)

    async def _phases(self, made: Installation, up: Up) -> None:
        await self._becomes(made, "up", {"Active", "Degraded"}, EVERY + 30)
        await asyncio.to_thread(up.stop)
        await self._becomes(made, "stopped", {"Banned"}, EVERY + PATIENCE + self.within)
        if self.kind in LEAVE_OUT:
            return
        port = int(up.url.split("://")[1].split("/")[0].rpartition(":")[2])
        for behaviour in ("silent", "rubbish"):
            async with double(behaviour, port=port):
                await self._says(made, behaviour)

    async def _becomes(self, made: Installation, phase: str, wanted: set[str], seconds: float) -> None:
        began = time.monotonic()
        while (now := said(await made.masks.mask("all")).get("R")) not in wanted:
            if time.monotonic() - began > seconds:
                self.problems.append(f"{self.kind} {phase}: {now} after {seconds:.1f} s, not {' or '.join(wanted)}")
                return
            await asyncio.sleep(0.02)
        self.told.append(f"{phase} {now} after {time.monotonic() - began:.2f} s")

    async def _says(self, made: Installation, behaviour: str) -> None:
        """Wait until it was looked at, and for what came of that."""
        began, probing = made.clock(), made.probing
        assert probing is not None
        await asyncio.sleep(EVERY + PATIENCE + 0.5)
        [last] = (await probing.last()).values()
        value: Any = last.value
        if value.result != "CRITICAL" or last.observed_at < began:
            self.problems.append(f"{self.kind} {behaviour}: {value.result} {value.summary}, seen at {last.observed_at}")
        self.told.append(f"{behaviour} {value.summary[:70]!r}")

    @asynccontextmanager
    async def _made(self, folder: Path, up: Up) -> AsyncIterator[Installation]:
        (folder / "policies").mkdir()
        (folder / "policies" / "all.toml").write_text(POLICIES)
        (folder / "inventory.toml").write_text(
            '[[site]]\nname = "S"\n[[site.resource]]\nname = "R"\ntype = "ComputingElement"\nhosts = ["localhost"]\n'
        )
        given = {
            "name": "probe",
            "kind": self.kind,
            "url": up.url,
            "every": f"{EVERY}s",
            "timeout": f"{PATIENCE}s",
            **up.options,
        }
        source = Source(name="own", kind="toml", url=(folder / "inventory.toml").as_uri())
        settings = Settings(
            database=f"sqlite:///{folder / 'gridmask.db'}",
            policies=folder / "policies",
            source=(source,),
            probe=(Probe.model_validate(given),),
            probes=Probes(spacing="0s"),
        )
        async with installation(settings) as made:
            async for _ in made.sources.sync(ADMIN):
                pass
            yield made


def tried(kind: str, within: float) -> Trial:
    """The trial of one kind.

    Raises:
        ServerMissing: its server is not installed.
    """
    trial = Trial(kind, within)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-probes-")))
        folder.chmod(0o755)
        keys = folder / "pki"
        keys.mkdir(mode=0o755)
        pki = Pki.made(keys)
        if kind in BESIDE:
            asyncio.run(_beside(trial, folder, pki))
        else:
            up = stack.enter_context(SERVERS[kind](folder, pki))
            asyncio.run(trial.run(folder, up))
    return trial


async def _beside(trial: Trial, folder: Path, pki: Pki) -> None:
    async with beside(trial.kind, pki) as up:
        await trial.run(folder, up)


def main(arguments: list[str]) -> int:
    """Try all kinds, and print what came of it."""
    parser = argparse.ArgumentParser(prog="./dev acceptance probes", description=__doc__)
    parser.add_argument("--kind", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--within", type=float, default=2.0, help="seconds from what is seen to the mask")
    asked = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    problems: list[str] = []
    for kind in asked.kind:
        try:
            trial = tried(kind, asked.within)
        except ServerMissing as reason:
            print(f"{kind:<12} passed over: {reason}")
            continue
        print(f"{kind:<12} {'; '.join(trial.told)}", flush=True)
        problems += trial.problems
    print("\n".join(["", *problems]) if problems else "\nAll as it should be.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

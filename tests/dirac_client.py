"""DIRAC's own client, unmodified, where it is installed: in an environment of its own that ``GRIDMASK_TEST_DIRAC`` names.

The variable is the folder that has the package ``DIRAC``, as ``.../lib/python3.11/site-packages`` of a virtual environment.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import zlib
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
import uvicorn
from starlette.responses import JSONResponse

from gridmask.api.app import create_app
from gridmask.api.patience import Patient
from gridmask.api.tls import Files, Renewing, telling
from gridmask.settings import DiracRpc
from gridmask.source import Source
from tests import dirac
from tests.clocks import WallClock
from tests.grid import Grid, sync
from tests.pki import OpensslMissing, Pki, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from starlette.types import ASGIApp, Receive, Scope, Send

    from tests.dirac import Table

VARIABLE = "GRIDMASK_TEST_DIRAC"

_PROXY = """
import sys
from DIRAC.Core.Security.X509Chain import X509Chain
chain = X509Chain()
for done in (chain.loadChainFromFile(sys.argv[1]), chain.loadKeyFromFile(sys.argv[2]),
             chain.generateProxyToFile(sys.argv[3], 36000, diracGroup="dirac_admin")):
    assert done["OK"], done
"""


def local(address: str) -> Table:
    """What a client must know to find the rest."""
    servers = {"Servers": f"{address}/Configuration/Server"}
    return {"DIRAC": {"VirtualOrganization": "cms", "Setup": "Test", "Configuration": servers}}


def configuration(address: str, dn: str, host: str) -> Table:
    """What DIRAC's server of the configuration tells of a user and a host; DIRAC 8 looks for things where its setup is."""
    urls = {name: f"{address}/ResourceStatus/{name}" for name in ("ResourceStatus", "ResourceManagement", "Publisher")}
    group = {"Users": "ciuser", "Properties": ["SiteManager", "NormalUser"], "VO": "cms"}
    return {
        "DIRAC": {
            "Configuration": {"MasterServer": f"{address}/Configuration/Server", "Name": "Test"},
            "Setups": {"Test": {"Configuration": "Test", "ResourceStatus": "Test"}},
        },
        "Registry": {
            "DefaultGroup": "dirac_admin",
            "VO": {"cms": {"VOAdmin": "ciuser"}},
            "Users": {"ciuser": {"DN": dn}},
            "Groups": {"dirac_admin": group},
            "Hosts": {"portal.example.org": {"DN": host, "Properties": "TrustedHost"}},
        },
        "Systems": {"ResourceStatus": {"URLs": urls, "Test": {"URLs": urls}}},
        "Operations": {"Defaults": {"ResourceStatus": {"Config": {"State": "Active", "Cache": "60"}}}},
        "Resources": {
            "Sites": dirac.sites(
                (
                    "LCG.Here.org",
                    {"Name": "HERE", "CEs": {"ce1.example.org": dirac.ce(), "ce2.example.org": dirac.ce()}, "SE": "SE1"},
                )
            ),
            "StorageElements": {"SE1": dirac.se(("root", "se1.example.org"))},
            "FTSEndpoints": {"FTS3": {"FTS1": "https://fts1.example.org:8446"}},
        },
    }


_CALLS = """
import json, sys
import DIRAC
DIRAC.initialize()
from DIRAC import gLogger
from datetime import datetime, timedelta
from DIRAC.ResourceStatusSystem.Client.PublisherClient import PublisherClient
from DIRAC.ResourceStatusSystem.Client.ResourceManagementClient import ResourceManagementClient
from DIRAC.ResourceStatusSystem.Client.ResourceStatus import ResourceStatus
from DIRAC.ResourceStatusSystem.Client.ResourceStatusClient import ResourceStatusClient
from DIRAC.ResourceStatusSystem.Client.SiteStatus import SiteStatus
told = []
def tell(answer):
    told.append(answer)
    return answer
exec(sys.stdin.read())
print("TOLD" + json.dumps(told, default=str))
"""


@dataclass(frozen=True, slots=True)
class DiracClient:
    """DIRAC's client with all that it needs to call a server.

    Attributes:
        python: the interpreter of its environment.
        folder: where its configuration and its proxy are.
        pki: the authority that it trusts.
    """

    python: Path
    folder: Path
    pki: Pki

    @property
    def configuration(self) -> Path:
        """The file of what its server of the configuration tells."""
        return self.folder / "service.cfg"

    @property
    def environment(self) -> dict[str, str]:
        """What it is run with; nothing of ours."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "DIRACSYSCONFIG": str(self.folder / "dirac.cfg"),
            "X509_CERT_DIR": str(self.pki.hashed),
            "X509_USER_PROXY": str(self.folder / "proxy.pem"),
            "DIRAC_X509_HOST_CERT": str(self.pki.certificate("server")),
            "DIRAC_X509_HOST_KEY": str(self.pki.key("server")),
        }

    def configure(self, address: str) -> None:
        """Have it find its configuration at ``address``, and by that the services."""
        (self.folder / "dirac.cfg").write_bytes(dirac.text(local(address)))
        self.configuration.write_bytes(dirac.text(configuration(address, self.subject("client"), self.subject("server"))))

    def subject(self, name: str) -> str:
        """The name of a certificate."""
        told = run("x509", "-in", self.pki.certificate(name), "-noout", "-subject", "-nameopt", "compat")
        return told.strip().removeprefix("subject=").strip()

    def call(self, *lines: str) -> list[Any]:
        """What its clients give back where ``lines`` of Python say ``tell``."""
        done = self._run([str(self.python), "-c", _CALLS], "\n".join(lines))
        assert "TOLD" in done.stdout, done.stdout + done.stderr
        told: list[Any] = json.loads(done.stdout.partition("TOLD")[2])
        return told

    def script(self, name: str, *arguments: str) -> str:
        """What one of its scripts prints."""
        done = self._run([str(self.python.with_name(name)), *arguments])
        return done.stdout + done.stderr

    def run(self, code: str, *arguments: str) -> str:
        """What ``code`` prints in its environment."""
        return self._run([str(self.python), "-c", code, *arguments]).stdout

    def _run(self, command: list[str], said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, input=said, env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )


def client(folder: Path, pki: Pki) -> DiracClient:
    """The client, with a proxy of ``pki``'s client; where it is not installed, the test is skipped."""
    named = os.environ.get(VARIABLE)
    python = Path(named or "").parent.parent.parent / "bin" / "python"
    if not named or not python.is_file() or not list(Path(named).glob("M2Crypto")):
        pytest.skip(f"DIRAC's client is not here: {VARIABLE} names no site-packages of an environment that has it installed")
    made = DiracClient(python, folder, pki)
    made.configure("https://localhost:1")
    proxy = [str(python), "-c", _PROXY, *map(str, (pki.certificate("client"), pki.key("client"), folder / "proxy.pem"))]
    subprocess.run(proxy, env=made.environment, check=True, capture_output=True, timeout=60)
    return made


class WithConfiguration:
    """An application beside what DIRAC's clients cannot do without: a server of its configuration, from the file ``path``."""

    def __init__(self, app: ASGIApp, path: Path) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/Configuration/Server":
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        called = parse_qs(body.decode())
        told: object = {"username": "ciuser"}
        if called["method"] == ["getCompressedDataIfNewer"]:
            told = self._newer(called["args"][0])
        elif called["method"] == ["getCompressedData"]:
            told = self._packed()
        await JSONResponse({"OK": True, "Value": told})(scope, receive, send)

    def _newer(self, arguments: str) -> dict[str, str]:
        version = "2026-01-01 00:00:00.000000"
        if json.loads(arguments) == [version]:
            return {"newestVersion": version}
        return {"newestVersion": version, "data": self._packed()}

    def _packed(self) -> str:
        return b64encode(zlib.compress(self._path.read_bytes(), 9)).decode()


class _Server(uvicorn.Server):
    """Tells its port once it listens there."""

    def __init__(self, config: uvicorn.Config, started: Callable[[int], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell(self.servers[0].sockets[0].getsockname()[1])


@contextmanager
def served_with_tls(grid: Grid, of: DiracClient, **more: Any) -> Iterator[str]:  # noqa: ANN401 - whatever settings hold
    """The address at which ``grid``'s installation is served over TLS, to clients ``of``; ``more``: of its settings."""
    tls = {"ssl_certfile": of.pki.certificate("server"), "ssl_keyfile": of.pki.key("server")}
    with _served(grid, of, more, tls) as port:
        of.configure(address := f"https://localhost:{port}")
        yield address


@contextmanager
def served_to_proxies(grid: Grid, of: DiracClient, **more: Any) -> Iterator[str]:  # noqa: ANN401 - whatever settings hold
    """The same over TLS as Gridmask speaks it, which takes certificates of the clients' authority, and proxies of them."""
    files = Files(of.pki.certificate("server"), of.pki.key("server"), of.pki.hashed, revoked=False)
    tls = {"http": telling(Patient), "ssl_context_factory": lambda *_: Renewing.of(files)}
    with _served(grid, of, more, tls) as port:
        of.configure(address := f"https://localhost:{port}")
        yield address


@contextmanager
def served_behind(grid: Grid, of: DiracClient, **more: Any) -> Iterator[str]:  # noqa: ANN401 - likewise
    """The same, for what stands in front and speaks TLS; clients have to be told where that is."""
    with _served(grid, of, more, {}) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _served(grid: Grid, of: DiracClient, more: dict[str, Any], tls: dict[str, Any]) -> Iterator[int]:
    told: Queue[int] = Queue()
    running: Queue[uvicorn.Server] = Queue()

    async def serve() -> None:
        async with grid.open(**more) as gridmask:
            await sync(gridmask)
            app = WithConfiguration(create_app(gridmask), of.configuration)
            server = _Server(uvicorn.Config(app, port=0, log_config=None, proxy_headers=False, **tls), told.put)
            running.put(server)
            await server.serve()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield told.get(timeout=30)
    finally:
        running.get(timeout=30).should_exit = True
        thread.join(30)


@contextmanager
def at_home(folder: Path) -> Iterator[tuple[DiracClient, Grid]]:
    """A client whose configuration names the services of a server of ours, which has its inventory from the same."""
    made = client_in(folder)
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}", WallClock())
    source = Source(name="cs", kind="dirac-cfg", url=made.configuration.as_uri())
    with served_with_tls(grid, made, source=(source,), dirac_rpc=DiracRpc(enabled=True)):
        yield made, grid


def client_in(folder: Path) -> DiracClient:
    """A client with all that is its own in ``folder``, or a skip where there is nothing to make certificates with."""
    try:
        pki = Pki.made(folder)
    except OpensslMissing as reason:
        pytest.skip(str(reason))
    (folder / "home").mkdir()
    return client(folder / "home", pki)

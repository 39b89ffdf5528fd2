"""DIRAC's own services and DiracX's own routes, where they are installed: in environments of their own, that variables name."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.doors_asking import Server, listening
from gridmask.domain.element import Element
from tests import dirac
from tests.issuer import ED
from tests.pki import Pki, run
from tests.servers import MariaDB, end

if TYPE_CHECKING:
    from tests.servers import Process

TOLD = "TOLD "


@dataclass(frozen=True, slots=True)
class Software:
    """Something that somebody else made.

    Attributes:
        name: what it is called.
        variable: the variable that names a Python that has it.
        needs: what has to be imported.
        advice: how such an environment is had.
    """

    name: str
    variable: str
    distribution: str
    needs: str
    advice: str

    def found(self) -> Found | Missing:
        """It, or why there is none."""
        named = os.environ.get(self.variable)
        if not named:
            return Missing(f"{self.name} is left out: {self.variable} names no Python that has it. {self.advice}")
        told = f"from importlib.metadata import version; print('{TOLD}' + version('{self.distribution}'))"
        try:
            done = subprocess.run(
                [named, "-c", f"import {self.needs}\n{told}"], capture_output=True, text=True, timeout=120, check=False
            )
        except OSError as error:
            return Missing(f"{self.name} is left out: {self.variable} names {named}, which does not start: {error.strerror}.")
        _, _, version = done.stdout.partition(TOLD)
        if done.returncode != 0 or not version:
            why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            return Missing(f"{self.name} is left out: {named}, which {self.variable} names, lacks it ({why}). {self.advice}")
        return Found(self, Path(named), version.strip())


@dataclass(frozen=True, slots=True)
class Found:
    """Software that is there: its interpreter and its version."""

    software: Software
    python: Path
    version: str

    def __str__(self) -> str:
        return f"{self.software.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Missing:
    """Software that is not there, and what that means."""

    why: str


DIRAC = Software(
    "DIRAC",
    "GRIDMASK_BENCH_DIRAC",
    "DIRAC",
    "MySQLdb, DIRAC.Core.Tornado.Server.TornadoServer",
    "Its HTTPS services need DIRAC with its extra 'server', and the Tornado that DIRAC's own installer brings (DIRACOS2).",
)
DIRACX = Software(
    "DiracX",
    "GRIDMASK_BENCH_DIRACX",
    "diracx-routers",
    "diracx.routers, uvicorn",
    "In an environment of its own: pip install diracx-routers uvicorn.",
)

_START_DIRAC = """
from tornado.tcpserver import TCPServer
everywhere = TCPServer.listen
# it would listen on every address of the machine
TCPServer.listen = lambda self, port, address="": everywhere(self, port, "127.0.0.1")
from DIRAC.Core.Tornado.scripts.tornado_start_all import main
main()
"""
_ACCOUNT = "Dirac"
_SERVICES = ("ResourceStatus", "Publisher")


@contextmanager
def dirac_services(found: Found, folder: Path, server: MariaDB, pki: Pki, made_of: Sequence[Element]) -> Iterator[Server]:
    """DIRAC's services over HTTPS, with a ResourceStatusDB that has no tables yet: these it makes when it is asked first."""
    for host in ("127.0.0.1", "localhost"):
        server.execute(f"CREATE USER IF NOT EXISTS {_ACCOUNT}@{host} IDENTIFIED BY '{_ACCOUNT}'")
        server.execute(f"GRANT ALL ON ResourceStatusDB.* TO {_ACCOUNT}@{host}")
    server.execute("CREATE DATABASE ResourceStatusDB")
    log = folder / "dirac.log"

    def launch(port: int) -> Process:
        (folder / "dirac.cfg").write_bytes(dirac.text(_configuration(port, server, pki, made_of)))
        variables = {"DIRACSYSCONFIG": str(folder / "dirac.cfg"), "X509_CERT_DIR": str(pki.hashed)}
        return _launch([found.python, "-c", _START_DIRAC], folder, log, {**variables, "DIRAC_USE_TORNADO_IOLOOP": "yes"})

    port, process = listening(launch, log)
    try:
        yield Server(port, (process.pid,), ())
    finally:
        end(process)


def _configuration(port: int, server: MariaDB, pki: Pki, made_of: Sequence[Element]) -> dirac.Table:
    urls = {name: f"https://localhost:{port}/ResourceStatus/{name}" for name in (*_SERVICES, "ResourceManagement")}
    services = {name: _service(name) for name in _SERVICES}
    security = {"CertFile": str(pki.certificate("server")), "KeyFile": str(pki.key("server")), "UseServerCertificate": "yes"}
    account = {"User": _ACCOUNT, "Password": _ACCOUNT, "Host": "127.0.0.1", "Port": str(server.port)}
    databases = {"ResourceStatusDB": {"DBName": "ResourceStatusDB"}}
    sites = [(element.site, {"Name": element.site.upper()}) for element in made_of if element.is_site]
    return {
        "DIRAC": {"VirtualOrganization": "vo1", "Setup": "Bench", "Security": security, "Configuration": {"Name": "Bench"}},
        "Registry": {
            "DefaultGroup": "users",
            "VO": {"vo1": {"VOAdmin": "user"}},
            "Users": {"user": {"DN": _name(pki, "client")}},
            "Hosts": {"localhost": {"DN": _name(pki, "server"), "Properties": ["TrustedHost"]}},
            "Groups": {"users": {"Users": "user", "Properties": ["NormalUser"], "VO": "vo1"}},
        },
        "Systems": {
            "Tornado": {"Port": str(port)},
            "Databases": account,
            "ResourceStatus": {"Services": services, "URLs": urls, "Databases": databases},
        },
        "Resources": {"Sites": dirac.sites(*sites)},
    }


def _service(name: str) -> dirac.Table:
    handler = f"DIRAC/ResourceStatusSystem/Service/Tornado{name}Handler.py"
    rights = {"Default": "Authenticated" if name == "Publisher" else "SiteManager", "select": "all"}
    return {"Protocol": "https", "HandlerPath": handler, "Authorization": rights}


def _name(pki: Pki, whose: str) -> str:
    told = run("x509", "-in", pki.certificate(whose), "-noout", "-subject", "-nameopt", "compat")
    return told.strip().removeprefix("subject=").strip()


_CS = """\
Registry:
  vo1:
    DefaultGroup: users
    IdP: {URL: "https://idp.example.org", ClientID: "bench"}
    Users: {}
    Groups: {}
Operations: {}
"""


@contextmanager
def diracx_routes(found: Found, folder: Path, server: MariaDB, issuer: str) -> Iterator[Server]:
    """DiracX with its routes about statuses alone, on a database with its own tables, which are empty yet."""
    server.execute("CREATE DATABASE diracx")
    variables = _variables(folder, server, issuer)
    log = folder / "diracx.log"
    with log.open("ab") as told:
        made = [found.python, "-m", "diracx.db", "init-sql"]
        subprocess.run(made, env=_own(folder, variables), cwd=folder, check=True, timeout=120, stdout=told, stderr=told)

    def launch(port: int) -> Process:
        command = [found.python, "-m", "uvicorn", "--factory", "diracx.routers:create_app", "--port", str(port)]
        return _launch(command, folder, log, variables)

    port, process = listening(launch, log)
    try:
        yield Server(port, (process.pid,), ())
    finally:
        end(process)


def _variables(folder: Path, server: MariaDB, issuer: str) -> Mapping[str, str]:
    _repository(folder / "cs")
    unneeded = {f"DIRACX_SERVICE_{name}_ENABLED": "false" for name in ("AUTH", "CONFIG", "HEALTH", "JOBS", "PILOTS")}
    return {
        "DIRACX_DB_URL_RESOURCESTATUSDB": f"mysql+aiomysql://root@127.0.0.1:{server.port}/diracx",
        "DIRACX_CONFIG_BACKEND_URL": f"git+file://{folder / 'cs'}",
        "DIRACX_SERVICE_AUTH_TOKEN_ISSUER": issuer,
        "DIRACX_SERVICE_AUTH_TOKEN_KEYSTORE": json.dumps({"keys": [ED.as_dict(private=True)]}),
        "DIRACX_SERVICE_AUTH_STATE_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
        **unneeded,
    }


def _repository(folder: Path) -> None:
    """Its configuration, which it has out of git."""
    folder.mkdir()
    (folder / "default.yml").write_text(_CS)
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "master"], ["add", "."], [*author, "commit", "-q", "-m", "Bench"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)


def _launch(command: Sequence[str | Path], folder: Path, log: Path, variables: Mapping[str, str]) -> Process:
    with log.open("ab") as told:
        return subprocess.Popen(
            command, env=_own(folder, variables), cwd=folder, stdin=subprocess.DEVNULL, stdout=told, stderr=told
        )


def _own(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """What it is run with; nothing of ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), **variables}

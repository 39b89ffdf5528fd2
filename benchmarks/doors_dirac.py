"""DIRAC's own services, over HTTPS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.doors_asking import Server, listening
from benchmarks.doors_foreign import Found, Software, Surroundings
from gridmask.domain.element import Element
from tests import dirac
from tests.pki import Pki, run
from tests.servers import end

if TYPE_CHECKING:
    from tests.servers import MariaDB, Process

DIRAC = Software(
    "DIRAC",
    "GRIDMASK_BENCH_DIRAC",
    "DIRAC",
    "MySQLdb, DIRAC.Core.Tornado.Server.TornadoServer",
    "Its services over HTTPS run where DIRAC's own installer has installed a server, with the Tornado that it brings.",
)

DATABASE = "ResourceStatusDB"
SERVICES = ("ResourceStatus", "Publisher")
_ACCOUNT = "Dirac"

_START = """
from tornado.tcpserver import TCPServer
everywhere = TCPServer.listen
# it would listen at every address of the machine
TCPServer.listen = lambda self, port, address="": everywhere(self, port, "127.0.0.1")
from DIRAC.Core.Tornado.scripts.tornado_start_all import main
main()
"""


@contextmanager
def services(found: Found, folder: Path, server: MariaDB, pki: Pki, made_of: Sequence[Element]) -> Iterator[Server]:
    """DIRAC's services, on a database that has no tables yet: these they make when they are asked first."""
    server.execute(f"CREATE DATABASE {DATABASE}")
    for host in ("127.0.0.1", "localhost"):
        server.execute(f"CREATE USER {_ACCOUNT}@{host} IDENTIFIED BY '{_ACCOUNT}'")
        server.execute(f"GRANT ALL ON {DATABASE}.* TO {_ACCOUNT}@{host}")
    file = folder / "dirac.cfg"
    variables = {"DIRACSYSCONFIG": str(file), "X509_CERT_DIR": str(pki.hashed), "DIRAC_USE_TORNADO_IOLOOP": "yes"}
    around = Surroundings(folder, variables, folder / "dirac.log")

    def launch(port: int) -> Process:
        file.write_bytes(dirac.text(_configuration(port, server, pki, made_of)))
        return around.launch(found.python, "-c", _START)

    port, process = listening(launch, around.log)
    try:
        yield Server(port, (process.pid,), ())
    finally:
        end(process)


def _configuration(port: int, server: MariaDB, pki: Pki, made_of: Sequence[Element]) -> dirac.Table:
    security = {"CertFile": str(pki.certificate("server")), "KeyFile": str(pki.key("server")), "UseServerCertificate": "yes"}
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
            "Databases": {"User": _ACCOUNT, "Password": _ACCOUNT, "Host": "127.0.0.1", "Port": str(server.port)},
            "ResourceStatus": {
                "Services": {name: _service(name) for name in SERVICES},
                "URLs": {name: f"https://localhost:{port}/ResourceStatus/{name}" for name in SERVICES},
                "Databases": {DATABASE: {"DBName": DATABASE}},
            },
        },
        "Resources": {"Sites": dirac.sites(*sites)},
    }


def _service(name: str) -> dirac.Table:
    """As DIRAC's own template has it."""
    handler = f"DIRAC/ResourceStatusSystem/Service/Tornado{name}Handler.py"
    rights = {"Default": "Authenticated"} if name == "Publisher" else {"Default": "SiteManager", "select": "all"}
    return {"Protocol": "https", "HandlerPath": handler, "Authorization": rights}


def _name(pki: Pki, whose: str) -> str:
    told = run("x509", "-in", pki.certificate(whose), "-noout", "-subject", "-nameopt", "compat")
    return told.strip().removeprefix("subject=").strip()

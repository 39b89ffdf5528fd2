"""Private servers of the kinds that probes look at: started on a free loopback port from Debian's programs.

They are small and begin within a moment; :mod:`tests.heavy_services` has those that do not.
"""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import end, find_program, private_folder, start, unprivileged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.servers import Process

PASSWORD = "s3cret word"


@dataclass(frozen=True, slots=True)
class Service:
    """A running server."""

    port: int
    process: Process | None = None

    def answers(self) -> bool:
        """Whether a client gets through."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it before its time."""
        assert self.process is not None
        end(self.process)


@contextmanager
def serving(name: str, write: Callable[[Path, int], Sequence[str | Path]]) -> Iterator[Service]:
    """Start what ``write`` gives the command of, once it has written what that needs, and end it afterwards.

    Raises:
        ServerFailed: it did not start.
    """
    with private_folder(f"gridmask-{name}-") as folder:
        started, process = start(Service, lambda port: _launch(folder, write(folder, port)), folder / "log")
        try:
            yield Service(started.port, process)
        finally:
            end(process)


def _launch(folder: Path, command: Sequence[str | Path]) -> Process:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*unprivileged(), *map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
        )


@contextmanager
def redis() -> Iterator[Service]:
    """A Redis whose default user has :data:`PASSWORD`."""
    program = find_program("redis-server", "redis-server")

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        (folder / "redis.conf").write_text(
            f'bind 127.0.0.1\nport {port}\ndir {folder}\nsave ""\nappendonly no\nrequirepass "{PASSWORD}"\n'
        )
        return [program, folder / "redis.conf"]

    with serving("redis", write) as service:
        yield service


@contextmanager
def mosquitto() -> Iterator[Service]:
    """A Mosquitto whose user ``probe`` has :data:`PASSWORD`."""
    program, hashing = find_program("mosquitto", "mosquitto"), find_program("mosquitto_passwd", "mosquitto")

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        passwords = folder / "passwords"
        passwords.touch()
        subprocess.run([hashing, "-b", passwords, "probe", PASSWORD], check=True, capture_output=True)
        passwords.chmod(0o644)
        lines = (f"listener {port} 127.0.0.1", f"password_file {passwords}", "allow_anonymous false", "persistence false")
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        return [program, "-c", folder / "mosquitto.conf"]

    with serving("mosquitto", write) as service:
        yield service


SLAPD = """
include {home}/etc/ldap/schema/core.schema
modulepath {home}/usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
database mdb
maxsize 10485760
suffix "o=glue"
rootdn "cn=admin,o=glue"
rootpw "{password}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by * read
"""

ENTRIES = """
dn: o=glue
objectClass: organization
o: glue

dn: ou=grid,o=glue
objectClass: organizationalUnit
ou: grid

dn: ou=site,ou=grid,o=glue
objectClass: organizationalUnit
ou: site
"""


@contextmanager
def slapd() -> Iterator[Service]:
    """An OpenLDAP with three entries below ``o=glue``, whose ``cn=admin,o=glue`` has :data:`PASSWORD`."""
    program, adding = find_program("slapd", "slapd"), find_program("slapadd", "slapd")
    home = str(Path(program).parents[2]).rstrip("/")  # where its package is

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        data = folder / "data"
        subprocess.run([*unprivileged(), "mkdir", "-p", str(data)], check=True)
        (folder / "slapd.conf").write_text(SLAPD.format(folder=folder, password=PASSWORD, home=home))
        (folder / "entries.ldif").write_text(ENTRIES)
        if not any(data.iterdir()):
            command = [*unprivileged(), adding, "-f", str(folder / "slapd.conf"), "-l", str(folder / "entries.ldif")]
            subprocess.run(command, check=True, capture_output=True)
        return [program, "-f", folder / "slapd.conf", "-h", f"ldap://127.0.0.1:{port}", "-d", "0"]

    with serving("slapd", write) as service:
        yield service


@contextmanager
def xrootd(*lines: str, secrets: Mapping[str, bytes] | None = None) -> Iterator[Service]:
    """An XRootD with the file ``/data/file``; ``lines`` are added to its configuration.

    ``{folder}`` in them is its own folder, in which it finds ``secrets`` by their names, and can write.
    """
    program = find_program("xrootd", "xrootd-server")

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        for name in ("data", "admin"):
            subprocess.run([*unprivileged(), "mkdir", "-p", str(folder / name)], check=True)
        (folder / "data" / "file").write_text("data")
        for name, secret in (secrets or {}).items():
            command = [*unprivileged(), "dd", "status=none", f"of={folder / name}"]
            subprocess.run(command, input=secret, check=True, umask=0o077)
        said = (
            f"all.adminpath {folder}/admin",
            f"all.pidpath {folder}/admin",
            f"oss.localroot {folder}",
            "all.export /data",
            f"xrd.port {port}",
            "xrd.network nodnr",
        )
        (folder / "xrootd.cfg").write_text("\n".join((*said, *(line.format(folder=folder) for line in lines))) + "\n")
        return [program, "-c", folder / "xrootd.cfg", "-n", "probed", "-I", "v4"]

    with serving("xrootd", write) as service:
        yield service

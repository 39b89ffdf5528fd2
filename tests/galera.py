"""A private Galera cluster for campaigns: three MariaDB servers on loopback, each of which can be killed and brought back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Process

PACKAGES = "galera-4 rsync"
SCRIPTS_PACKAGE = "mariadb-server"
PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")
SCRIPTS = "GRIDMASK_GALERA_SCRIPTS"
"""The variable that names the folder of MariaDB's ``wsrep_sst_rsync``, where it is on nobody's PATH."""

NODES = 3
SYNCED_WITHIN = 60.0  # seconds
POSITION = re.compile(r"Recovered position: (\S+)")

OPTIONS = (
    "--wsrep-on=ON",
    "--wsrep-cluster-name=gridmask",
    "--wsrep-sst-method=rsync",
    "--binlog-format=ROW",
    "--innodb-autoinc-lock-mode=2",
    "--innodb-flush-log-at-trx-commit=1",
)
PROVIDER_OPTIONS = "gcache.size=64M;evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S"
"""Notices sooner than usual that a node is gone, so that a campaign waits less."""


@dataclass
class Node:
    """One of the servers, and the folder that it keeps when it is killed."""

    number: int
    folder: Path
    server: servers.MariaDB
    options: list[str]
    process: Process | None = None

    def launch(self, *more: str) -> None:
        """Start the server, and wait until it has what the others have."""
        command = [*servers.unprivileged(), servers.find_program("mariadbd"), "--no-defaults", *self.options, *more]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=with_scripts()
            )
        deadline = time.monotonic() + SYNCED_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.server.answers() and self.state() == "Synced":
                return
            time.sleep(0.1)
        raise servers.ServerFailed(
            f"Node {self.number} does not come in. The end of its log:\n{servers.tail(self.folder / 'log')}"
        )

    def state(self) -> str:
        """What the server says of itself as a node."""
        return self.server.execute("SHOW STATUS LIKE 'wsrep_local_state_comment'").rpartition("\t")[2]

    def kill(self) -> None:
        """As the loss of its machine would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def come_back(self) -> None:
        """Start again from what it has; the others tell it what it missed."""
        command = [*servers.unprivileged(), servers.find_program("mariadbd"), "--no-defaults", *self.options, "--wsrep-recover"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        position = POSITION.search(done.stdout + done.stderr)
        self.launch(*([f"--wsrep-start-position={position[1]}"] if position else []))


@dataclass
class Galera:
    """A cluster that runs, as campaigns see a database."""

    nodes: list[Node]
    kind: str = "galera"
    back: list[float] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        return [f"mysql://root@127.0.0.1:{node.server.port}/gridmask" for node in self.nodes]

    def strike(self, number: int) -> float:
        """Kill a node, and bring it back. Returns how many seconds it was away."""
        began = time.monotonic()
        node = self.nodes[number % len(self.nodes)]
        node.kill()
        node.come_back()
        return time.monotonic() - began


@contextmanager
def galera() -> Iterator[Galera]:
    """Starts a cluster of its own in a new folder, and ends and removes it afterwards.

    Raises:
        ServerMissing: a program is not installed.
        ServerFailed: a node did not start.
    """
    provider, install, client = find_provider(), servers.find_program("mariadb-install-db"), servers.find_program("mariadb")
    servers.find_program("rsync", PACKAGES)
    with_scripts()
    with servers.private_folder("gridmask-galera-") as folder:
        ports = [servers.free_port() for _ in range(NODES * 4)]
        nodes = [made(number, folder, ports, provider, client) for number in range(NODES)]
        servers.install_mariadb(install, nodes[0].folder)
        try:
            # the others get the users with all else
            nodes[0].launch("--wsrep-new-cluster", f"--init-file={nodes[0].folder / 'users.sql'}")
            nodes[0].server.execute("CREATE DATABASE gridmask CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
            for node in nodes[1:]:
                node.launch()
            yield Galera(nodes)
        finally:
            for node in nodes:
                if node.process is not None:
                    servers.end(node.process)


def made(number: int, folder: Path, ports: list[int], provider: str, client: str) -> Node:
    """A node that does not run yet, with an empty folder."""
    own = folder / str(number)
    for place in (own, own / "data"):
        place.mkdir()
        if os.geteuid() == 0:
            os.chown(place, servers.server_user().pw_uid, servers.server_user().pw_gid)
    sql, *talk = (ports[kind * NODES + number] for kind in range(4))
    group, transfer, increment = talk
    members = ",".join(f"127.0.0.1:{port}" for port in ports[NODES : 2 * NODES])
    told = f"gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{increment};{PROVIDER_OPTIONS}"
    options = [
        *(f"--datadir={own / 'data'}", f"--socket={own / 'socket'}", f"--pid-file={own / 'pid'}", f"--port={sql}"),
        *servers.MARIADB_OPTIONS,
        *OPTIONS,
        *(f"--wsrep-provider={provider}", f"--wsrep-cluster-address=gcomm://{members}", f"--wsrep-node-name=node{number}"),
        *(f"--wsrep-node-address=127.0.0.1:{group}", f"--wsrep-sst-receive-address=127.0.0.1:{transfer}"),
        f"--wsrep-provider-options={told}",
    ]
    return Node(number, own, servers.MariaDB(sql, client), options)


def find_provider() -> str:
    """Galera's library."""
    found = next((path for path in PROVIDERS if Path(path).exists()), None)
    if found is None:
        raise servers.ServerMissing(f"libgalera_smm.so is missing; on Debian: apt-get install {PACKAGES}")
    return found


def with_scripts() -> dict[str, str]:
    """The variables of a server that finds MariaDB's scripts, by which a node gets all that another has."""
    path = os.pathsep.join([os.environ.get(SCRIPTS, ""), os.environ.get("PATH", os.defpath), "/usr/sbin"]).strip(os.pathsep)
    if shutil.which("wsrep_sst_rsync", path=path) is None:
        raise servers.ServerMissing(
            f"wsrep_sst_rsync is missing; Debian has it in {SCRIPTS_PACKAGE}, out of which ./dev acceptance galera takes it"
        )
    return {**os.environ, "PATH": path}

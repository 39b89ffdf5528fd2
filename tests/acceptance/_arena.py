"""The databases that campaigns write to: each can be killed with all its processes, and started again as it lay there."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests import postgresql, servers
from tests.galera import galera

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import Process, Server

DURABLE_MARIADB = "--innodb-flush-log-at-trx-commit=1"
RESTART_WITHIN = 60.0  # seconds


class Arena(Protocol):
    """A database of some kind."""

    kind: str

    @property
    def urls(self) -> list[str]:
        """By which the database is reached; of a cluster, one for each node."""

    def strike(self, number: int) -> float:
        """Kill the server, or node ``number`` of it, and start it again. Returns how many seconds it was away."""


@dataclass
class File:
    """SQLite, which has no server."""

    path: Path
    kind: str = "sqlite"

    @property
    def urls(self) -> list[str]:
        return [f"sqlite:///{self.path}"]

    def strike(self, number: int) -> float:  # noqa: ARG002 - there is nothing to kill
        return 0.0


@dataclass
class OneServer:
    """A server with one database in it."""

    kind: str
    url: str
    server: Server
    process: Process
    launch: Callable[[], Process]
    kills: int = field(default=0)

    @property
    def urls(self) -> list[str]:
        return [self.url]

    def strike(self, number: int) -> float:  # noqa: ARG002 - there is one
        began = time.monotonic()
        kill_family(self.process)
        self.process = again(self.server, self.launch)
        return time.monotonic() - began


def kill_family(process: Process) -> None:
    """Kills a server that this process started, and the processes that it has started, at once."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    family = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    process.kill()
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def again(server: Server, launch: Callable[[], Process]) -> Process:
    """Starts a server that was killed; what it had open may take a moment to be free."""
    deadline = time.monotonic() + RESTART_WITHIN
    while time.monotonic() < deadline:
        process = launch()
        if servers.wait_until_it_answers(server, process):
            return process
        servers.end(process)
        time.sleep(0.2)
    raise servers.ServerFailed("The server did not come back after it was killed.")


@contextmanager
def arena(kind: str, folder: Path) -> Iterator[Arena]:
    """An empty database of this kind; what it takes is gone afterwards."""
    with ExitStack() as stack:
        yield {"sqlite": _file, "mariadb": _mariadb, "postgresql": _postgresql, "galera": _galera}[kind](stack, folder)


def _file(_: ExitStack, folder: Path) -> Arena:
    return File(folder / "gridmask.db")


def _galera(stack: ExitStack, _: Path) -> Arena:
    return stack.enter_context(galera())


def _mariadb(stack: ExitStack, _: Path) -> Arena:
    program, install, client = (servers.find_program(name) for name in ("mariadbd", "mariadb-install-db", "mariadb"))
    folder = stack.enter_context(servers.private_folder("gridmask-kill-"))
    servers.install_mariadb(install, folder)

    def launch(port: int) -> Process:
        return servers.launch(program, folder, port, DURABLE_MARIADB)

    server, process = servers.start(lambda port: servers.MariaDB(port, client), launch, folder / "log")
    made = OneServer("mariadb", f"mysql://root@127.0.0.1:{server.port}/gridmask", server, process, lambda: launch(server.port))
    stack.callback(lambda: servers.end(made.process))
    server.execute("CREATE DATABASE gridmask CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    return made


def _postgresql(stack: ExitStack, _: Path) -> Arena:
    programs = (servers.find_program(p, postgresql.PACKAGES, *postgresql.newest_first()) for p in ("initdb", "postgres"))
    initdb, program = programs
    folder = stack.enter_context(servers.private_folder("gridmask-kill-"))
    postgresql.install(initdb, folder)

    def launch(port: int) -> Process:
        return postgresql.launch(program, folder, port)

    server, process = servers.start(postgresql.PostgreSQL, launch, folder / "log")
    url = f"postgresql://postgres@127.0.0.1:{server.port}/gridmask"
    made = OneServer("postgresql", url, server, process, lambda: launch(server.port))
    stack.callback(lambda: servers.end(made.process, postgresql.FAST))
    server.execute("CREATE DATABASE gridmask")
    return made

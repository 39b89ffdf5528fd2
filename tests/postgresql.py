"""A private PostgreSQL for tests: like :mod:`tests.servers`, whose tools it uses."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers import ServerFailed, end, find_program, private_folder, start, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import LiteralString

    from psycopg.sql import Composed

    from tests.servers import Process

PACKAGES = "postgresql"
INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian has the programs of each version, in folders of their own that are on nobody's PATH."""

FAST = signal.SIGINT
"""Ends the server at once; SIGTERM would have it wait for its clients to leave."""

LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
"""One that sorts as people do: what relies on the order of characters without saying so shows at once."""

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "timezone": "Asia/Kathmandu",  # nobody's: what takes the server's local time for UTC shows at once
    "deadlock_timeout": "100ms",  # how soon it looks for one
    "fsync": "off",  # what was committed survives the death of the server all the same, which is all that tests do to it
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running private PostgreSQL, whose ``postgres`` has no password."""

    port: int

    @property
    def url(self) -> str:
        """The SQLAlchemy URL without a database: append ``/name``."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}"

    def execute(self, statement: LiteralString | Composed, database: str = "postgres") -> str:
        """Runs ``statement`` in no transaction and gives the first value that it finds, as a text; empty if none."""
        place = f"host=127.0.0.1 port={self.port} user=postgres dbname={database} connect_timeout=5"
        with psycopg.connect(place, autocommit=True) as connection:
            done = connection.execute(statement)
            found = done.fetchone() if done.description else None
        return "" if found is None else str(found[0])

    @contextmanager
    def database(self, name: str, like: str = "template1") -> Iterator[str]:
        """The URL of a new database that is a copy of ``like``, and is dropped afterwards."""
        self.execute(SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(Identifier(name), Identifier(like)))
        yield f"{self.url}/{name}"
        self.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def answers(self) -> bool:
        """Whether a client gets through."""
        try:
            return self.execute("SELECT 1") == "1"
        except psycopg.OperationalError:
            return False


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Starts a PostgreSQL of its own in a new folder, and ends and removes both afterwards.

    Raises:
        ServerMissing: PostgreSQL's programs are not installed.
        ServerFailed: they are, and it did not start.
    """
    initdb, server = (find_program(name, PACKAGES, *newest_first()) for name in ("initdb", "postgres"))
    with private_folder("gridmask-postgresql-") as folder:
        install(initdb, folder)
        database, process = start(PostgreSQL, partial(launch, server, folder), folder / "log")
        try:
            yield database
        finally:
            end(process, FAST)


def newest_first() -> list[str]:
    """The folders of programs, the newest version's first."""
    versions = (folder for folder in INSTALLED.glob("*/bin") if folder.parent.name.isdecimal())
    return [str(folder) for folder in sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)]


def install(initdb: str, folder: Path) -> None:
    """Makes the system tables; whoever gets as far as to the socket or to loopback is let in."""
    options = [f"--pgdata={folder / 'data'}", "--username=postgres", "--auth=trust", "--no-sync", *LOCALE]
    command = [*unprivileged(FAST), initdb, *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise ServerFailed(f"initdb failed.\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def launch(server: str, folder: Path, port: int) -> Process:
    """Starts ``postgres`` on ``port``; it ends with this process, however that ends."""
    settings = {**OPTIONS, "port": str(port), "unix_socket_directories": str(folder)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [*unprivileged(FAST), server, "-D", str(folder / "data"), *options]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)

"""Private servers for tests: started on a free loopback port from Debian's programs, ended by their process alone."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Process = subprocess.Popen[bytes]

START_WITHIN = 60.0  # seconds; a busy machine takes a few
STOP_WITHIN = 30.0
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30  # bytes; a few hundred small databases are well below
ATTEMPTS = 3  # another process may take the free port before the server does

MARIADB_PACKAGES = "mariadb-server-core mariadb-client-core"

MARIADB_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_bin",
    "--sql-mode=STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION",
    "--default-time-zone=+05:45",  # nobody's: what takes the server's local time for UTC shows at once
    "--lock-wait-timeout=20",  # seconds; a test that leaves a transaction open fails instead of hanging
    "--innodb-flush-log-at-trx-commit=2",  # survives the death of the server, which is all that tests do to it
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--aria-pagecache-buffer-size=8M",
    "--key-buffer-size=1M",
    "--performance-schema=OFF",
)


class ServerMissing(Exception):
    """A program that the server needs is not installed; the text says which, and what to install."""


class ServerFailed(Exception):
    """The server did not start; the text has the end of its log."""


class Server(Protocol):
    """Something that a client can get through to."""

    def answers(self) -> bool:
        """Whether a client gets through."""


S = TypeVar("S", bound=Server)


@dataclass(frozen=True, slots=True)
class MariaDB:
    """A running private MariaDB, whose ``root`` has no password."""

    port: int
    client: str

    @property
    def url(self) -> str:
        """The SQLAlchemy URL without a database: append ``/name?charset=utf8mb4``."""
        return f"mysql+asyncmy://root@127.0.0.1:{self.port}"

    def execute(self, statement: str) -> str:
        """Runs ``statement`` as root and gives what it printed; raises CalledProcessError when it failed."""
        login = [self.client, "--no-defaults", "--host=127.0.0.1", f"--port={self.port}", "--user=root", "--batch"]
        command = [*login, "--skip-column-names", "--connect-timeout=5", f"--execute={statement}"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def answers(self) -> bool:
        """Whether a client gets through."""
        try:
            return self.execute("SELECT 1") == "1"
        except subprocess.CalledProcessError:
            return False


@contextmanager
def mariadb() -> Iterator[MariaDB]:
    """Starts a MariaDB of its own in a new folder, and ends and removes both afterwards.

    Raises:
        ServerMissing: MariaDB's programs are not installed.
        ServerFailed: they are, and it did not start.
    """
    server, install, client = (find_program(name) for name in ("mariadbd", "mariadb-install-db", "mariadb"))
    with private_folder("gridmask-mariadb-") as folder:
        install_mariadb(install, folder)
        database, process = start(lambda port: MariaDB(port, client), lambda port: launch(server, folder, port), folder / "log")
        try:
            yield database
        finally:
            end(process)


def install_mariadb(install: str, folder: Path) -> None:
    """Makes the system tables, and the statements that let root in by loopback without a password."""
    sql = "CREATE OR REPLACE USER root@127.0.0.1;\nGRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\n"
    (folder / "users.sql").write_text(sql)
    options = ["--no-defaults", f"--datadir={folder / 'data'}", *MARIADB_OPTIONS, "--skip-test-db"]
    command = [*unprivileged(), install, *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise ServerFailed(f"mariadb-install-db failed.\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def start(make: Callable[[int], S], launch: Callable[[int], Process], log: Path) -> tuple[S, Process]:
    """Launches a server on a free port and waits until it answers."""
    for _ in range(ATTEMPTS):
        port = free_port()
        server, process = make(port), launch(port)
        if wait_until_it_answers(server, process):
            return server, process
        end(process)
    raise ServerFailed(f"The server did not start, {ATTEMPTS} times. The end of its log:\n{tail(log)}")


def launch(server: str, folder: Path, port: int, *more: str) -> Process:
    """Starts ``mariadbd`` on ``port``, with ``more`` options; it ends with this process, however that ends."""
    places = [f"--datadir={folder / 'data'}", f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"]
    places += [f"--tmpdir={folder}"]  # a server that starts removes what others keep there
    options = [*places, f"--port={port}", *MARIADB_OPTIONS, f"--init-file={folder / 'users.sql'}", *more]
    command = [*unprivileged(), server, "--no-defaults", *options]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)


def wait_until_it_answers(server: Server, process: Process) -> bool:
    """Waits for the first answer; gives False when the process ended, or stayed silent for too long."""
    deadline = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        if server.answers():
            return process.poll() is None
        time.sleep(0.05)
    return False


def end(process: Process, politely: signal.Signals = signal.SIGTERM) -> None:
    """Ends exactly ``process``: politely, then not."""
    process.send_signal(politely)
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def unprivileged(politely: signal.Signals = signal.SIGTERM) -> Sequence[str]:
    """The start of a command that ends with this process and is never root, which databases refuse or should not be."""
    prefix = [find_program("setpriv"), "--pdeathsig", politely.name.removeprefix("SIG")]
    if os.geteuid() == 0:
        user = server_user()
        prefix += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*prefix, "--"]


def server_user() -> pwd.struct_passwd:
    """Whom a server runs as when the tests are run by root."""
    try:
        return pwd.getpwnam("mysql")
    except KeyError:
        return pwd.getpwnam("nobody")


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A new folder with a short path (a socket's has at most 107 bytes) that the server's user owns; in memory, if roomy."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=roomy_memory(), ignore_cleanup_errors=True) as name:
        if os.geteuid() == 0:
            os.chown(name, server_user().pw_uid, server_user().pw_gid)
        yield Path(name)


def roomy_memory() -> Path | None:
    """A folder in memory, where a database need not wait for a disk that others use as well; None where it is short of room."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK) else None
    except OSError:
        return None


def find_program(name: str, packages: str = MARIADB_PACKAGES, *folders: str) -> str:
    """The path of a program of ``packages``, also where a user's PATH lacks its folder: ``sbin``, or one of ``folders``."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", *folders]))
    if found is None:
        raise ServerMissing(f"{name} is missing; on Debian: apt-get install {packages}")
    return found


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def tail(log: Path) -> str:
    """The last lines of ``log``."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])

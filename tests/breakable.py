"""Private servers of one's own that can be stopped, frozen and started again, on a disk that can be filled up."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import postgresql, servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import Process

FAMILIES = ("mariadb", "postgresql")
MEBIBYTE = 2**20


@dataclass
class Breakable:
    """A server of which a test is the only user, and the only one who suffers."""

    family: str
    server: Any
    process: Process
    folder: Path
    launch: Callable[[int], Process] = field(repr=False)

    def make(self, name: str = "gridmask") -> str:
        """The URL of a new, empty database."""
        self.server.execute(f"CREATE DATABASE {name}")
        return f"{self.server.url}/{name}"

    def stop(self) -> None:
        """As if the machine had died: nobody is told anything."""
        for pid in self._pids():
            with suppress(ProcessLookupError):  # it ends as its parent does
                os.kill(pid, signal.SIGKILL)
        self.process.wait(servers.STOP_WITHIN)

    def start(self) -> None:
        """Start it where it was; returns once it answers."""
        deadline = time.monotonic() + servers.START_WITHIN
        while time.monotonic() < deadline:
            self.process = self.launch(self.server.port)
            if servers.wait_until_it_answers(self.server, self.process):
                return
        raise servers.ServerFailed(f"It did not start again. The end of its log:\n{servers.tail(self.folder / 'log')}")

    def freeze(self) -> None:
        """It does nothing any more, and hangs up on nobody."""
        os.kill(self.process.pid, signal.SIGSTOP)  # so that it has no more children meanwhile
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        for pid in reversed(self._pids()):
            os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        """Nothing of it is kept."""
        if self.process.poll() is None:
            self.thaw()
            self.process.send_signal(signal.SIGQUIT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(3)
                return
            self.stop()

    def _pids(self) -> list[int]:
        """The server's, and those of its children, which PostgreSQL has for each connection."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]


@contextmanager
def breakable(family: str, disk: Path | None = None) -> Iterator[Breakable]:
    """A new server of ``family``, with its data in ``disk``; None: in memory or wherever there is room."""
    with servers.private_folder("gridmask-breakable-") if disk is None else _owned(disk) as folder:
        made = _postgresql(folder) if family == "postgresql" else _mariadb(folder)
        try:
            yield made
        finally:
            made.end()


def _mariadb(folder: Path) -> Breakable:
    program, install, client = (servers.find_program(name) for name in ("mariadbd", "mariadb-install-db", "mariadb"))
    servers.install_mariadb(install, folder)
    launch = partial(servers.launch, program, folder)
    server, process = servers.start(lambda port: servers.MariaDB(port, client), launch, folder / "log")
    return Breakable("mariadb", server, process, folder, launch)


def _postgresql(folder: Path) -> Breakable:
    found = (servers.find_program(name, postgresql.PACKAGES, *postgresql.newest_first()) for name in ("initdb", "postgres"))
    initdb, program = found
    postgresql.install(initdb, folder)
    launch = partial(postgresql.launch, program, folder)
    server, process = servers.start(postgresql.PostgreSQL, launch, folder / "log")
    return Breakable("postgresql", server, process, folder, launch)


@contextmanager
def _owned(disk: Path) -> Iterator[Path]:
    if os.geteuid() == 0:
        os.chown(disk, servers.server_user().pw_uid, servers.server_user().pw_gid)
        disk.chmod(0o700)
    yield disk


class NoDisk(Exception):
    """A small disk cannot be had here; the text says why."""


@dataclass(frozen=True)
class Disk:
    """A small disk that can be filled up to the last byte."""

    folder: Path

    @property
    def ballast(self) -> Path:
        """What it is filled with."""
        return self.folder / "ballast"

    def fill(self, *, but: int = 0) -> None:
        """Leave no room, ``but`` so many bytes."""
        with self.ballast.open("ab") as file:
            free = shutil.disk_usage(self.folder).free - but
            try:
                os.posix_fallocate(file.fileno(), file.tell(), max(free, 4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def clear(self) -> None:
        """Make room again."""
        self.ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Disk]:
    """A disk of its own in memory.

    Raises:
        NoDisk: this user cannot mount one.
    """
    with tempfile.TemporaryDirectory(prefix="gridmask-disk-", ignore_cleanup_errors=True) as name:
        options = ["-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", name]
        done = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoDisk(f"a small disk cannot be mounted here: {done.stderr.strip() or 'mount failed'}")
        try:
            Path(name).chmod(0o755)
            yield Disk(Path(name))
        finally:
            subprocess.run(["umount", "--lazy", name], capture_output=True, check=False)

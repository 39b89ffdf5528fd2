"""Several processes that serve one address, and the one that watches over them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gridmask.api import crew
from gridmask.api.crew import Crew, CrewFailed
from gridmask.domain.errors import InvalidConfiguration
from gridmask.engine import Engine
from gridmask.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVING = """
import os, socket, sys
life, *rest = (socket.socket(fileno=int(number)) for number in sys.argv[-1].split(","))
print(sys.argv[1], os.getpid(), len(rest), file=open(sys.argv[1] + ".log", "a"))
if rest:
    rest[0].listen()
life.send(b"ready\\n")
if rest:
    while True:
        taken, _ = rest[0].accept()
        taken.send(str(os.getpid()).encode())
        taken.close()
life.recv(1)
"""


def settings(folder: Path, **more: object) -> Settings:
    return Settings.model_validate({"database": f"sqlite:///{folder / 'gridmask.db'}", **more})


class Served:
    """A crew of small programs, in a folder of its own, until it is told to end."""

    def __init__(self, folder: Path, script: str = SERVING, **more: object) -> None:
        self.folder = folder
        self.script = script
        self.crew = Crew(settings(folder, **more), 2, self.command)
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self.crew.serve(host="127.0.0.1", port=0, announce=self.address.set_result))

    def command(self, task: Sequence[str]) -> list[str]:
        return [sys.executable, "-S", "-c", f"import os; os.chdir({str(self.folder)!r})\n{self.script}", *task]

    def ask(self) -> int:
        """The process that answers."""
        port = int(self.address.result().rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asked:
            return int(asked.recv(100))

    def started(self, verb: str) -> list[list[str]]:
        return [line.split() for line in (self.folder / f"{verb}.log").read_text().splitlines()]

    async def end(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await self.task


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "FIRST_PAUSE", 0.05)


async def test_all_of_them_serve_and_one_more_works_and_all_end_together(tmp_path: Path) -> None:
    served = Served(tmp_path)
    await served.address
    pids = {int(pid) for _, pid, _ in served.started("serve")}
    assert (len(pids), served.ask() in pids) == (2, True)
    assert [given for _, _, given in served.started("worker")] == ["0"]
    await served.end()
    assert not [pid for pid in pids if is_alive(pid)]


async def test_one_that_ends_is_started_anew(tmp_path: Path) -> None:
    served = Served(tmp_path, engine=Engine(kind="leases"))
    await served.address
    os.kill(killed := served.ask(), signal.SIGKILL)
    while len(served.started("serve")) < 3:  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.02)
    assert await asyncio.to_thread(served.ask) != killed
    await served.end()
    assert not (tmp_path / "worker.log").exists()


async def test_where_one_does_not_start_nothing_goes_on(tmp_path: Path) -> None:
    served = Served(tmp_path, script="import sys; sys.exit(3)")
    with pytest.raises(CrewFailed, match="did not start, and ended with 3"):
        await served.task


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"database": "ephemeral"}, "each of several processes would have one of its own"),
        (
            {
                "access": {"url": "https://gridmask.example.org"},
                "issuer": [{"name": "iam", "url": "https://iam.example.org", "audience": ["x"], "client_id": "x"}],
            },
            "need the same key for sessions",
        ),
    ],
)
def test_what_several_processes_cannot_share_is_refused(tmp_path: Path, more: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidConfiguration, match=problem):
        crew.check(settings(tmp_path, **more))


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        return True
    return False

"""Takes the database away from a running server in every way there is, and looks at who noticed, and what was lost.

Stopped for a minute, frozen, its connections exhausted, its disk full: under writers, readers and a follower of the stream.

::

    ./dev acceptance outage [--backend mariadb] [--seconds 60] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import asyncmy
import httpx2
import psycopg
from sqlalchemy import select

from gridmask.store.check import check
from gridmask.store.database import Database
from gridmask.store.tables import audit
from tests import osg
from tests.breakable import FAMILIES, Breakable, Disk, NoDisk, breakable, small_disk
from tests.grid import Grid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

ELEMENTS = 20
ROOM = {"sqlite": 64, "postgresql": 300, "mariadb": 400}
"""Mebibytes of the disk that is filled."""

SLOW = 1.0
"""Seconds after which an answer with a mask counts as late."""

BACK_WITHIN = 10.0
"""Seconds within which a change is possible again once the database is."""


@dataclass
class Phase:
    """What was seen from outside in one part of the campaign."""

    name: str
    acknowledged: int = 0
    refused: int = 0
    masks: int = 0
    failed: int = 0
    slowest: float = 0.0
    oldest: int = 0
    slowest_write: float = 0.0
    back: float | None = None
    refusals: dict[str, int] = field(default_factory=dict)


@dataclass
class Trial:
    """A server under load, and what was said to whom."""

    client: httpx2.AsyncClient
    random: Random
    phase: Phase = field(default_factory=lambda: Phase("before"))
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    told: int = -1
    number: int = 0

    async def write(self) -> None:
        """Change something, for ever; what is acknowledged is noted."""
        while True:
            self.number += 1
            mark = f"mark {self.number}"
            row = {"name": f"CE{self.random.randrange(ELEMENTS)}"}
            status = self.random.choice(("Active", "Degraded", "Probing", "Banned"))
            began, phase = time.monotonic(), self.phase
            answer = await self.client.post("/api/v1/statuses", json={"rows": [row], "status": status, "reason": mark})
            phase.slowest_write = max(phase.slowest_write, time.monotonic() - began)
            self._note(mark, answer, phase)
            await asyncio.sleep(self.random.uniform(0, 0.1))

    def _note(self, mark: str, answer: httpx2.Response, phase: Phase) -> None:
        if answer.status_code == 200:
            phase.acknowledged += 1
            if (revision := answer.json()["revision"]) is not None:
                self.acknowledged[mark] = revision
            return
        phase.refused += 1
        detail = answer.json().get("detail", "")
        (self.doubtful if "may be there or not" in detail else self.refused).add(mark)
        kind = detail.partition(":")[0][:70]
        phase.refusals[kind] = phase.refusals.get(kind, 0) + 1
        if answer.status_code != 503 or "Retry-After" not in answer.headers or "Traceback" in answer.text:
            self.problems.append(f"{phase.name}: {answer.status_code} {answer.text[:200]}")

    async def read(self) -> None:
        """Ask for masks, for ever."""
        while True:
            began, phase = time.monotonic(), self.phase
            try:
                answer = await self.client.get(f"/api/v1/masks/{self.random.choice(('all', 'cms', 'atlas'))}")
            except httpx2.HTTPError as error:
                self.problems.append(f"{phase.name}: no mask: {error!r}")
                phase.failed += 1
                continue
            phase.masks += 1
            phase.failed += answer.status_code != 200
            phase.slowest = max(phase.slowest, time.monotonic() - began)
            phase.oldest = max(phase.oldest, int(answer.headers.get("Age", 0)))
            await asyncio.sleep(0.02)

    async def follow(self) -> None:
        """Follow the stream, for ever."""
        while True:
            with suppress(httpx2.HTTPError):
                async with self.client.stream("GET", "/api/v1/masks/all/stream", timeout=None) as response:
                    async for line in response.aiter_lines():
                        if line.startswith("id: "):
                            self.told = int(line[4:].partition("-")[0])

    async def begin(self, name: str) -> None:
        """What follows is another part."""
        self.phase = Phase(name)
        self.phases.append(self.phase)
        say(f"  {name}")

    async def recover(self, name: str) -> None:
        """The database is back: until when is it noticed?"""
        out, began = self.phase, time.monotonic()
        await self.begin(name)
        while not self.phase.acknowledged and time.monotonic() - began < 60:  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.05)
        out.back = time.monotonic() - began
        if out.back > BACK_WITHIN:
            self.problems.append(f"{out.name}: back after {out.back:.1f} s only")
        await asyncio.sleep(3)


@dataclass
class Ways:
    """The ways in which a database goes away, each until it is back."""

    url: str
    seconds: float
    server: Breakable | None
    disk: Disk | None

    def all(self) -> Iterable[tuple[str, Callable[[], Awaitable[None]]]]:
        """By name."""
        if self.server is not None:
            yield "stopped", self._stopped
            yield "frozen", self._frozen
            yield "crowded", self._crowded
        if self.disk is not None:
            yield "disk full", self._full

    async def _stopped(self) -> None:
        assert self.server is not None
        self.server.stop()
        await asyncio.sleep(self.seconds)
        await asyncio.to_thread(self.server.start)

    async def _frozen(self) -> None:
        assert self.server is not None
        self.server.freeze()
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.server.thaw()

    async def _full(self) -> None:
        assert self.disk is not None
        await asyncio.to_thread(self._fill)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.disk.clear()

    def _fill(self) -> None:
        assert self.disk is not None
        if self.server is None:  # SQLite would use the room again that its log has already
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.disk.fill()

    async def _crowded(self) -> None:
        """Others take all connections, those of the server as well."""
        async with AsyncExitStack() as taken:
            for _ in range(3):
                await self._take_all(taken)
                await self._end_others()
            await self._take_all(taken)
            await asyncio.sleep(self.seconds)

    async def _take_all(self, taken: AsyncExitStack) -> None:
        with suppress(asyncmy.errors.Error, psycopg.Error):
            while True:
                made = await self._connection()
                taken.push_async_callback(made.ensure_closed if hasattr(made, "ensure_closed") else made.close)
                self._mine = made

    async def _connection(self) -> Any:  # noqa: ANN401 - either driver's
        assert self.server is not None
        port = self.server.server.port
        if self.server.family == "mariadb":
            return await asyncmy.connect(host="127.0.0.1", port=port, user="root")
        place = f"host=127.0.0.1 port={port} user=postgres dbname=gridmask application_name=others connect_timeout=5"
        return await psycopg.AsyncConnection.connect(place, autocommit=True)

    async def _end_others(self) -> None:
        assert self.server is not None
        if self.server.family == "postgresql":
            ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'gridmask'"
            await self._mine.execute(ours)
            return
        async with self._mine.cursor() as cursor:
            await cursor.execute("SELECT id FROM information_schema.processlist WHERE db = 'gridmask'")
            for (session,) in await cursor.fetchall():
                with suppress(asyncmy.errors.Error):  # it may have left
                    await cursor.execute(f"KILL {session}")


def say(text: str) -> None:
    """Print progress."""
    print(text, flush=True)


@asynccontextmanager
async def serving(grid: Grid, folder: Path) -> AsyncIterator[str]:
    """The address of ``gridmask serve``, a process of its own."""
    config = folder / "gridmask.toml"
    sources = "".join(
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nurl = "{path.as_uri()}"\nevery = "5s"\n'
        for name, kind, path in (("osg", "osg-topology", grid.inventory), ("feed", "osg-downtimes", grid.feed))
    )
    config.write_text(f'database = "{grid.database}"\n{sources}[vo.cms]\n[vo.atlas]\n')
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "gridmask", "serve", "--config", str(config), "--port", "0"]
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        yield await announced(folder / "log", process)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def announced(log: Path, process: asyncio.subprocess.Process) -> str:
    """Where the server says that it is."""
    for _ in range(600):
        text = await asyncio.to_thread(log.read_text, errors="replace")
        if "Gridmask serves at " in text:
            return text.partition("Gridmask serves at ")[2].partition("/;")[0]
        if process.returncode is not None:
            raise RuntimeError(f"The server did not start:\n{text[-2000:]}")
        await asyncio.sleep(0.1)
    raise RuntimeError("The server did not start in time.")


async def campaign(backend: str, seconds: float, seed: int) -> list[str]:
    """All ways on one kind of database. Gives what went wrong."""
    say(f"{backend}:")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-outage-")))
        try:
            disk = stack.enter_context(small_disk(ROOM[backend]))
        except NoDisk as reason:
            say(f"  without a full disk: {reason}")
            disk = None
        place = disk.folder if disk else None
        server = stack.enter_context(nullcontext() if backend == "sqlite" else breakable(backend, place))
        url = server.make() if server else f"sqlite:///{place or folder}/gridmask.db"
        async with Database(url) as database:
            await database.upgrade()
        grid = Grid(folder, url)
        grid.publish(osg.group("SITE", *(osg.resource(f"CE{number}", "CE") for number in range(ELEMENTS))))
        grid.announce()
        async with serving(grid, folder) as address, httpx2.AsyncClient(base_url=address, timeout=90) as client:
            trial = Trial(client, Random(seed))
            await under_load(trial, Ways(url, seconds, server, disk))
            await compare(trial, url)
        report(trial, folder / "log")
        return [f"{backend}: {problem}" for problem in trial.problems]


async def under_load(trial: Trial, ways: Ways) -> None:
    """Each way in turn, while others write, read and follow."""
    for _ in range(300):
        if len((await trial.client.get("/api/v1/masks/cms")).json()["elements"]) >= ELEMENTS:
            break
        await asyncio.sleep(0.2)
    writers = [asyncio.create_task(trial.write()) for _ in range(2)]
    others = [asyncio.create_task(work()) for work in (trial.read, trial.read, trial.follow)]
    try:
        await trial.begin("before")
        await asyncio.sleep(3)
        for name, way in ways.all():
            await trial.begin(name)
            await way()
            await trial.recover(f"after {name}")
    finally:
        await ended(trial, writers)
        await asyncio.sleep(2)  # until the last of it is told
        await ended(trial, others)


async def ended(trial: Trial, tasks: list[asyncio.Task[None]]) -> None:
    """End ``tasks``; one that has ended by itself is a problem."""
    trial.problems += [f"fell: {task.exception()!r}" for task in tasks if task.done() and not task.cancelled()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def compare(trial: Trial, url: str) -> None:
    """What was acknowledged is there, what was refused is not, and nothing is half done."""
    async with Database(url) as database:
        trial.problems += [f"{finding.check}: {finding.text}" for finding in await check(database)]
        async with database.reading() as connection:
            kept = {row.comment: row.revision for row in await connection.execute(select(audit.c.comment, audit.c.revision))}
            last = max(revision or 0 for revision in kept.values())
    lost = [mark for mark, revision in trial.acknowledged.items() if kept.get(mark) != revision]
    there = sorted(trial.refused & kept.keys())
    trial.problems += [f"acknowledged and lost: {lost[:5]}"] if lost else []
    trial.problems += [f"refused and there all the same: {there[:5]}"] if there else []
    served = (await trial.client.get("/api/v1/masks/all")).headers["Gridmask-Revision"]
    if int(served) > last or trial.told < max(trial.acknowledged.values()):
        trial.problems.append(f"the database is at {last}, the mask at {served}, the stream at {trial.told}")
    for phase in trial.phases:
        if phase.failed or phase.slowest > SLOW + 2:
            trial.problems.append(f"{phase.name}: {phase.failed} masks not served, the slowest after {phase.slowest:.2f} s")


def report(trial: Trial, log: Path) -> None:
    """Print what was seen."""
    say("  part              written  refused  slowest    masks  failed  slowest  oldest  back after")
    for phase in trial.phases:
        back = f"{phase.back:8.1f} s" if phase.back is not None else ""
        figures = f"{phase.acknowledged:9,}{phase.refused:9,}{phase.slowest_write:7.1f} s{phase.masks:9,}{phase.failed:8,}"
        say(f"  {phase.name:<16}{figures}{phase.slowest:7.2f} s{phase.oldest:6} s  {back}")
        for kind, count in sorted(phase.refusals.items()):
            say(f"      {count:,} times: {kind}")
    said = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("{")]
    told = [entry for entry in map(json.loads, said) if entry["level"] in {"warning", "error"}]
    waits = sum(entry["event"] == "the loop waits for the database" for entry in told)
    say(f"  the loop told of trouble {waits} times; faults: {sum(entry['level'] == 'error' for entry in told)}")
    trial.problems += [f"a fault: {entry['event']}" for entry in told if entry["level"] == "error"][:5]
    doubts = len(trial.doubtful)
    say(f"  {len(trial.acknowledged):,} changes acknowledged, {len(trial.refused):,} refused, {doubts:,} in doubt")


def main(arguments: list[str]) -> int:
    """Run the campaign; 1 if anything was lost, half done, or not served."""
    backends = ("sqlite", *FAMILIES)
    parser = argparse.ArgumentParser(prog="./dev acceptance outage", description=__doc__)
    parser.add_argument("--backend", action="append", choices=backends, help="only this one; repeatable")
    parser.add_argument("--seconds", type=float, default=60, help="how long each outage lasts")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    problems = [
        problem
        for backend in given.backend or backends
        for problem in asyncio.run(campaign(backend, given.seconds, given.seed))
    ]
    for problem in problems:
        say(f"PROBLEM {problem}")
    say(
        f"seed {given.seed}: {len(problems)} problems"
        if problems
        else f"seed {given.seed}: nothing lost, masks served all along"
    )
    return bool(problems)

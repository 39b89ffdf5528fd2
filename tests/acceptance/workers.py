"""Kills, freezes and stops workers that share sources, and their broker, and checks that work goes on and none is done twice.

::

    ./dev acceptance workers [--engine leases|redis|rabbitmq ...] [--database mariadb|postgresql] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from urllib.request import urlopen

from sqlalchemy import select

from gridmask.store.check import check
from gridmask.store.database import Database
from gridmask.store.engines import READER_SILENT
from gridmask.store.tables import sources, work
from tests import heavy_services, osg, services
from tests.acceptance._feeds_of_hosts import EVERY, SLOW, Feed, feeds
from tests.breakable import breakable
from tests.servers import ServerMissing, end, find_program, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINES = ("leases", "redis", "rabbitmq")
WORKERS = 3
FEEDS = 6
TERM = 30.0
SLACK = 8.0
"""Seconds that a busy machine may add."""


@dataclass
class Crew:
    """The workers of an installation."""

    config: Path
    folder: Path
    count: int = 0
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    logs: dict[int, Path] = field(default_factory=dict)

    def start(self) -> int:
        """One more; its process id."""
        self.count += 1
        log = self.folder / f"worker-{self.count}.log"
        command = [find_program("setpriv"), "--pdeathsig", "KILL", "--", sys.executable, "-m", "gridmask", "worker"]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--config", str(self.config)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        self.processes[process.pid], self.logs[process.pid] = process, log
        return process.pid

    def wait(self) -> None:
        """Wait until all of them work."""
        deadline = time.monotonic() + 90
        while not all("Gridmask works at" in self.log(pid) for pid in self.processes):
            if time.monotonic() > deadline or any(process.poll() is not None for process in self.processes.values()):
                raise RuntimeError("A worker did not start:\n" + "\n".join(self.log(pid)[-1500:] for pid in self.processes))
            time.sleep(0.2)

    def log(self, pid: int) -> str:
        """What it said."""
        return self.logs[pid].read_text(errors="replace")

    def kill(self, pid: int) -> None:
        """As if its machine had died."""
        process = self.processes.pop(pid)
        process.kill()
        process.wait()

    def stop(self) -> list[int | None]:
        """End all of them in good order; their exit codes."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
        codes = [process.returncode for process in self.processes.values()]
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.processes.clear()
        return codes


@dataclass
class Watch:
    """Looks at the database all the time: what is known of a source must never be older than it was."""

    database: Database
    feeds: list[Feed]
    seen: dict[str, int] = field(default_factory=dict)
    back: list[str] = field(default_factory=list)
    holders: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """For ever."""
        while True:
            with suppress(Exception):
                await self.look()
            await asyncio.sleep(0.1)

    async def look(self) -> None:
        """Once."""
        async with self.database.reading() as connection:
            noted = {row.name: row.sha256 for row in await connection.execute(select(sources.c.name, sources.c.sha256))}
            self.holders |= set(await connection.scalars(select(work.c.holder).where(work.c.holder != "")))
        for feed in self.feeds:
            version = feed.versions.get(noted.get(feed.name) or "", 0)
            if version < self.seen.get(feed.name, 0):
                self.back.append(f"{feed.name} went back from {self.seen[feed.name]} to {version}")
            self.seen[feed.name] = version

    async def holder(self, key: str) -> int:
        """The process id of who reads a source."""
        while True:
            async with self.database.reading() as connection:
                found = await connection.scalar(select(work.c.holder).where(work.c.kind == "read", work.c.key == key))
            if found:
                return int(found.split()[-2])
            await asyncio.sleep(0.02)


@dataclass
class Trial:
    """One engine, and what is done to it."""

    crew: Crew
    watch: Watch
    feeds: list[Feed]
    freeze_broker: Callable[[int], None] | None = None
    problems: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Each in turn."""
        while not all(len(feed.asked) > 1 for feed in self.feeds):  # noqa: ASYNC110 - they are other processes
            await asyncio.sleep(0.2)
        await self.calm()
        await self.served()
        await self.killed()
        await self.frozen()
        if self.freeze_broker:
            await self.without_broker(self.freeze_broker)
        await self.stopped()

    async def calm(self) -> None:
        since = time.monotonic()
        await asyncio.sleep(15)
        self.expect_gaps("calm", since, EVERY * 1.1 + SLOW + 3)

    async def served(self) -> None:
        """Two processes serve one address; one is killed, and nobody who asks notices."""
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "gridmask",
            "serve",
            "--workers",
            "2",
            "--port",
            str(port),
            "--config",
            str(self.crew.config),
        ]
        log = self.crew.folder / "served.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(*command, stderr=out)
        while b"serve Gridmask at" not in log.read_bytes():  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.2)
        address = f"http://127.0.0.1:{port}/readyz"
        children = children_of(process.pid)
        os.kill(int(children[0]), signal.SIGKILL)
        failed = await asyncio.to_thread(asked, address, 40)
        anew = children_of(process.pid)
        process.terminate()
        code = await asyncio.wait_for(process.wait(), 30)
        say(f"  served: {children} became {anew}; {failed} of 40 questions failed; ended with {code}")
        if failed > 1 or code or len(anew) != 2:
            self.problems.append(f"served: {failed} of 40 questions failed, {anew} were there, ended with {code}")

    async def killed(self) -> None:
        pid = await self.watch.holder("feed0")
        since = time.monotonic()
        self.crew.kill(pid)
        self.crew.start()
        await asyncio.sleep(TERM + SLACK)
        self.expect_gaps("killed", since, TERM + SLACK)

    async def frozen(self) -> None:
        while True:  # in the middle of it
            pid, begun = await self.watch.holder("feed0"), self.feeds[0].busy
            if begun and pid in self.crew.processes:
                break
            await asyncio.sleep(0.02)
        os.kill(pid, signal.SIGSTOP)
        since, overlaps = time.monotonic(), self.feeds[0].overlaps
        await asyncio.sleep(TERM + SLACK)
        if max(feed.longest_gap(since) for feed in self.feeds) > TERM + SLACK - 1:
            say("  frozen in the middle of a change: all wait until the database gives it up")
            await asyncio.sleep(READER_SILENT)
            self.expect_gaps("frozen", since, READER_SILENT + TERM + SLACK)
        else:
            self.expect_gaps("frozen", since, TERM + SLACK)
        os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(10)
        said = self.crew.log(pid)
        if "in vain" not in said and "another process's" not in said:
            self.problems.append("frozen: it did not notice that its work is another's")
        say(f"  frozen: it noticed {said.count('in vain') + said.count('another process')} times; overlaps {overlaps}")

    async def without_broker(self, act: Callable[[int], None]) -> None:
        for number in (signal.SIGSTOP, signal.SIGKILL):
            act(number)
            since = time.monotonic()
            await asyncio.sleep(20)
            self.expect_gaps(f"broker {signal.Signals(number).name}", since, EVERY * 1.1 + SLOW + 5 + 3)
            if number == signal.SIGSTOP:
                act(signal.SIGCONT)
                await asyncio.sleep(3)

    async def stopped(self) -> None:
        began = time.monotonic()
        codes = await asyncio.to_thread(self.crew.stop)
        say(f"  stopped within {time.monotonic() - began:.1f} s: {codes}")
        if len(self.watch.holders) <= WORKERS:
            self.problems.append(f"only {len(self.watch.holders)} workers did anything")
        if any(codes):
            self.problems.append(f"stopped: exit codes {codes}")
        async with self.watch.database.reading() as connection:
            held = list(await connection.scalars(select(work.c.key).where(work.c.holder != "")))
        if held:
            self.problems.append(f"stopped: {held} are held still")
        self.problems += [f"{finding.check}: {finding.text}" for finding in await check(self.watch.database)]
        self.problems += self.watch.back
        for feed in self.feeds:
            if feed.overlaps:
                self.problems.append(f"{feed.name} was read by two at once, {feed.overlaps} times")

    def expect_gaps(self, part: str, since: float, most: float) -> None:
        """Nobody was left alone for longer."""
        gaps = {feed.name: feed.longest_gap(since) for feed in self.feeds}
        worst = max(gaps, key=lambda name: gaps[name])
        asked = sum(began > since for feed in self.feeds for began, _ in feed.asked)
        say(f"  {part}: {asked} reads; {worst} waited longest, {gaps[worst]:.1f} s of at most {most:.1f}")
        if gaps[worst] > most:
            self.problems.append(f"{part}: {worst} was not read for {gaps[worst]:.1f} s")


def children_of(pid: int) -> list[str]:
    """The process ids of what it has started."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def asked(address: str, times: int) -> int:
    """How many of so many questions were not answered."""
    failed = 0
    for _ in range(times):
        try:
            urlopen(address, timeout=10).close()
        except OSError:
            failed += 1
        time.sleep(0.25)
    return failed


def say(text: str) -> None:
    """Print progress."""
    print(text, flush=True)


def settings(url: str, made: list[Feed], folder: Path, engine: str) -> Path:
    """The settings file of all workers."""
    (folder / "inventory.xml").write_bytes(
        osg.summary(osg.group("SITE", *(osg.resource(f"CE{n}", "CE") for n in range(FEEDS))))
    )
    read = [("inventory", "osg-topology", (folder / "inventory.xml").as_uri(), 10.0)]
    read += [(feed.name, "osg-downtimes", f"http://{feed.host}:{feed.port}/", EVERY) for feed in made]
    tables = "".join(
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nurl = "{at}"\nevery = "{every}s"\nmax_takeout = 1.0\nmax_change = 1.0\n'
        for name, kind, at, every in read
    )
    file = folder / "gridmask.toml"
    file.write_text(f'database = "{url}"\n{tables}[engine]\n{engine}\n')
    return file


def broker(engine: str, stack: ExitStack) -> tuple[str, Callable[[int], None] | None]:
    """What the settings say of it, and how it is sent a signal."""
    if engine == "leases":
        return 'kind = "leases"', None
    running: Any = stack.enter_context(services.redis() if engine == "redis" else heavy_services.rabbitmq())
    word = quote(services.PASSWORD)
    url = (
        f"redis://:{word}@127.0.0.1:{running.port}/0"
        if engine == "redis"
        else f"amqp://probe:{word}@127.0.0.1:{running.ports['amqp']}//"
    )

    def act(number: int) -> None:
        if engine == "redis":
            running.process.send_signal(number)
        else:
            os.killpg(running.processes[-1].pid, number)

    return f'kind = "celery"\nbroker = "{url}"', act


async def campaign(engine: str, family: str, folder: Path) -> list[str]:
    """Everything, with one engine. Gives what went wrong."""
    say(f"{engine} on {family}:")
    with ExitStack() as stack:
        made = stack.enter_context(feeds(FEEDS))
        server = stack.enter_context(breakable(family, None))
        said, act = broker(engine, stack)
        url = server.make()
        async with Database(url) as database:
            await database.upgrade()
            crew = Crew(settings(url, made, folder, said), folder)
            watch = Watch(database, made)
            looking = asyncio.create_task(watch.run())
            try:
                for _ in range(WORKERS):
                    crew.start()
                await asyncio.to_thread(crew.wait)
                trial = Trial(crew, watch, made, act)
                await trial.run()
            finally:
                looking.cancel()
                for process in crew.processes.values():
                    with suppress(ProcessLookupError):
                        process.send_signal(signal.SIGCONT)
                    end(process)
        return [f"{engine}: {problem}" for problem in trial.problems]


def main(arguments: list[str]) -> int:
    """Run the campaign; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="./dev acceptance workers", description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--database", choices=("mariadb", "postgresql"), default="mariadb")
    parser.add_argument("--keep", type=Path, help="a folder for settings and logs")
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        kept = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-workers-")))
        for engine in asked.engine:
            (kept / engine).mkdir(parents=True, exist_ok=True)
        try:
            problems = [
                problem for engine in asked.engine for problem in asyncio.run(campaign(engine, asked.database, kept / engine))
            ]
        except ServerMissing as missing:
            print(missing, file=sys.stderr)
            return 2
    for problem in problems:
        say(f"PROBLEM {problem}")
    say(f"{len(problems)} problems")
    return bool(problems)

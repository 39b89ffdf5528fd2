"""Kills a server again and again under thousands of followers of its streams, while another process makes changes.

Afterwards every follower must have exactly the mask, made of events of which none was lost or told twice.

::

    ./dev acceptance streams [--backend sqlite|mariadb|postgresql] [--followers 2000] [--seconds 60] [--every 10] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import structlog

from gridmask.bootstrap import visit
from gridmask.domain.actor import Actor
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from tests.acceptance import kill
from tests.acceptance._arena import arena
from tests.acceptance._followers import SHOWN, digest
from tests.acceptance._served import Served, mask
from tests.servers import ServerFailed, ServerMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

VO = "cms"
PROCESSES = 2
BETWEEN = 0.2
"""Seconds between two changes."""

SETTLES_WITHIN = 60.0
ADMIN = Actor.administrator("campaign")


@dataclass
class Figures:
    """What was done, and what came of it."""

    changes: int = 0
    kills: int = 0
    settled: float = -1.0
    told: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count:,} {name}" for name, count in sorted(self.told.items()))
        return (
            f"{self.changes:,} changes, {self.kills} kills; all had the mask {self.settled:.1f} s after the last change\n"
            f"  streams and events: {told}"
        )


@contextmanager
def followers(port: int, number: int, seed: int) -> Iterator[list[subprocess.Popen[str]]]:
    """So many, in some processes."""
    with ExitStack() as stack:
        yield [stack.enter_context(_process(port, number // PROCESSES, seed + offset)) for offset in range(PROCESSES)]


@contextmanager
def _process(port: int, number: int, seed: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.acceptance._followers", str(port), VO, str(number), str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def asked(crowds: list[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """How all fare."""
    for crowd in crowds:
        assert crowd.stdin is not None
        crowd.stdin.write("\n")
        crowd.stdin.flush()
    return [json.loads(crowd.stdout.readline()) for crowd in crowds if crowd.stdout is not None]


async def written(url: str, served: Served, figures: Figures, asked_for: argparse.Namespace) -> None:
    """Make changes for so long, and kill the server meanwhile."""
    random = Random(asked_for.seed)
    settings = Settings(database=url)
    end, kill_at = time.monotonic() + asked_for.seconds, time.monotonic() + asked_for.every
    async with visit(settings) as made:
        rows = [RowName(ElementName(e.key.name, e.key.type)) for e in await _elements(made)]
        while time.monotonic() < end:
            some = random.sample(rows, random.choice((1, 1, 1, len(rows) // 2)))
            status = random.choice((Status.BANNED, Status.DEGRADED, Status.ACTIVE))
            await made.statuses.set(ADMIN, some, status, "campaign")
            figures.changes += 1
            if time.monotonic() >= kill_at:
                served.kill()
                served.start()
                figures.kills += 1
                kill_at += asked_for.every
            await asyncio.sleep(BETWEEN)


async def _elements(made: Any) -> list[Any]:  # noqa: ANN401 - an installation
    await made.board.refresh()
    return [one.element for one in made.board.holdings.values() if one.element.in_service and one.element.is_offered_to(VO)]


def settled(address: str, crowds: list[subprocess.Popen[str]], number: int, figures: Figures) -> None:
    """Wait until all have the mask, and take down who has not."""
    began = time.monotonic()
    while True:
        there = mask(address, VO)
        wanted, reports = f"{there['revision']} {digest(there['elements'])}", asked(crowds)
        places = sum((Counter(report["places"]) for report in reports), Counter[str]())
        if places[wanted] == number or time.monotonic() > began + SETTLES_WITHIN:
            break
        time.sleep(0.2)
    figures.settled = time.monotonic() - began
    figures.told = sum((Counter(report["told"]) for report in reports), Counter[str]())
    figures.problems = [problem for report in reports for problem in report["problems"]]
    others = {place: count for place, count in places.items() if place != wanted}
    if others:
        figures.problems.append(f"the mask is {wanted}; {sum(others.values()):,} have another: {list(others.items())[:5]}")


def campaign(asked_for: argparse.Namespace) -> Figures:
    """Everything."""
    figures = Figures()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-streams-")))
        place = stack.enter_context(arena(asked_for.backend, folder))
        asyncio.run(kill.prepare(place.urls[0], folder))
        served = Served(place.urls[0], folder)
        served.start()
        stack.callback(served.kill)
        served.wait()
        number = asked_for.followers // PROCESSES * PROCESSES
        crowds = stack.enter_context(followers(served.port, number, asked_for.seed))
        asyncio.run(written(place.urls[0], served, figures, asked_for))
        served.wait()
        settled(served.address, crowds, number, figures)
    return figures


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="./dev acceptance streams", description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", choices=kill.BACKENDS, default="mariadb", help="on which database")
    parser.add_argument("--followers", type=int, default=2000, help="so many")
    parser.add_argument("--seconds", type=float, default=60, help="so long changes are made")
    parser.add_argument("--every", type=float, default=10, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1, help="which changes, and who leaves")
    asked_for = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    try:
        figures = campaign(asked_for)
    except (ServerMissing, ServerFailed) as missing:
        print(missing, file=sys.stderr)
        return 2
    print(f"{asked_for.backend}: {asked_for.followers:,} followers, {asked_for.seconds:.0f} s; {figures}")
    print("\n".join([f"  problems: {len(figures.problems)}", *(f"    {problem}" for problem in figures.problems[:SHOWN])]))
    return bool(figures.problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

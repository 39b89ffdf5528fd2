"""Writes to three nodes of a Galera cluster at once, kills one after the other under load, and checks what each node has.

::

    ./dev acceptance galera [--kills 20] [--seed 1] [--seconds N] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func, insert, select

from gridmask.clock import system_clock
from gridmask.domain.errors import StoreBusy
from gridmask.store.database import Database
from gridmask.store.tables import audit
from tests.acceptance import kill
from tests.servers import ServerMissing

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.acceptance._arena import Arena

OVERLAPS, READINGS = 10, 50

KINDS = {"any moment": 15, "statement": 15, "commit": 10, "told": 5, "serve": 5, "server": 50}


def nodes_alone(place: Arena) -> list[str]:
    """What two nodes do not do for each other, when nobody else writes."""
    return asyncio.run(_overlapping(place.urls)) + asyncio.run(_following(place.urls))


async def _overlapping(urls: list[str]) -> list[str]:
    """Of two transactions on two nodes that overlap, and make no revision, one has to notice the other."""
    problems = []
    async with Database(urls[0]) as here, Database(urls[1]) as there:
        for turn in range(OVERLAPS):
            both = asyncio.Barrier(2)
            done = await asyncio.gather(_sign(here, turn, both), _sign(there, turn, both), return_exceptions=True)
            if [type(one) for one in done if one is not None] != [StoreBusy]:
                problems.append(f"two nodes, transactions that overlap: {done}")
    return problems


async def _sign(database: Database, turn: int, both: asyncio.Barrier) -> None:
    async with database.writing() as (connection, _):
        signed = {"actor": "nobody", "actor_kind": "person", "action": "overlapped", "comment": str(turn)}
        await connection.execute(insert(audit).values(at=system_clock(), **signed))
        await both.wait()


async def _following(urls: list[str]) -> list[str]:
    """What one node has acknowledged, a reader on another sees."""
    problems = []
    question = select(func.count()).select_from(audit)
    async with Database(urls[0]) as here, Database(urls[2]) as there:
        for turn in range(READINGS):
            await _follow(here, turn)
            async with here.reading() as mine, there.reading() as other:
                if await mine.scalar(question) != await other.scalar(question):
                    problems.append(f"another node did not show what was acknowledged, in turn {turn}")
    return problems


async def _follow(database: Database, turn: int) -> None:
    signed = {"actor": "nobody", "actor_kind": "person", "action": "followed", "comment": str(turn)}

    async def sign(connection: AsyncConnection, _: int) -> None:
        await connection.execute(insert(audit).values(at=system_clock(), **signed))

    await database.change(sign)


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="./dev acceptance galera", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20, help="so many, of writers and of nodes")
    parser.add_argument("--seed", type=int, default=1, help="the same one kills at the same points")
    parser.add_argument("--seconds", type=float, help="end after so long, whatever was done by then")
    parser.add_argument("--keep", type=Path, help="a folder for what writers were told")
    asked = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with ExitStack() as stack:
        kept = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-galera-")))
        kept.mkdir(parents=True, exist_ok=True)
        try:
            report = kill.campaign("galera", asked.kills, asked.seed, asked.seconds, kept, kinds=KINDS, first=nodes_alone)
        except ServerMissing as missing:
            print(missing, file=sys.stderr)
            return 2
    print(kill.shown(report))
    return bool(report.problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

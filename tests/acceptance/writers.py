"""Lets 8 processes write at once while 3 readers follow the streams of a server, and checks what was written and read.

::

    ./dev acceptance writers [--backend sqlite|mariadb|postgresql ...] [--seconds 60] [--seed 1] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import structlog

from tests.acceptance import _books, _verifier, kill
from tests.acceptance._arena import arena
from tests.acceptance._crew import Crew, WriterFailed
from tests.acceptance._notes import Notes
from tests.acceptance._served import Reader, serving
from tests.servers import ServerFailed, ServerMissing

WRITERS = 8
READERS = ("all", "cms", "atlas")
SETTLES_WITHIN = 20.0  # seconds
SHOWN = 20


def campaign(backend: str, seconds: float, seed: int, folder: Path) -> tuple[str, list[str]]:
    """Everything, on one kind of database: the figures, and what was wrong."""
    with ExitStack() as stack:
        log = stack.enter_context((folder / f"{backend}.jsonl").open("w", encoding="utf-8"))
        sources = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-writers-")))
        place = stack.enter_context(arena(backend, sources))
        asyncio.run(kill.prepare(place.urls[0], sources))
        address = stack.enter_context(serving(place.urls[0], sources))
        readers = [Reader(address, vo, leaves_after=20 * (number + 1)) for number, vo in enumerate(READERS)]
        for reader in readers:
            reader.start()
        crew, problems = Crew(place.urls, sources, Random(f"{seed} {backend}"), Notes(log)), []
        try:
            problems += written(crew, seconds)
        except WriterFailed as failure:
            problems.append(str(failure))
        problems += read(readers)
        books = _books.read(place.urls[0])
        problems += [*kill.findings(books, crew.notes, None), *_verifier.unclaimed(books, crew.notes)]
        problems += [f"gridmask db check: {finding}" for finding in asyncio.run(kill.checked(place.urls[0]))]
        return figures(backend, crew.notes, readers, books["counter"][0]["revision"], seconds), problems


def written(crew: Crew, seconds: float) -> list[str]:
    """Have all write for so long."""
    for slot in range(WRITERS):
        crew.start(slot)
    try:
        crew.listen(seconds)
        return [f"writer {slot} wrote nothing" for slot, acks in crew.acks.items() if not acks]
    finally:
        crew.dismiss()


def read(readers: list[Reader]) -> list[str]:
    """What was read otherwise than it was written, once all is quiet; the loop of the server goes on for a while."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while time.monotonic() < deadline and any(reader.differs() for reader in readers):
        time.sleep(0.5)
    problems = [f"{reader.vo}: what was followed is not what there is" for reader in readers if reader.differs()]
    for reader in readers:
        reader.stop()
    return problems + [problem for reader in readers for problem in reader.problems]


def figures(backend: str, notes: Notes, readers: list[Reader], revision: int, seconds: float) -> str:
    """What was done, for people."""
    fates = notes.fates()
    optimistic = [deed for deed in notes.deeds.values() if deed.what == "set" and deed.claim["seen"] is not None]
    kept = sum(deed.fate == "ack" for deed in optimistic)
    told = ", ".join(f"{r.vo} {len(r.revisions)} (came back {r.returns} times)" for r in readers)
    lines = [
        f"{backend}: {WRITERS} writers, {seconds:.0f} s; {fates['ack']:,} deeds acknowledged, to revision {revision:,}",
        f"  of {len(optimistic)} writes that carried what was seen, {kept} were made and {len(optimistic) - kept} refused",
        f"  errors told: {', '.join(f'{count} {name}' for name, count in sorted(notes.refusals.items())) or 'none'}",
        f"  events that readers of the streams were told, in order: {told}",
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="./dev acceptance writers", description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", nargs="+", choices=kill.BACKENDS, default=kill.BACKENDS, help="on which; all unless told")
    parser.add_argument("--seconds", type=float, default=60, help="so long on each")
    parser.add_argument("--seed", type=int, default=1, help="what the writers do")
    parser.add_argument("--keep", type=Path, help="a folder for what writers were told, a file for each backend")
    asked = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    wrong = False
    with ExitStack() as stack:
        kept = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-writers-")))
        kept.mkdir(parents=True, exist_ok=True)
        for backend in asked.backend:
            try:
                told, problems = campaign(backend, asked.seconds, asked.seed, kept)
            except (ServerMissing, ServerFailed) as missing:
                print(missing, file=sys.stderr)
                return 2
            print(told)
            print("\n".join([f"  problems: {len(problems)}", *(f"    {problem}" for problem in problems[:SHOWN])]), flush=True)
            wrong = wrong or bool(problems)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

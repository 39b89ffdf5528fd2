"""Kills writers and database servers, again and again, under load, and checks that nothing that was acknowledged is lost.

::

    ./dev acceptance kill [--backend sqlite|mariadb|postgresql ...] [--kills 200] [--seed 1] [--seconds N] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import structlog

from gridmask.bootstrap import installation
from gridmask.clock import system_clock
from gridmask.domain.actor import Actor
from gridmask.store.check import check
from gridmask.store.database import Database
from tests.acceptance import _books, _verifier
from tests.acceptance._arena import Arena, arena
from tests.acceptance._crew import Crew, WriterFailed
from tests.acceptance._door import Door, door
from tests.acceptance._notes import Notes
from tests.acceptance._served import STARTED_WITHIN
from tests.acceptance._worker import publish, settings
from tests.grid import files_only
from tests.servers import ServerFailed, ServerMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.acceptance._books import Books

BACKENDS = ("sqlite", "mariadb", "postgresql")
WRITERS = 4
LOOK_AFTER = 10  # kills
SHOWN = 20
KINDS = {"any moment": 28, "statement": 28, "commit": 10, "told": 6, "serve": 14, "server": 14}
"""What the next one strikes, and how often of a hundred: a writer when chance has it, before a statement, before a commit, or
after one and before the acknowledgement; ``gridmask serve``; the database server."""
STRUCK = {"server": "the database server", "serve": "gridmask serve"}
FATES = {"ack": "acknowledged", "no": "refused for certain", "doubt": "in doubt", "open": "cut off"}


@dataclass
class Report:
    """What a campaign came to."""

    backend: str
    notes: Notes
    kills: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    heard: int = 0
    repeated: int = 0
    replayed: int = 0
    unanswered: int = 0
    seconds: float = 0.0
    away: float = 0.0
    late: Counter[str] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class Campaign:
    """Writers to one database, and what is done to them."""

    place: Arena
    crew: Crew
    random: Random
    report: Report
    kinds: Mapping[str, int]
    door: Door
    seen: Books | None = None

    def run(self, kills: int, seconds: float | None) -> None:
        """So many kills, or as many as there is time for."""
        began = time.monotonic()
        for slot in range(WRITERS):
            self.crew.start(slot)
        self.crew.listen(30, lambda: all(count for count in self.crew.acks.values()))
        for number in range(1, kills + 1):
            self.strike()
            if number % LOOK_AFTER == 0:
                self.look()
                self.progress(number, kills)
            if seconds is not None and time.monotonic() - began > seconds:
                break
        self.crew.listen(1)
        self.crew.dismiss()
        self.door.stop()
        self.look()
        self.report.seconds = time.monotonic() - began

    def strike(self) -> None:
        """One kill, of whatever chance has it, and a start of what was killed."""
        kinds = [kind for kind in self.kinds if kind != "server" or self.place.kind != "sqlite"]
        [kind] = self.random.choices(kinds, [self.kinds[kind] for kind in kinds])
        slot, moment = self.random.randrange(WRITERS), self.random.uniform(0.02, 0.4)
        count = self.random.randrange(1, {"statement": 200, "commit": 8, "told": 8}.get(kind, 2))
        self.crew.listen(10, lambda: self.crew.acks[slot] > 0)  # it has begun
        self.report.kills[kind] += 1
        if kind == "server":
            self.crew.listen(moment)
            self.report.away += self.place.strike(slot)
            return
        if kind == "serve":
            self.crew.listen(STARTED_WITHIN, lambda: self.door.answered > 0)
            self.crew.listen(2 * moment)
            self.door.strike()
            return
        if kind == "any moment":
            self.crew.listen(moment)
            self.crew.kill(slot)
        else:
            self.crew.trap(slot, kind, count)
        self.crew.start(slot)

    def look(self) -> None:
        """Read the books, at each address, and compare them with all that was told before."""
        self._hear_out()
        told = self.crew.notes.copy()
        self.report.looks += 1
        for url in self.place.urls:
            self._look_at(url, told)

    def _look_at(self, url: str, told: Notes) -> None:
        books = _books.read(url)
        self._hear_out()  # what was begun meanwhile may be in them
        found = [*findings(books, told, self.seen), *_verifier.unclaimed(books, self.crew.notes), *self.door.misheard(books)]
        found += [f"gridmask db check: {finding}" for finding in asyncio.run(checked(url))]
        for problem in dict.fromkeys(found):
            self.found(problem)
        self.seen = books
        self.report.counts = {table: len(rows) for table, rows in books.items()}
        self.report.counts["revision"] = books["counter"][0]["revision"]
        self.report.late = _verifier.unacknowledged(books, self.crew.notes)

    def _hear_out(self) -> None:
        self.crew.hear_out()
        self.door.tell(self.crew.notes)

    def found(self, problem: str) -> None:
        """Tell of a problem, once."""
        if problem not in self.report.problems:
            self.report.problems.append(problem)
            print(f"{self.report.backend}, look {self.report.looks}: {problem}", file=sys.stderr, flush=True)

    def progress(self, number: int, kills: int) -> None:
        fates = self.crew.notes.fates()
        print(
            f"{self.report.backend}: {number} of {kills} kills, {fates['ack']:,} acknowledged, "
            f"revision {self.report.counts['revision']:,}, {len(self.report.problems)} problems",
            file=sys.stderr,
            flush=True,
        )


def findings(books: Books, notes: Notes, before: Books | None) -> Iterator[str]:
    """All that is wrong in the books: by themselves, against what was told, and against an earlier look."""
    yield from _verifier.inconsistencies(books)
    yield from _verifier.contradictions(books, notes)
    if before:
        yield from _verifier.alterations(before, books)


async def checked(url: str) -> list[str]:
    """What Gridmask itself finds wrong."""
    async with Database(url) as database:
        return [f"{finding.check}: {finding.text}" for finding in await check(database)]


async def prepare(url: str, folder: Path) -> None:
    """Make the schema, and read the inventory."""
    publish(folder)
    async with Database(url) as database:
        await database.upgrade()
    async with installation(settings(url, folder), client=files_only(system_clock)) as made:
        failures = [read.failure async for read in made.sources.sync(Actor.administrator("supervisor")) if read.failure]
    if failures:
        raise ServerFailed(f"The inventory could not be read: {failures}")


def campaign(
    backend: str,
    kills: int,
    seed: int,
    seconds: float | None,
    folder: Path,
    *,
    kinds: Mapping[str, int] = KINDS,
    first: Callable[[Arena], Iterable[str]] = lambda _: (),
) -> Report:
    """Everything, on one kind of database. ``first`` looks for problems before anybody writes."""
    with ExitStack() as stack:
        log = stack.enter_context((folder / f"{backend}.jsonl").open("w", encoding="utf-8"))
        sources = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-kill-")))
        report = Report(backend, Notes(log))
        place = stack.enter_context(arena(backend, sources))
        asyncio.run(prepare(place.urls[0], sources))
        report.problems += first(place)
        random = Random(f"{seed} {backend}")
        crew = Crew(place.urls, sources, random, report.notes)
        try:
            with door(place.urls[0], sources, f"{seed} door") as opened:
                Campaign(place, crew, random, report, kinds, opened).run(kills, seconds)
                report.heard, report.repeated = len(opened.heard), opened.repeated
                report.replayed, report.unanswered = opened.replayed, opened.unanswered
        except (WriterFailed, ServerFailed) as failure:
            report.problems.append(str(failure))
        finally:
            crew.dismiss()
        return report


def shown(report: Report) -> str:
    """The figures of a campaign, for people."""
    fates = report.notes.fates()
    kinds = ", ".join(
        f"{count} at {kind}" if kind not in STRUCK else f"{count} of {STRUCK[kind]}" for kind, count in report.kills.items()
    )
    refusals = ", ".join(f"{count:,} {name}" for name, count in sorted(report.notes.refusals.items())) or "none"
    late, counts = report.late, report.counts
    figures = ", ".join(f"{name} {fates[fate]:,}" for fate, name in FATES.items())
    away = f"; server away for {report.away:.0f} s in all" if report.away else ""
    lines = [
        f"{report.backend}: {report.kills.total()} kills ({kinds}) in {report.seconds:.0f} s; {report.looks} looks",
        f"  deeds: {len(report.notes.deeds):,}; {figures}",
        f"  done and never acknowledged: {late['open']} of those cut off, {late['doubt']} of those in doubt",
        f"  errors told: {refusals}",
        f"  revisions: {counts.get('revision', 0):,}; changes of rows: {counts.get('changes', 0):,}{away}",
        f"  entries of the outbox that the outside was told: {report.heard:,}, of which more than once {report.repeated:,}",
        f"  sent again under their keys: {report.replayed:,} answered as before, {report.unanswered:,} told to have been done",
        f"  problems: {len(report.problems)}",
    ]
    return "\n".join([*lines, *(f"    {problem}" for problem in report.problems[:SHOWN])])


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="./dev acceptance kill", description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", nargs="+", choices=BACKENDS, default=BACKENDS, help="on which; all unless told")
    parser.add_argument("--kills", type=int, default=200, help="so many on each")
    parser.add_argument("--seed", type=int, default=1, help="the same one kills at the same points")
    parser.add_argument("--seconds", type=float, help="end after so long on each, whatever was done by then")
    parser.add_argument("--keep", type=Path, help="a folder for what writers were told, a file for each backend")
    asked = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with ExitStack() as stack:
        kept = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-kill-")))
        kept.mkdir(parents=True, exist_ok=True)
        try:
            reports = [campaign(backend, asked.kills, asked.seed, asked.seconds, kept) for backend in asked.backend]
        except ServerMissing as missing:
            print(missing, file=sys.stderr)
            return 2
    print("\n".join(map(shown, reports)))
    return any(report.problems for report in reports)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

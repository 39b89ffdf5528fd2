"""Compares every VO's mask with one that was worked out by brute force, on real and on made-up OSG documents.

::

    ./dev acceptance oracle [--data FOLDER] [--feeds 100] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from gridmask.bootstrap import installation
from gridmask.domain.actor import Actor
from gridmask.settings import Settings
from gridmask.source import Source
from tests.acceptance import _feeds
from tests.acceptance._brute import BruteForce

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from gridmask.bootstrap import Installation
    from tests.acceptance._brute import Mask

ADMIN = Actor.administrator("oracle")
JUDGED_AT = datetime(2026, 8, 21, 17, tzinfo=UTC)
FIRST, LAST = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 9, 5, tzinfo=UTC)
SHOWN = 20


@dataclass
class Report:
    """What was compared, and what differed."""

    masks: int = 0
    entries: int = 0
    restricted: int = 0
    differences: list[str] = field(default_factory=list)

    def compare(self, label: str, expected: Mask, served: Mask) -> None:
        """Add one mask."""
        self.masks += 1
        self.entries += len(expected)
        self.restricted += sum(set(statuses.values()) != {"Active"} for _, statuses in expected.values())
        for key in sorted(expected.keys() | served.keys()):
            if expected.get(key) != served.get(key):
                self.differences.append(f"{label}: {key}: expected {expected.get(key)}, served {served.get(key)}")


@dataclass
class Trial:
    """Gridmask and brute force, fed with the same."""

    made: Installation
    folder: Path
    clock: list[datetime]
    report: Report
    brute: BruteForce = field(default_factory=BruteForce)

    async def feed(self, inventory: bytes, downtimes: bytes) -> None:
        """Both sources answer so now."""
        (self.folder / "inventory.xml").write_bytes(inventory)
        (self.folder / "downtimes.xml").write_bytes(downtimes)
        self.brute.inventory(inventory)
        self.brute.downtimes(downtimes, self.clock[0])
        async for read in self.made.sources.sync(ADMIN):
            if read.failure:
                self.report.differences.append(f"{self.clock[0]}: {read.failure}")

    async def compare(self, label: str) -> None:
        """Compare the masks of all VOs, as they are now."""
        while (await self.made.inspector.catch_up()).changed:
            pass
        known = set(await self.made.masks.revisions())
        if known != (wanted := self.brute.vos | {"all"}):
            self.report.differences.append(
                f"{label}: VOs: expected {sorted(wanted - known)} more, {sorted(known - wanted)} fewer"
            )
        for vo in sorted(known & wanted):
            body = (await self.made.masks.serve(vo)).body
            place = f"{label} {self.clock[0]:%Y-%m-%dT%H:%M:%S.%f} {vo}"
            self.report.compare(place, self.brute.mask(vo, self.clock[0]), _decoded(vo, body))


def _decoded(vo: str, body: bytes) -> Mask:
    document = json.loads(body)
    assert document["vo"] == vo
    assert len({(e["family"], e["type"], e["name"]) for e in document["elements"]}) == len(document["elements"])
    return {(e["family"], e["type"], e["name"]): (e["site"], e["status"]) for e in document["elements"]}


@asynccontextmanager
async def trial(report: Report, now: datetime) -> AsyncIterator[Trial]:
    """An empty installation at ``now``, and a brute force that knows nothing yet."""
    with tempfile.TemporaryDirectory(prefix="gridmask-oracle-") as name:
        folder, clock = Path(name), [now]
        sources = (
            Source(name="inventory", kind="osg-topology", url=(folder / "inventory.xml").as_uri(), max_takeout=1, max_change=1),
            Source(
                name="downtimes",
                kind="osg-downtimes",
                url=(folder / "downtimes.xml").as_uri(),
                max_takeout=1,
                max_change=1,
                valid_for=timedelta(days=400),
            ),
        )
        async with installation(Settings(database="ephemeral", source=sources), clock=lambda: clock[0]) as made:
            yield Trial(made, folder, clock, report)


async def real(report: Report, data: Path, moments: Iterable[datetime]) -> None:
    """The recorded documents, read afresh at each of ``moments``."""
    inventory = (data / "served_rgsummary.xml").read_bytes()
    downtimes = (data / "served_rgdowntime_45d_prod_active.xml").read_bytes()
    for moment in moments:
        async with trial(report, moment) as running:
            await running.feed(inventory, downtimes)
            await running.compare("recorded, read then")


async def passing(report: Report, data: Path, moments: Iterable[datetime]) -> None:
    """The recorded documents, read once; then time passes, and nothing else happens."""
    async with trial(report, FIRST) as running:
        inventory = (data / "served_rgsummary.xml").read_bytes()
        await running.feed(inventory, (data / "served_rgdowntime_45d_prod_active.xml").read_bytes())
        for moment in sorted(moments):
            running.clock[0] = moment
            await running.compare("recorded, time passing")


async def made_up(report: Report, seed: int, recipe: _feeds.Recipe, answers: int = 3) -> None:
    """A seeded run of made-up answers, one after the other, with some time after each."""
    random = Random(seed)
    around = FIRST + timedelta(minutes=30 * random.randrange(48 * 60))
    moments = _feeds.moments(random, around, answers * 4)
    async with trial(report, moments[0]) as running:
        for number, moment in enumerate(moments):
            running.clock[0] = moment
            if number % 4 == 0:
                await running.feed(_feeds.inventory(random, recipe), _feeds.downtimes(random, recipe, around))
            await running.compare(f"made up, seed {seed}")


def chosen_moments(data: Path, random: Random, count: int) -> list[datetime]:
    """The moment that is judged, and others: some by chance, some at which recorded downtimes begin or end."""
    brute = BruteForce()
    brute.downtimes((data / "served_rgdowntime_45d_prod_active.xml").read_bytes(), FIRST)
    all_edges = [edge for outage in brute.outages.values() for edge in (outage.start, outage.end)]
    edges = [edge for edge in all_edges if edge and FIRST <= edge <= LAST]
    chance = [FIRST + random.random() * (LAST - FIRST) for _ in range(count // 2)]
    shifted = [
        edge + random.choice((-1, 0, 1)) * timedelta(microseconds=1) for edge in random.sample(edges, count - len(chance))
    ]
    return [JUDGED_AT, *sorted(chance + shifted)]


async def campaign(report: Report, data: Path | None, feeds: int, seed: int) -> None:
    """Everything."""
    random = Random(seed)
    if data:
        moments = chosen_moments(data, random, 20)
        await real(report, data, moments)
        await passing(report, data, [*moments, *chosen_moments(data, random, 60)])
    for number in range(seed, seed + feeds):
        await made_up(report, number, _feeds.Recipe(odd=random.choice((0.0, 0.02, 0.05, 0.2))))


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything differed."""
    parser = argparse.ArgumentParser(prog="./dev acceptance oracle", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="the folder of the recorded OSG documents")
    parser.add_argument("--feeds", type=int, default=100, help="so many runs of made-up documents")
    parser.add_argument("--seed", type=int, default=1, help="the first one's seed")
    asked = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    report, started = Report(), perf_counter()
    asyncio.run(campaign(report, asked.data, asked.feeds, asked.seed))
    print(f"{report.masks:,} masks of {report.entries:,} entries compared in {perf_counter() - started:.0f} s,")
    print(f"of which {report.restricted:,} were restricted. {len(report.differences):,} differences.")
    print("\n".join(report.differences[:SHOWN]))
    return bool(report.differences)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

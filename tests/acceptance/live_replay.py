"""Lives the demonstration's week, recorded, and replays it: every event must come to the same, and every mask at every hour.

::

    ./dev acceptance live-replay [--hours 126] [--steps 3] [--worlds 24]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from gridmask.demo import stage
from gridmask.domain.vo import ALL
from gridmask.recording import file
from gridmask.replay.masks import Masks
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together
from gridmask.service.recording_files import RecordingFiles
from tests.acceptance import _lived
from tests.grid import ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Entry
    from gridmask.replay.changes import Change

    Served = dict[str, dict[ElementKey, Entry]]
    """Masks by VO."""

SHOWN = 10


@dataclass
class Report:
    """What was compared, and what differed."""

    events: int = 0
    revisions: int = 0
    masks: int = 0
    differences: list[str] = field(default_factory=list)


async def lived(folder: Path, hours: int, steps: int, worlds: int) -> dict[datetime, Served]:
    """Live so many hours, and take what was recorded out: from the beginning, and from each moment where a replay can begin.

    Returns:
        What every mask was, at each hour.
    """
    seen: dict[datetime, Served] = {}
    async with _lived.acting() as (made, cast, clock):
        files = RecordingFiles(made.database)
        for hour in range(hours):
            if hour % worlds == 0:
                await _lived.keep(made)
            await _lived.live(made, cast, clock, range(hour, hour + 1), steps)
            seen[clock()] = {vo: dict(mask.entries) for vo, mask in (await _lived.masks(made)).items()}
        for number, period in enumerate(await files.periods(ADMIN, clock())):
            await files.export(ADMIN, folder / f"{number}.gz", period.since, clock())
    return seen


def compare(report: Report, folder: Path, seen: dict[datetime, Served]) -> None:
    """Replay each of the recordings as it was."""
    for path in sorted(folder.glob("*.gz")):
        work = folder / path.stem
        work.mkdir()
        plan = planning.planned(path)
        plans.save(plan, work)
        sums = together.run(work, plan, lambda: False, lambda _: None)
        assert sums is not None
        report.events += sums.happened
        report.revisions += sum(line.revision is not None for line in file.read(path).lines)
        report.differences += [f"{path.name}: {one}" for one in (sums.first_differing, sums.first_refused) if one is not None]
        _compare_masks(report, path.name, together.lines(work, plan), {at: one for at, one in seen.items() if at >= plan.since})


def _compare_masks(report: Report, name: str, lines: Iterator[Change], seen: dict[datetime, Served]) -> None:
    masks, ahead = Masks(), next(lines, None)
    for at, served in sorted(seen.items()):
        while ahead is not None and ahead.at <= at:
            masks.take(ahead)
            ahead = next(lines, None)
        for vo in (ALL, *stage.VOS):
            report.masks += 1
            if (found := masks.of(vo).entries) != served[vo]:
                keys = [str(key) for key in sorted(found.keys() | served[vo].keys()) if found.get(key) != served[vo].get(key)]
                report.differences.append(f"{name}: {at}: the mask of {vo} differs at {', '.join(keys[:3])}")


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything differed."""
    parser = argparse.ArgumentParser(prog="./dev acceptance live-replay", description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=int, default=126, help="so many hours of the grid; a week has 120")
    parser.add_argument("--steps", type=int, default=3, help="so many moments of each at which everything is read and done")
    parser.add_argument("--worlds", type=int, default=24, help="after so many hours each, it is written down how all stands")
    asked = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    report, started = Report(), perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(lived(Path(folder), asked.hours, asked.steps, asked.worlds))
        print(f"{asked.hours} hours were lived in {perf_counter() - started:.0f} s")
        compare(report, Path(folder), seen)
    print(f"{report.events:,} events, {report.revisions:,} revisions and {report.masks:,} masks were compared,")
    print(f"of a replay from each moment at which one can begin. {len(report.differences):,} differences.")
    print("\n".join(report.differences[:SHOWN]))
    return bool(report.differences)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

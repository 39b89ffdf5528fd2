"""Replays OSG's history, and compares every VO's mask at every change point with one that was worked out by brute force.

::

    ./dev acceptance replay --data FOLDER [--whole 40]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gridmask.policies import files as policy_files
from gridmask.recording import file
from gridmask.replay.importers import kinds
from gridmask.replay.output import write
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together
from tests.acceptance import _versions
from tests.acceptance._brute import BruteForce

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance._brute import Key, Thing
    from tests.acceptance._versions import Version

HISTORY = "downtime_history_2016-2023.jsonl"
SHOWN = 10
POLICIES = "[guard]\nenabled = false\n"
"""Follow declared downtimes from their start to their end, and nothing else."""

Rows = dict[tuple[str, str], str]


@dataclass
class Report:
    """What was compared, and what differed."""

    points: int = 0
    rows: int = 0
    restricted: int = 0
    masks: int = 0
    differences: list[str] = field(default_factory=list)

    def differ(self, text: str) -> None:
        """Note a difference."""
        self.differences.append(text)


class Rebuilt:
    """Masks, as a reader of the file of changes has them who knows nothing else."""

    def __init__(self, path: Path) -> None:
        self._lines = _lines(path)
        self.head = next(self._lines)
        self._next: dict[str, Any] | None = next(self._lines, None)
        self.things: dict[Key, tuple[str, frozenset[str], bool]] = {}
        self.rows: defaultdict[Key, Rows] = defaultdict(dict)

    def advance(self, now: datetime) -> None:
        """Take what is told up to ``now``."""
        while self._next is not None and _moment(self._next) <= now:
            self._take(self._next)
            self._next = next(self._lines, None)

    def _take(self, line: dict[str, Any]) -> None:
        key = line["family"], line["type"], line["name"]
        if line["kind"] == "element":
            self.things[key] = line["site"], frozenset(line.get("offered", ())), line.get("in_service", True)
        else:
            self.rows[key][line["aspect"], line["vo"]] = line["after"]

    def mask(self, vo: str) -> dict[Key, tuple[str, dict[str, str]]]:
        """What ``vo`` may use: its own row, else that of all."""
        found = {}
        for key, (site, offered, usable) in self.things.items():
            if usable and (vo == "all" or not offered or vo in offered):
                rows = self.rows[key]
                aspects = {aspect for aspect, _ in rows}
                found[key] = site, {aspect: rows.get((aspect, vo)) or rows[aspect, "all"] for aspect in aspects}
        return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _moment(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])


def replayed(inventory: Path, history: Path, folder: Path, processes: int | None = None) -> tuple[Path, float]:
    """The changes that a replay of the whole history makes, and how long that took, with all of reading and writing."""
    started = perf_counter()
    (folder / "all.toml").write_text(POLICIES, encoding="utf-8")
    recording, _ = kinds.recorded(inventory, history, policies=folder)
    file.write(folder / "history.gz", recording)
    policies = policy_files.load(folder)[1]
    plan = planning.planned(folder / "history.gz", policies=policies, processes=processes)
    plans.save(plan, folder)
    assert together.run(folder, plan, lambda: False, lambda _: None) is not None
    write(folder / "changes.jsonl", plan, together.lines(folder, plan))
    return folder / "changes.jsonl", perf_counter() - started


def compare(
    report: Report, changes: Path, versions: list[Version], things: dict[Key, Thing], vos: set[str], whole: int
) -> None:
    """Compare rows at every change point; and whole masks of every VO, literally, at ``whole`` of them."""
    rebuilt = Rebuilt(changes)
    since, until = (_moment({"at": rebuilt.head[name]}) for name in ("since", "until"))
    points = _versions.change_points(versions, since, until)
    for number, now in enumerate(points):
        rebuilt.advance(now)
        bad = _versions.restricted(versions, now)
        if number == 0:
            _compare_things(report, rebuilt, things)
        report.points += 1
        for key, thing in things.items():
            expected = {(aspect, "all"): bad.get(key, "Active") for aspect in thing.aspects}
            report.rows += len(expected)
            report.restricted += key in bad
            if rebuilt.rows[key] != expected:
                report.differ(f"{now}: {key}: expected {expected}, replayed {rebuilt.rows[key]}")
        if number % max(len(points) // whole, 1) == 0:
            _compare_masks(report, rebuilt, things, bad, sorted({"all", *vos}), now)


def _compare_things(report: Report, rebuilt: Rebuilt, things: dict[Key, Thing]) -> None:
    # who may see what does not change; where this agrees, masks agree if rows do
    expected = {key: (thing.site, thing.vos, thing.usable) for key, thing in things.items()}
    if rebuilt.things != expected:
        keys = [key for key in expected.keys() | rebuilt.things.keys() if expected.get(key) != rebuilt.things.get(key)]
        report.differ(f"the inventories differ: {keys[:SHOWN]}")


def _compare_masks(
    report: Report, rebuilt: Rebuilt, things: dict[Key, Thing], bad: dict[Key, str], vos: list[str], now: datetime
) -> None:
    for vo in vos:
        expected = {
            key: (thing.site, dict.fromkeys(thing.aspects, bad.get(key, "Active")))
            for key, thing in things.items()
            if thing.usable and (vo == "all" or not thing.vos or vo in thing.vos)
        }
        report.masks += 1
        if rebuilt.mask(vo) != expected:
            report.differ(f"{now}: the mask of {vo} is another")


def campaign(report: Report, data: Path, whole: int) -> None:
    """Everything, with both forms of the inventory; in one of them, some elements are for some VOs alone."""
    versions = _versions.as_it_happened(_versions.published(data / HISTORY))
    brute = BruteForce()
    brute.inventory((data / "served_rgsummary.xml").read_bytes())
    inventories = {
        "served_rgsummary.xml": brute.things,
        "resource_groups.jsonl": _versions.inventory(data / "resource_groups.jsonl"),
    }
    for name, things in inventories.items():
        with tempfile.TemporaryDirectory() as folder:
            changes, took = replayed(data / name, data / HISTORY, Path(folder))
            print(f"{name}: {len(things):,} elements, replayed in {took:.1f} s")
            compare(report, changes, versions, things, brute.vos | _named(things), whole)


def _named(things: dict[Key, Thing]) -> set[str]:
    return {vo for thing in things.values() for vo in thing.vos}


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything differed."""
    parser = argparse.ArgumentParser(prog="./dev acceptance replay", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of OSG's history and inventory")
    parser.add_argument("--whole", type=int, default=40, help="at so many change points, every VO's whole mask is compared")
    asked = parser.parse_args(arguments)
    print("\n".join(_versions.facts(_versions.published(asked.data / HISTORY)).lines()))
    report, started = Report(), perf_counter()
    campaign(report, asked.data, asked.whole)
    print(f"{report.rows:,} rows at {report.points:,} change points compared in {perf_counter() - started:.0f} s,")
    print(f"of which {report.restricted:,} elements were restricted; and {report.masks:,} whole masks.")
    print(f"{len(report.differences):,} differences.")
    print("\n".join(report.differences[:SHOWN]))
    return bool(report.differences)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

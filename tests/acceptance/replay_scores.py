"""Scores a replay of OSG's history, and compares every VO's hours with those added up from the published versions alone.

::

    ./dev acceptance replay-scores --data FOLDER
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from gridmask.policies import files as policy_files
from gridmask.recording import file
from gridmask.replay.importers import kinds
from gridmask.replay.running.outcomes import outcomes
from gridmask.replay.running.planning import planned
from gridmask.replay.scores import Reading, scores
from tests.acceptance import _versions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.replay.scores import Scores
    from tests.acceptance._brute import Key, Thing
    from tests.acceptance._versions import Version

HISTORY, INVENTORY = "downtime_history_2016-2023.jsonl", "resource_groups.jsonl"
POLICIES = "[guard]\nenabled = false\n"
NEVER = datetime.max.replace(tzinfo=UTC)
NEAR = 1e-6

Between = tuple[datetime, datetime]


def scored(data: Path, folder: Path) -> Scores:
    """The scores of the built-in policies over the history since it was recorded."""
    (folder / "all.toml").write_text(POLICIES, encoding="utf-8")
    recording, _ = kinds.recorded(data / INVENTORY, data / HISTORY, policies=folder)
    file.write(folder / "history.gz", recording)
    policies = policy_files.load(folder)[1]
    plan = planned(folder / "history.gz", policies=policies, since=_versions.RECORDED_FROM)
    return scores(outcomes([plan])[0])


def added_up(
    versions: Iterable[Version], things: dict[Key, Thing], vo: str, since: datetime, until: datetime
) -> dict[str, float]:
    """The hours of outage as ``vo`` was told of them: as was known, with hindsight, and of these before they were known."""
    by_key: dict[Key, list[Version]] = {}
    for one in versions:
        if one.meaning == "Banned":
            for key in one.hit:
                by_key.setdefault(key, []).append(one)
    total = dict.fromkeys(("known", "hindsight", "late"), 0.0)
    for key, some in by_key.items():
        thing = things.get(key)
        if thing is None or not thing.usable or (vo != "all" and thing.vos and vo not in thing.vos):
            continue
        known = _union((max(v.start, v.known_from, since), min(_end(v), v.known_to or NEVER, until)) for v in some)
        stands = [v for v in some if v.known_from <= until and _stands(v, some, until)]
        hindsight = _union((max(v.start, since), min(_end(v), until)) for v in stands)
        both = _union((max(a, x), min(b, y)) for a, b in known for x, y in hindsight)
        for name, hours in (("known", known), ("hindsight", hindsight)):
            total[name] += _hours(hours)
        total["late"] += _hours(hindsight) - _hours(both)
    return total


def _stands(one: Version, others: Iterable[Version], until: datetime) -> bool:
    """Whether it is the last word: nothing replaced it, and it was not withdrawn before it was over."""
    if one.known_to is None or one.known_to > until:
        return True
    replaced = any(o.record == one.record and o.known_from >= one.known_to for o in others)
    return not replaced and one.known_to >= _end(one)


def _end(one: Version) -> datetime:
    return one.end or NEVER


def _union(found: Iterable[Between]) -> list[Between]:
    made: list[Between] = []
    for start, end in sorted(one for one in found if one[0] < one[1]):
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def _hours(found: Iterable[Between]) -> float:
    return sum((end - start for start, end in found), timedelta()) / timedelta(hours=1)


def differences(found: Scores, versions: list[Version], things: dict[Key, Thing]) -> list[str]:
    """Where they differ."""
    told = []
    known, hindsight = (found.by_vo(reading) for reading in Reading)
    for vo in ("all", *found.vos):
        expected = added_up(versions, things, vo, found.since, found.until)
        has = {"known": known[vo].declared, "hindsight": hindsight[vo].declared, "late": hindsight[vo].late}
        other = [(name, hours) for name, hours in expected.items() if not _near(hours, has[name])]
        told += [f"{vo}: {name}: {hours} expected, {has[name]} scored" for name, hours in other]
        if known[vo].missed or known[vo].lost:
            told.append(f"{vo}: policies that act at once miss {known[vo].missed} h, and lose {known[vo].lost} h")
    return told


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= NEAR * max(1.0, one)


def main(arguments: list[str]) -> int:
    """Run the campaign, print its report, and give 1 if anything differed."""
    parser = argparse.ArgumentParser(prog="./dev acceptance replay-scores", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of OSG's history and inventory")
    data: Path = parser.parse_args(arguments).data
    started = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = scored(data, Path(folder))
    print(f"{len(found.lines):,} lines of {len(found.vos):,} VOs, scored in {perf_counter() - started:.1f} s")
    known, hindsight = (found.total(reading) for reading in Reading)
    print(f"declared as was known: {known.declared:,.1f} h; with hindsight {hindsight.declared:,.1f} h,")
    print(f"of which {hindsight.late:,.1f} h were known late")
    versions = _versions.as_it_happened(_versions.published(data / HISTORY))
    told = differences(found, versions, _versions.inventory(data / INVENTORY))
    print(f"{len(told):,} differences.")
    print("\n".join(told[:10]))
    return bool(told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

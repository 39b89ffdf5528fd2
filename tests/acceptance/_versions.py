"""What OSG's masks must have been, worked out the slow and obvious way from every published version of its downtimes.

Nothing of Gridmask's is used. At each moment, every version is asked whether it was to be seen and whether it was on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.acceptance._brute import ASPECTS, MEANING, RENAMED, STORAGE, WORST_FIRST, Thing, vo_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.acceptance._brute import Key

RECORDED_FROM = datetime(2018, 5, 22, tzinfo=UTC)
OPEN = 2100
HOUR = timedelta(hours=1)


class Version(NamedTuple):
    """A version; ``known_to`` and ``end`` may be open."""

    record: str
    hit: tuple[Key, ...]
    meaning: str
    start: datetime
    end: datetime | None
    known_from: datetime
    known_to: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether it was to be seen, and on."""
        if not (self.known_from <= now and (self.known_to is None or now < self.known_to)):
            return False
        return self.start <= now and (self.end is None or now < self.end)


def published(path: Path) -> list[Version]:
    """All versions as they were published."""
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    return [_version(number, json.loads(line)) for number, line in lines]


def _version(number: int, told: dict[str, Any]) -> Version:
    end = _moment(told["end"])
    assert end is not None
    return Version(
        f"{told['id'] or f'line {number}'} {told['resource']}",
        tuple(("Resource", RENAMED.get(kind, kind), told["resource"]) for kind in told["services"]),
        MEANING.get(told["severity"], "Banned"),
        datetime.fromisoformat(told["start"]),
        None if end.year >= OPEN else end,
        datetime.fromisoformat(told["known_from"]),
        _moment(told["known_to"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def as_it_happened(versions: Iterable[Version]) -> list[Version]:
    """Versions of before anybody recorded when they were known: those that were replaced by then never counted, and the others
    were known by their start."""
    found = []
    for one in versions:
        if one.known_from >= RECORDED_FROM:
            found.append(one)
        elif one.known_to is None or one.known_to >= RECORDED_FROM:
            found.append(one._replace(known_from=min(one.known_from, one.start)))
    return found


def change_points(versions: Iterable[Version], since: datetime, until: datetime) -> list[datetime]:
    """Every moment at which a mask can become another."""
    moments = {moment for one in versions for moment in (one.start, one.end, one.known_from, one.known_to) if moment}
    return sorted(moment for moment in {since, until, *moments} if since <= moment <= until)


def restricted(versions: Iterable[Version], now: datetime) -> dict[Key, str]:
    """The status of each element that is not ``Active``."""
    asked: dict[Key, list[str]] = defaultdict(list)
    for one in versions:
        if one.counts(now):
            for key in one.hit:
                asked[key].append(one.meaning)
    worst = {key: min(said, key=WORST_FIRST.index) for key, said in asked.items()}
    return {key: status for key, status in worst.items() if status != "Active"}


def inventory(path: Path) -> dict[Key, Thing]:
    """The things in the file of resource groups."""
    found: dict[Key, Thing] = {}
    for line in path.read_text("utf-8").splitlines():
        group = json.loads(line)
        found["Site", "Site", group["group"]] = Thing(group["group"], True, frozenset(), ("all",), "")  # noqa: FBT003 - usable
        for resource in group["resources"]:
            found |= dict(_things(group["group"], resource))
    return found


def _things(site: str, resource: dict[str, Any]) -> Iterator[tuple[Key, Thing]]:
    usable = resource["active"] is not False and not resource["disable"]
    names = {name.lower() for name in resource["allowed_vos"]}
    vos = frozenset() if {"any", "any_public"} & names else frozenset(vo for name in names if (vo := vo_name(name)))
    for kind in resource["services"]:
        aspects = tuple(sorted(ASPECTS)) if kind in STORAGE else ("all",)
        yield ("Resource", RENAMED.get(kind, kind), resource["name"]), Thing(site, usable, vos, aspects, "")


@dataclass(frozen=True)
class Facts:
    """What the history says about how outages are told. Of downtimes whose first version was recorded as it was published."""

    downtimes: int
    begun: int
    over: int
    extended: int
    extended_by: float
    shortened: int
    shortened_by: float
    hours: float
    hours_past: float

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"downtimes first published since {RECORDED_FROM:%F}, by identifier and resource: {self.downtimes:,}"
        yield f"  published after they had begun: {self.begun:,} ({self.begun / self.downtimes:.0%})"
        yield f"  published after they were over: {self.over:,}"
        yield f"  ended later than first said: {self.extended:,} (median {self.extended_by:+.0f} h)"
        yield f"  ended earlier than first said: {self.shortened:,} (median {self.shortened_by:+.0f} h)"
        yield f"  resource-hours as first said: {self.hours:,.0f}; past when published: {self.hours_past:,.0f}"


def facts(versions: Iterable[Version]) -> Facts:
    """The facts in ``versions``. Hours are those of downtimes that have an end; those that ban."""
    by_record: dict[str, list[Version]] = defaultdict(list)
    for one in versions:
        by_record[one.record].append(one)
    histories = [sorted(some, key=lambda one: one.known_from) for some in by_record.values()]
    recorded = [some for some in histories if some[0].known_from >= RECORDED_FROM]
    firsts = [some[0] for some in recorded]
    moved = [_hours(some[-1].end - some[0].end) for some in recorded if some[0].end is not None and some[-1].end is not None]
    later, earlier = [by for by in moved if by > 0], [by for by in moved if by < 0]
    outages = [one for one in firsts if one.end is not None and one.meaning == "Banned"]
    return Facts(
        len(recorded),
        sum(one.known_from > one.start for one in firsts),
        sum(one.end is not None and one.known_from >= one.end for one in firsts),
        len(later),
        median(later or [0]),
        len(earlier),
        median(earlier or [0]),
        sum(_hours(one.end - one.start) for one in outages if one.end),
        sum(max(_hours(min(one.known_from, one.end) - one.start), 0) for one in outages if one.end),
    )


def _hours(span: timedelta) -> float:
    return span / HOUR

"""Weighing: whether what an answer with evidence would change is too much to be believed unseen (promise D3).

That holds for what would be withdrawn and for what would be edited away: ended, moved, pointed elsewhere. What is announced or
measured anew weighs nothing, however much it is: the guard holds what that would take, and not what else the answer says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.downtime import difference, is_over, takes_back
from gridmask.domain.upheaval import NOTHING, Deed, Item, Upheaval, too_much
from gridmask.domain.vo import ALL
from gridmask.rules.downtime import impact_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from gridmask.domain.downtime import Announcement, Difference, Downtime, DowntimeKey
    from gridmask.domain.evidence import Evidence, EvidenceKey
    from gridmask.source import Source

FEW_TARGETS = 3
"""So many things that a downtime names are told."""


def weigh_announcement(
    source: Source, known: Mapping[DowntimeKey, Downtime], announcement: Announcement, now: datetime
) -> Upheaval:
    """What an ``announcement`` would change of what is ``known``; nothing is told of what can be believed."""
    change = difference(known, announcement, now)
    pending = sum(not is_over(downtime, now) for downtime in known.values())
    edits = [(known[after.key], after) for after in change.edited]
    edited = sum(_takes_back(before, after, now) for before, after in edits)
    shortened = sum(_shortens(before, after, now) and not _takes_back(before, after, now) for before, after in edits)
    excesses = (
        *too_much("take out", len(change.withdrawn) + edited, pending, source.max_takeout),
        *too_much("shorten", shortened, pending, source.max_change),
    )
    return Upheaval.of(_downtimes(known, change), excesses) if excesses else NOTHING


def weigh_silence(
    source: Source, known: Mapping[EvidenceKey, Evidence], gone: Collection[EvidenceKey], now: datetime
) -> Upheaval:
    """What an answer would change after which what is ``gone`` of what is ``known`` is measured no more; as above."""
    counting = [key for key in gone if known[key].counts(now)]
    at_stake = sum(item.counts(now) for item in known.values())
    excesses = too_much("take out", len(counting), at_stake, source.max_takeout)
    return Upheaval.of((Item(Deed.REMOVE, _measurement(known[key])) for key in gone), excesses) if excesses else NOTHING


def _takes_back(before: Downtime, after: Downtime, now: datetime) -> bool:
    milder = not is_over(before, now) and impact_of(after.severity) < impact_of(before.severity)
    return milder or takes_back(before, after, now)


def _shortens(before: Downtime, after: Downtime, now: datetime) -> bool:
    """Whether ``before`` would end earlier, or begin later. What lasts longer is the guard's business, as what is new."""
    if is_over(before, now):
        return False
    ends, began = after.interval.end, before.interval.start <= now
    earlier = ends is not None and (before.interval.end is None or ends < before.interval.end)
    return earlier or (not began and after.interval.start > before.interval.start)


def _says(downtime: Downtime) -> tuple[object, ...]:
    """What of a downtime decides."""
    return downtime.interval, downtime.severity, downtime.targets, downtime.vo


def _downtimes(known: Mapping[DowntimeKey, Downtime], change: Difference) -> Iterator[Item]:
    for key in change.withdrawn:
        yield Item(Deed.REMOVE, f"downtime {key.record}", _told(known[key]))
    for after in change.edited:
        before = known[after.key]
        if _says(before) != _says(after):
            yield Item(Deed.CHANGE, f"downtime {after.key.record}", _told(before), _told(after))
    for downtime in change.added:
        yield Item(Deed.ADD, f"downtime {downtime.key.record}", "", _told(downtime))


def _told(downtime: Downtime) -> str:
    interval, targets = downtime.interval, sorted(map(str, downtime.targets))
    more = f" and {len(targets) - FEW_TARGETS:,} more" if len(targets) > FEW_TARGETS else ""
    named = ", ".join(targets[:FEW_TARGETS]) + more
    until = f"{interval.end:%Y-%m-%d %H:%M}" if interval.end else "no announced end"
    whom = f", for {downtime.vo}" if downtime.vo != ALL else ""
    return f"{downtime.severity} of {named or 'nothing'}, {interval.start:%Y-%m-%d %H:%M} to {until}{whom}"


def _measurement(item: Evidence) -> str:
    key = item.key
    whom = f", for {item.vo}" if item.vo != ALL else ""
    return f"{key.record} of {key.about}{whom}"

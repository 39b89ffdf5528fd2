"""Weighing: whether what an answer with evidence would change is too much to be believed unseen (promise D3).

That holds for what would be withdrawn and for what would be edited away: ended, moved, pointed elsewhere. What is announced or
measured anew weighs nothing, however much it is: the guard holds what that would take, and not what else the answer says.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gridmask.domain.downtime import difference, is_over, takes_back
from gridmask.domain.upheaval import NOTHING, Deed, Excess, Item, Upheaval, too_much
from gridmask.domain.vo import ALL
from gridmask.rules.downtime import impact_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from gridmask.domain.downtime import Announcement, Difference, Downtime, DowntimeKey
    from gridmask.domain.evidence import Evidence, EvidenceKey
    from gridmask.source import Source

FEW_TARGETS = 3
"""So many things that a downtime names are told."""

WORST = 3
"""So many VOs are named."""


def weigh_announcement(
    source: Source, known: Mapping[DowntimeKey, Downtime], announcement: Announcement, now: datetime
) -> Upheaval:
    """What an ``announcement`` would change of what is ``known``; nothing is told of what can be believed."""
    change = difference(known, announcement, now)
    pending = [downtime.vo for downtime in known.values() if not is_over(downtime, now)]
    edits = [(known[after.key], after) for after in change.edited]
    back = [known[key].vo for key in change.withdrawn] + [one.vo for one, after in edits if _takes_back(one, after, now)]
    shortened = sum(_shortens(before, after, now) and not _takes_back(before, after, now) for before, after in edits)
    excesses = (
        *(too_much("take out", len(back), len(pending), source.max_takeout) or _from_vos(back, pending, source)),
        *too_much("shorten", shortened, len(pending), source.max_change),
    )
    return Upheaval.of(_downtimes(known, change), excesses) if excesses else NOTHING


def weigh_silence(
    source: Source, known: Mapping[EvidenceKey, Evidence], gone: Collection[EvidenceKey], now: datetime, *, by_vo: bool = True
) -> Upheaval:
    """What an answer would change after which what is ``gone`` of what is ``known`` is measured no more; as above.

    ``by_vo``: whether it is too much, too, if that is so of what is about a single VO. Where nothing is measured about it any
    more, what is measured of everyone decides for it.
    """
    counting = [known[key].vo for key in gone if known[key].counts(now)]
    at_stake = [item.vo for item in known.values() if item.counts(now)]
    excesses = too_much("take out", len(counting), len(at_stake), source.max_takeout)
    if by_vo and not excesses:
        excesses = _from_vos(counting, at_stake, source)
    return Upheaval.of((Item(Deed.REMOVE, _measurement(known[key])) for key in gone), excesses) if excesses else NOTHING


def _from_vos(gone: Iterable[str], at_stake: Iterable[str], source: Source) -> tuple[Excess, ...]:
    """What is too much of what is about single VOs: the worst few of them."""
    lost, had = Counter(gone), Counter(at_stake)
    worst = sorted(lost, key=lambda vo: (-lost[vo] / max(had[vo], 1), vo))
    found = [one for vo in worst for one in too_much(_of(vo), lost[vo], had[vo], source.max_takeout)]
    return tuple(found[:WORST])


def _of(vo: str) -> str:
    return "take out, of what is about everyone," if vo == ALL else f"take out, of what is about {vo},"


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

"""Edits: how a downtime became another, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gridmask.portal.frame.wording import length_of

if TYPE_CHECKING:
    from gridmask.domain.downtime import Downtime
    from gridmask.store.downtimes import Version

EXTENDED, SHORTENED, WITHDRAWN = "extended", "shortened", "withdrawn"
"""What people ask of a downtime first."""


@dataclass(frozen=True, slots=True)
class Edit:
    """That a downtime became another at a moment; ``words`` say how, the most important first."""

    at: datetime
    words: tuple[str, ...]


def edits(versions: Sequence[Version]) -> list[Edit]:
    """What was done to a downtime that has ``versions``, the first first; how it became known is among it."""
    first = versions[0]
    found = [Edit(first.known_from, ("announced",))]
    for old, new in pairwise(versions):
        if old.known_to is not None and old.known_to < new.known_from:
            found.append(Edit(old.known_to, (WITHDRAWN,)))
        words = tuple(_differences(old.downtime, new.downtime))
        found.append(Edit(new.known_from, words or ("announced again",)))
    last = versions[-1]
    return [*found, Edit(last.known_to, (WITHDRAWN,))] if last.known_to is not None else found


def course(versions: Sequence[Version]) -> str:
    """In a word, how the end of a downtime moved since it was announced; empty where it did not."""
    first, last = versions[0].downtime.interval.end, versions[-1].downtime.interval.end
    if first == last:
        return ""
    return EXTENDED if last is None or (first is not None and last > first) else SHORTENED


def _differences(old: Downtime, new: Downtime) -> Iterator[str]:
    yield from _of_end(old.interval.end, new.interval.end)
    if new.interval.start != old.interval.start:
        distance = new.interval.start - old.interval.start
        yield f"begins {length_of(abs(distance))} {'later' if distance > timedelta() else 'earlier'}"
    for name in ("severity", "scheduling"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{name} {before or 'none'} became {after or 'none'}"
    if new.targets != old.targets:
        yield from _of_targets(len(new.targets - old.targets), len(old.targets - new.targets))
    if new.description != old.description:
        yield "described otherwise"


def _of_end(old: datetime | None, new: datetime | None) -> Iterator[str]:
    if old == new:
        return
    if old is None or new is None:
        yield "has an end now" if new else "has no announced end any more"
    else:
        yield f"{EXTENDED if new > old else SHORTENED} by {length_of(abs(new - old))}"


def _of_targets(more: int, fewer: int) -> Iterator[str]:
    said = [f"{count} {word}" for count, word in ((more, "more"), (fewer, "fewer")) if count]
    yield f"names {' and '.join(said)}"

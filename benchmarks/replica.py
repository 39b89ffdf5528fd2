"""Lookups in a mask that is held locally, against those in bare dictionaries with the same rows; and what a change costs."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from gridmask_client import Mask
from gridmask_client.masks import MaskDelta, MaskElement, WholeMask
from gridmask_client.replica import Beyond, Bound, Replica
from gridmask_client.snapshot import USABLE, Snapshot

if TYPE_CHECKING:
    from gridmask_client.background import Background

ASKED = 100_000
ROUNDS = 5
CHANGES = 201
BEYOND: tuple[Beyond, ...] = ("keep", "raise")
ASPECTS = ("ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess")


@dataclass(frozen=True, slots=True)
class Figure:
    """Lookups by second of processor time, in a mask and in a dictionary; ``change``: seconds that a delta of a row takes."""

    rows: int
    what: str
    per_second: float
    bare_per_second: float
    change: float


def measure(rows: int) -> Iterator[Figure]:
    """All figures for so many rows, four to an element."""
    snapshot = Snapshot.of(WholeMask("vo", 1, tuple(_element(number) for number in range(max(1, rows // len(ASPECTS))))))
    bare, use = _nested(snapshot), USABLE["use"]
    chance, known = random.Random(7), list(snapshot.names)
    asked = [(chance.choice(known), chance.choice(ASPECTS)) for _ in range(ASKED)]
    names = [name for name, _ in asked]
    change = _change(snapshot)
    plain = _best(lambda: _bare(bare, asked))
    masks = {beyond: _mask(snapshot, Bound(900.0, beyond)) for beyond in BEYOND}
    for beyond, mask in masks.items():
        yield Figure(rows, f"usable, {beyond}", _best(partial(_usable, mask, asked)), plain, change)
    mask, of_one = masks["keep"], bare["WriteAccess"].__getitem__
    look = mask.predicate("WriteAccess")
    yield Figure(rows, "predicate", _best(partial(_ask, look, names)), _best(partial(_ask, of_one, names)), change)
    each = _best(lambda: mask.usable_each(names, "WriteAccess"))
    whole = _best(lambda: {name: bare["WriteAccess"][name] in use for name in names})
    yield Figure(rows, "usable_each", each, whole, change)


def _nested(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Status by status type, and then by name."""
    told = {key.name: element.status for key, element in snapshot.elements.items()}
    return {aspect: {name: status[aspect] for name, status in told.items()} for aspect in ASPECTS}


def _element(number: int) -> MaskElement:
    return MaskElement("Resource", "StorageElement", f"SE-{number}", f"SITE-{number % 500}", dict.fromkeys(ASPECTS, "Active"))


def _mask(snapshot: Snapshot, bound: Bound) -> Mask:
    """One that follows nobody."""
    replica = Replica(bound)
    replica.load(snapshot, replica.wall())
    mask = Mask.__new__(Mask)
    mask._replica, mask._now = replica, replica.clock  # noqa: SLF001 - without a server
    mask._background = cast("Background", SimpleNamespace())  # noqa: SLF001
    return mask


def _usable(mask: Mask, asked: Sequence[tuple[str, str]]) -> None:
    usable = mask.usable
    for name, aspect in asked:
        usable(name, aspect)


def _ask(look: Callable[[str], object], names: Sequence[str]) -> None:
    for name in names:
        look(name)


def _bare(bare: dict[str, dict[str, str]], asked: Sequence[tuple[str, str]]) -> None:
    for name, aspect in asked:
        bare[aspect][name]


def _best(look: Callable[[], object]) -> float:
    seconds = []
    gc.collect()
    for _ in range(ROUNDS):
        began = process_time()
        look()
        seconds.append(process_time() - began)
    return ASKED / min(seconds)


def _change(snapshot: Snapshot) -> float:
    """The median of some hundred, each of another row."""
    replica, seconds = Replica(Bound()), []
    replica.load(snapshot, replica.wall())
    for number in range(CHANGES):
        element = MaskElement("Resource", "StorageElement", f"SE-{number}", f"SITE-{number}", dict.fromkeys(ASPECTS, "Banned"))
        began = perf_counter()
        replica.become(MaskDelta("vo", snapshot.revision, snapshot.revision + 1, (element,), ()), replica.clock())
        seconds.append(perf_counter() - began)
    return sorted(seconds)[CHANGES // 2]

"""Resumption: how far one part of a replay is, in a file of its own, from which it goes on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from gridmask.domain.element import ElementKey
from gridmask.recording.world import World
from gridmask.replay.running.sums import Sums

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is.

    Attributes:
        consumed: so many lines of the recording are done with.
        world: how everything stands.
        sums: what was played so far.
        written: so many bytes of the part's lines are good.
        opened: whether it was told how everything stood when what is asked for began.
        loaded: whether the policies to decide by are in force.
        noted: what is due when.
        done: whether it came to its end.
    """

    consumed: int
    world: World
    sums: Sums
    written: int
    opened: bool
    loaded: bool
    noted: tuple[tuple[datetime, ElementKey], ...]
    done: bool = False


def lines_of(directory: Path, number: int) -> Path:
    """Where the lines of part ``number`` are."""
    return directory / f"part-{number}.jsonl"


def _file(directory: Path, number: int) -> Path:
    return directory / f"part-{number}.kept"


def keep(kept: Kept, directory: Path, number: int) -> None:
    """Keep how far part ``number`` is."""
    place = _file(directory, number)
    beside = place.with_suffix(".new")
    beside.write_bytes(_encode(kept))
    beside.replace(place)


def recall(directory: Path, number: int) -> Kept | None:
    """How far part ``number`` is; None: it has not begun, or what was kept of it cannot be read."""
    try:
        return msgspec.msgpack.decode(_file(directory, number).read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None

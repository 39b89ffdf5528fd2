"""Processes with all that they started, and the processor time of these."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def spent(processes: Sequence[int]) -> float:
    """Seconds of processor time of ``processes`` and of all that they started."""
    below = _below()
    return sum(_seconds(process) for root in processes for process in _tree(root, below))


def started() -> frozenset[int]:
    """What this process started, and what runs yet."""
    return frozenset(_below().get(os.getpid(), ()))


def _tree(root: int, below: Mapping[int, Sequence[int]]) -> Iterator[int]:
    yield root
    for process in below.get(root, ()):
        yield from _tree(process, below)


def _below() -> dict[int, list[int]]:
    """All processes, by who started them."""
    found: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        if (fields := _fields(int(place.name))) is not None:
            found.setdefault(int(fields[1]), []).append(int(place.name))
    return found


def _seconds(process: int) -> float:
    fields = _fields(process)
    return (int(fields[11]) + int(fields[12])) / TICK if fields is not None else 0.0


def _fields(process: int) -> list[str] | None:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended

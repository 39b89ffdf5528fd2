"""Sheets: the lines of a recording as a file. Each is an object of JSON with one key, which says what kind of line it is.

In their order: ``header``; ``world``, in as many pieces as it takes; ``happened``, one for each thing that did, and before it
the ``policies`` that it is the first to refer to; every so often a ``check``; and ``end``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from gridmask.recording.recording import Line
from gridmask.recording.world import World

FORMAT = "gridmask-recording"
VERSION = 1

TOGETHER = 500
"""So many elements, rows or pieces of evidence are in one piece of a world."""

_PIECEMEAL = ("elements", "rows", "rulings", "downtimes", "measured", "batches", "recent")


class Header(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the file is.

    ``lived``: whether what it tells was decided about as it came, so that a replay as it was must come to the same. A history
    that was put together afterwards is not.
    """

    format: str
    version: int
    written_by: str
    since: datetime
    until: datetime
    lived: bool = True


class Rules(msgspec.Struct, frozen=True):
    """Policies: their revision, and the document that they were made of."""

    revision: str
    document: dict[str, Any]


class Check(msgspec.Struct, frozen=True):
    """How many lines there are before this one, and the SHA-256 of all their bytes."""

    lines: int
    sha256: str


class Sheet(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file."""

    header: Header | None = None
    policies: Rules | None = None
    world: World | None = None
    happened: Line | None = None
    check: Check | None = None
    end: Check | None = None

    @property
    def kind(self) -> str:
        """What kind of line it is; empty: none, or several."""
        told = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        return told[0] if len(told) == 1 else ""


encoded = msgspec.json.Encoder(order="deterministic").encode
"""A line as bytes: sets and tables are sorted."""

decoded = msgspec.json.Decoder(Sheet).decode


def pieces(world: World) -> Iterator[World]:
    """``world`` in pieces of bounded size; the first has what it has but once."""
    bare = msgspec.structs.replace(world, **dict.fromkeys(_PIECEMEAL, ()))
    yield bare
    for name in _PIECEMEAL:
        whole = getattr(world, name)
        for start in range(0, len(whole), TOGETHER):
            yield World(at=world.at, policies=world.policies, **{name: whole[start : start + TOGETHER]})


def joined(some: Iterable[World]) -> World:
    """The world that ``some`` are the pieces of, the first of them first.

    Raises:
        StopIteration: there is none.
    """
    parts: dict[str, list[Any]] = {name: [] for name in _PIECEMEAL}
    each = iter(some)
    first = next(each)
    for piece in (first, *each):
        for name, found in parts.items():
            found.extend(getattr(piece, name))
    return msgspec.structs.replace(first, **{name: tuple(found) for name, found in parts.items()})

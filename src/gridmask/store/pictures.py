"""Pictures of the past: the last state of each row after a revision, and what was in the inventory; and how one is packed.

Packed, a picture is a list of columns, as MessagePack in zlib: texts and times that rows share are told once, element ids by
their differences. That takes a few bytes a row.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from gridmask.store.versions import Version

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

RowId = tuple[int, str, str]
"""Element id, status type, VO."""


class State(NamedTuple):
    """What a row was: the number of its status, since when, and whether it bound everyone."""

    status: int
    since: datetime
    binding: bool


@dataclass(slots=True)
class Picture:
    """What there was after a revision. Rows of elements that were not in the inventory are among it: they wait."""

    revision: int = 0
    rows: dict[RowId, State] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)


class _Packed(msgspec.Struct, array_like=True):
    form: int
    revision: int
    words: list[str]
    times: list[int]
    elements: list[int]
    status_types: list[int]
    vos: list[int]
    statuses: list[int]
    since: list[int]
    listed: list[int]
    sites: list[int]
    categories: list[int]
    in_service: list[bool]
    offered: list[list[int]]
    bases: list[int]


_FORM = 1
_BINDING = 16
"""Added to the number of a status that binds everyone."""

_LEVEL = 3  # of compression: higher ones take twice as long for a tenth less
_TICK = timedelta(microseconds=1)

T = TypeVar("T", str, datetime)


def packed(picture: Picture) -> bytes:
    """``picture`` as bytes; the same for the same picture."""
    rows, versions = sorted(picture.rows.items()), sorted(picture.versions.values())
    words, times = _Pool[str](), _Pool[datetime]()
    columns = _Packed(
        _FORM,
        picture.revision,
        [],
        [],
        _steps(element for (element, _, _), _ in rows),
        [words.place(status_type) for (_, status_type, _), _ in rows],
        [words.place(vo) for (_, _, vo), _ in rows],
        [state.status + _BINDING * state.binding for _, state in rows],
        [times.place(state.since) for _, state in rows],
        _steps(version.element_id for version in versions),
        [words.place(version.site) for version in versions],
        [words.place(version.category) for version in versions],
        [version.in_service for version in versions],
        [[words.place(vo) for vo in sorted(version.offered)] for version in versions],
        [words.place(version.basis) for version in versions],
    )
    columns.words = words.values
    columns.times = [(time - BEGINNING) // _TICK for time in times.values]
    return zlib.compress(msgspec.msgpack.encode(columns), _LEVEL)


def unpacked(body: bytes) -> Picture | None:
    """The picture in ``body``; None if that is damaged, or of a form that is not known here."""
    try:
        columns = msgspec.msgpack.decode(zlib.decompress(body), type=_Packed)
    except (zlib.error, msgspec.MsgspecError):
        return None
    return _picture(columns) if columns.form == _FORM else None


def _picture(columns: _Packed) -> Picture:
    word, times = columns.words.__getitem__, [BEGINNING + time * _TICK for time in columns.times]
    ids = zip(accumulate(columns.elements), map(word, columns.status_types), map(word, columns.vos), strict=True)
    states = (
        State(status % _BINDING, times[since], status >= _BINDING)
        for status, since in zip(columns.statuses, columns.since, strict=True)
    )
    offered = (frozenset(map(word, vos)) for vos in columns.offered)
    sites, categories, bases = (map(word, column) for column in (columns.sites, columns.categories, columns.bases))
    said = zip(accumulate(columns.listed), sites, categories, columns.in_service, offered, bases, strict=True)
    versions = {one[0]: Version(*one) for one in said}
    return Picture(columns.revision, dict(zip(ids, states, strict=True)), versions)


class _Pool(Generic[T]):
    """Values, each once, in the order in which they came."""

    def __init__(self) -> None:
        self._places: dict[T, int] = {}

    @property
    def values(self) -> list[T]:
        return list(self._places)

    def place(self, value: T) -> int:
        return self._places.setdefault(value, len(self._places))


def _steps(numbers: Iterable[int]) -> list[int]:
    ordered: Sequence[Any] = [0, *numbers]
    return [after - before for before, after in pairwise(ordered)]

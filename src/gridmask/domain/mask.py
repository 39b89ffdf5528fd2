"""The mask of a VO: what it may use right now, and how one mask differs from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.row import Rows, seen_by
from gridmask.domain.status import Purpose, Status, usable
from gridmask.domain.vo import ALL


class Absence(StrEnum):
    """Why a mask says nothing about an element."""

    NOT_KNOWN = "not known"
    NOT_OFFERED = "not offered"
    OUT_OF_SERVICE = "out of service"


class NotOffered(InvalidRequest):
    """``element`` is not offered to ``vo``: nothing else is told about it to who asks for that VO."""

    def __init__(self, element: Element, vo: str) -> None:
        self.element = element
        self.vo = vo
        super().__init__(
            f"{element.key} is not offered to {vo}: it is not in that mask, whatever its status. Who may read everything can "
            "ask for 'all'."
        )


class Entry(NamedTuple):
    """What a mask says about one element: its site, and its status types in order with their statuses."""

    site: str
    statuses: tuple[tuple[str, Status], ...]

    def only_usable(self, purpose: Purpose) -> Entry:
        """It with those status types alone that may be used for ``purpose``."""
        return Entry(self.site, tuple(said for said in self.statuses if usable(said[1], purpose)))


class Holding(NamedTuple):
    """An element with its rows."""

    element: Element
    rows: Rows


def entry(holding: Holding, vo: str) -> Entry | Absence:
    """What ``vo``'s mask says about an element."""
    element, rows = holding
    if not element.in_service:
        return Absence.OUT_OF_SERVICE
    if not element.is_offered_to(vo):
        return Absence.NOT_OFFERED
    return _entry(element, _status_types(rows), rows, vo)


def _entry(element: Element, status_types: Iterable[str], rows: Rows, vo: str) -> Entry:
    seen = ((status_type, seen_by(vo, status_type, rows)) for status_type in status_types)
    return Entry(element.site, tuple((status_type, row.status) for status_type, row in seen if row))


def _status_types(rows: Rows) -> Iterable[str]:
    if len(rows) == 1:
        return (next(iter(rows))[0],)
    return sorted({status_type for status_type, _ in rows})


@dataclass(frozen=True, slots=True)
class Delta:
    """What turns one mask of ``vo`` into another: entries that are new or other, and elements that are gone."""

    vo: str
    since: int
    revision: int
    entries: Mapping[ElementKey, Entry] = field(default_factory=dict)
    gone: frozenset[ElementKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Mask:
    """What one VO may use.

    ``revision`` is the last revision that changed this mask.
    """

    vo: str
    revision: int
    entries: Mapping[ElementKey, Entry]

    def status(self, element: ElementKey, status_type: str) -> Status | None:
        """The status of ``element`` in this respect; None where the mask says nothing."""
        found = self.entries.get(element)
        return dict(found.statuses).get(status_type) if found else None

    def usable(self, element: ElementKey, status_type: str, purpose: Purpose = Purpose.USE) -> bool:
        """Whether the VO may use ``element`` in this respect. What the mask does not speak of is not usable."""
        status = self.status(element, status_type)
        return status is not None and usable(status, purpose)

    def only_usable(self, purpose: Purpose) -> Mask:
        """The part of it that the VO may use for ``purpose``; elements of which that is nothing are left out."""
        found = {key: entry.only_usable(purpose) for key, entry in self.entries.items()}
        return Mask(self.vo, self.revision, {key: entry for key, entry in found.items() if entry.statuses})

    def difference(self, other: Mask) -> Delta:
        """What turns this mask into ``other``: ``mask.apply(mask.difference(other)) == other``."""
        changed = {key: new for key, new in other.entries.items() if self.entries.get(key) != new}
        return Delta(other.vo, self.revision, other.revision, changed, frozenset(self.entries.keys() - other.entries.keys()))

    def apply(self, delta: Delta) -> Mask:
        """This mask after ``delta``."""
        kept = {key: value for key, value in self.entries.items() if key not in delta.gone}
        return Mask(delta.vo, delta.revision, {**kept, **delta.entries})


def mask_of(vo: str, revision: int, holdings: Iterable[Holding]) -> Mask:
    """The mask of ``vo`` over all that is in the inventory."""
    said = ((holding.element.key, entry(holding, vo)) for holding in holdings)
    return Mask(vo, revision, {key: value for key, value in said if isinstance(value, Entry)})


_ANYONE = ""
"""Stands for all VOs that no row and no offer names."""


def moved(before: Holding | None, after: Holding | None, vos: frozenset[str]) -> frozenset[str]:
    """Those of ``vos``, and :data:`~gridmask.domain.vo.ALL`, whose masks say something else about an element after a change."""
    everyone = vos | {ALL}
    whose = _whose_rows_differ(before, after)
    named = _named(before) | _named(after) if ALL in whose else whose
    if not named and not whose:
        return frozenset()
    old, new = _Speaker(before), _Speaker(after)
    differing = {vo for vo in named if old.says(vo) != new.says(vo)}
    if ALL in whose and old.says(_ANYONE) != new.says(_ANYONE):
        differing |= everyone - named
    return everyone & differing


def _whose_rows_differ(before: Holding | None, after: Holding | None) -> frozenset[str]:
    """The VOs whose rows alone show something else than before; with :data:`~gridmask.domain.vo.ALL`, all may see it."""
    if before is None or after is None or before.element is not after.element:
        return frozenset({ALL})
    return frozenset(vo for _, vo in _differing(before.rows, after.rows))


def _differing(before: Rows, after: Rows) -> Iterator[tuple[str, str]]:
    """Which rows come, go, or are other than before in what masks say of them."""
    yield from before.keys() ^ after.keys()
    for key, new in after.items():
        old = before.get(key)
        if old is not new and old is not None and (old.status is not new.status or old.binding is not new.binding):
            yield key


def _named(holding: Holding | None) -> frozenset[str]:
    """The VOs that may see the element otherwise than anyone does."""
    if holding is None:
        return frozenset()
    offered = holding.element.offered
    own = frozenset(vo for _, vo in holding.rows if vo != ALL)
    return own | offered | {ALL} if offered else own


class _Speaker:
    """What masks say about an element, VO by VO."""

    def __init__(self, holding: Holding | None) -> None:
        self._holding = holding if holding and holding.element.in_service else None
        self._status_types = tuple(_status_types(holding.rows)) if self._holding and holding else ()

    def says(self, vo: str) -> Entry | None:
        """What the mask of ``vo`` says; None is nothing."""
        if self._holding is None or not self._holding.element.is_offered_to(vo):
            return None
        return _entry(self._holding.element, self._status_types, self._holding.rows, vo)

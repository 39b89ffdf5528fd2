"""Snapshots: a mask at one revision, made to be looked things up in. It never changes; what comes after it is another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from gridmask_client.masks import MaskElement, WholeMask
from gridmask_client.shapes import ElementId, Said

USABLE: Mapping[str, frozenset[str]] = {
    "use": frozenset({"Active", "Degraded"}),
    "test": frozenset({"Active", "Degraded", "Probing"}),
}
"""Statuses that let somebody go ahead, by purpose. A status that a newer server may have is none of them."""

_BY_USE = ("Error", "Banned", "Unknown", "Probing", "Degraded", "Active")
_RANK = {status: rank for rank, status in enumerate(_BY_USE)}


class Key(NamedTuple):
    """The identity of an element."""

    family: str
    type: str
    name: str


class Delta(Said, frozen=True):
    """What turns the mask of revision ``since`` into that of ``revision``."""

    vo: str
    since: int
    revision: int
    elements: tuple[MaskElement, ...]
    gone: tuple[ElementId, ...]

    @property
    def touched(self) -> set[Key]:
        """The elements of which it says something."""
        return {*map(_key, self.elements), *map(_key, self.gone)}


class RowChange(NamedTuple):
    """That the mask says ``after`` of a row, and said ``before``; None: nothing."""

    family: str
    type: str
    name: str
    status_type: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """See above.

    Attributes:
        vo: the VO's canonical name.
        revision: the last that changed this mask; a stream goes on from there.
        elements: what is said of each element.
        names: the elements with each name; most often there is one.
        table: status by name, and then by status type; names of which the same is said share that. Where elements share a
            name, the one that lets one do least.
        etag: the validator with which it came; empty once it was changed here.
    """

    vo: str
    revision: int
    elements: Mapping[Key, MaskElement] = field(repr=False)
    names: Mapping[str, tuple[Key, ...]] = field(repr=False)
    table: Mapping[str, Mapping[str, str]] = field(repr=False)
    etag: str = ""

    @classmethod
    def of(cls, mask: WholeMask, etag: str = "") -> Snapshot:
        """A whole mask."""
        elements = {_key(element): element for element in mask.elements}
        names: dict[str, tuple[Key, ...]] = {}
        for key in elements:
            names[key.name] = (*names.get(key.name, ()), key)
        table = {name: _said([elements[key] for key in keys]) for name, keys in names.items()}
        return cls(mask.vo, mask.revision, elements, names, table, etag)

    def after(self, delta: Delta) -> Snapshot:
        """The mask after ``delta``, which begins no later than this one."""
        elements, names, table = dict(self.elements), dict(self.names), dict(self.table)
        changed = [*delta.gone, *delta.elements]
        for one in delta.gone:
            elements.pop(_key(one), None)
        elements.update((_key(one), one) for one in delta.elements)
        for name, keys in _named(changed).items():
            left = tuple(key for key in {**dict.fromkeys(names.get(name, ())), **keys} if key in elements)
            if left:
                names[name], table[name] = left, _said([elements[key] for key in left])
            else:
                names.pop(name, None)
                table.pop(name, None)
        return Snapshot(delta.vo, delta.revision, elements, names, table)

    def says_the_same(self, other: Snapshot) -> bool:
        """Whether no answer differs."""
        return self.vo == other.vo and self.elements == other.elements

    def changes_to(self, other: Snapshot, among: Iterable[Key] | None = None) -> tuple[RowChange, ...]:
        """The rows of which ``other`` says something else. ``among``: the elements that can be concerned; None: all."""
        keys = {**self.elements, **other.elements} if among is None else among
        return tuple(change for key in keys for change in _rows(key, self.elements.get(key), other.elements.get(key)))

    def encoded(self) -> bytes:
        """It as JSON, byte by byte as the server writes it."""
        lines = ",\n".join(_line(self.elements[key]) for key in sorted(self.elements))
        return f'{{"vo":{quoted(self.vo)},"revision":{self.revision},"elements":[\n{lines}\n]}}\n'.encode()

    def digest(self) -> str:
        """The entity tag that the server gives such a mask when it does not pack it."""
        return digest(self.encoded())


def digest(body: bytes) -> str:
    """The entity tag of these bytes."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def _key(element: ElementId | MaskElement) -> Key:
    return Key(element.family, element.type, element.name)


def _named(changed: Iterable[ElementId]) -> dict[str, dict[Key, None]]:
    found: dict[str, dict[Key, None]] = {}
    for one in changed:
        found.setdefault(one.name, {})[_key(one)] = None
    return found


def _said(namesakes: Sequence[MaskElement]) -> Mapping[str, str]:
    """Status by status type of elements that share a name."""
    if len(namesakes) == 1:
        return _shared(tuple(namesakes[0].status.items()))
    told: dict[str, str] = {}
    for element in namesakes:
        for status_type, status in element.status.items():
            told[status_type] = min(told.get(status_type, status), status, key=lambda one: _RANK.get(one, -1))
    return _shared(tuple(told.items()))


@lru_cache(4096)
def _shared(told: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """One and the same for many names: so little is read by lookups, and most of it stays close to the processor."""
    return dict(told)


def _rows(key: Key, before: MaskElement | None, after: MaskElement | None) -> Iterable[RowChange]:
    was, is_ = (one.status if one else {} for one in (before, after))
    for status_type in {**was, **is_}:
        if was.get(status_type) != is_.get(status_type):
            yield RowChange(*key, status_type, was.get(status_type), is_.get(status_type))


def _line(element: MaskElement) -> str:
    status = ",".join(f"{quoted(status_type)}:{quoted(status)}" for status_type, status in element.status.items())
    identity = f'"family":{quoted(element.family)},"type":{quoted(element.type)},"name":{quoted(element.name)}'
    return f'{{{identity},"site":{quoted(element.site)},"status":{{{status}}}}}'

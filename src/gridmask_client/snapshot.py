"""Snapshots: a mask at one revision, made to be looked things up in, which becomes that of the next one where it lies.

What one name or element says is put in the place of what it said before, in one piece; so to take in what changed costs what
changed, however long the mask is. Who asks about several at once has to see that nothing changes meanwhile: see ``replica``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from gridmask_client.masks import MaskDelta, MaskElement, WholeMask
from gridmask_client.shapes import ElementId

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


class RowChange(NamedTuple):
    """That the mask says ``after`` of a row, and said ``before``; None: nothing."""

    family: str
    type: str
    name: str
    status_type: str
    before: str | None
    after: str | None


Told = Mapping[str, frozenset[str]]
"""What a mask says of a name: by purpose, the status types that may be used for it."""

NOTHING: Told = {purpose: frozenset() for purpose in USABLE}


class Table(dict[str, Told]):
    """What a mask says, by name; of a name that it does not know, nothing."""

    __slots__ = ()

    def __missing__(self, name: str) -> Told:
        return NOTHING


class Snapshot:
    """See above.

    Attributes:
        vo: the VO's canonical name.
        revision: the last that changed this mask; a stream goes on from there.
        mark: by which that is told apart from one of another past; empty: the server does not say.
        elements: what is said of each element.
        names: the elements with each name; most often there is one.
        table: what may be used, by name; names of which the same is said share that. Where elements share a name, the one that
            lets one do least counts.
        etag: the validator with which it came; empty once it was changed here.
    """

    __slots__ = ("elements", "etag", "mark", "names", "revision", "table", "vo")

    def __init__(self, vo: str, revision: int, elements: dict[Key, MaskElement], *, mark: str = "", etag: str = "") -> None:
        self.vo = vo
        self.revision = revision
        self.mark = mark
        self.etag = etag
        self.elements = elements
        self.names: dict[str, tuple[Key, ...]] = {}
        for key in elements:
            self.names[key.name] = (*self.names.get(key.name, ()), key)
        self.table = Table((name, _said([elements[key] for key in keys])) for name, keys in self.names.items())

    @classmethod
    def of(cls, mask: WholeMask, etag: str = "") -> Snapshot:
        """A whole mask."""
        return cls(mask.vo, mask.revision, {_key(element): element for element in mask.elements}, mark=mask.mark, etag=etag)

    @property
    def bookmark(self) -> str:
        """Where a server is to go on from."""
        return f"{self.revision}-{self.mark}" if self.mark else str(self.revision)

    def become(self, delta: MaskDelta) -> None:
        """Become the mask after ``delta``, which begins no later than this one."""
        elements, names, table = self.elements, self.names, self.table
        for one in delta.gone:
            elements.pop(_key(one), None)
        for element in delta.elements:
            elements[_key(element)] = element
        for name, keys in _named([*delta.gone, *delta.elements]).items():
            left = tuple(key for key in {**dict.fromkeys(names.get(name, ())), **keys} if key in elements)
            if left:
                names[name], table[name] = left, _said([elements[key] for key in left])
            else:
                names.pop(name, None)
                table.pop(name, None)
        self.revision, self.mark, self.etag = delta.revision, delta.mark, ""

    def status(self, name: str, status_type: str) -> str | None:
        """The status of what is called ``name``: of several, that which lets one do least. None: nothing is said of it."""
        told = (self.elements[key].status.get(status_type) for key in self.names.get(name, ()))
        return min((status for status in told if status is not None), key=_rank, default=None)

    def says_the_same(self, other: Snapshot) -> bool:
        """Whether no answer differs."""
        return self.vo == other.vo and self.elements == other.elements

    def changes_to(self, other: Mapping[Key, MaskElement], among: Iterable[Key] | None = None) -> tuple[RowChange, ...]:
        """The rows of which ``other`` says something else. ``among``: the elements that can be concerned; None: all."""
        return changes(self.elements, other, {**self.elements, **other} if among is None else among)

    def encoded(self) -> bytes:
        """It as JSON, byte by byte as the server writes it."""
        lines = ",\n".join(_line(self.elements[key]) for key in sorted(self.elements))
        mark = f',"mark":{quoted(self.mark)}' if self.mark else ""
        return f'{{"vo":{quoted(self.vo)},"revision":{self.revision}{mark},"elements":[\n{lines}\n]}}\n'.encode()

    def digest(self) -> str:
        """The entity tag that the server gives such a mask when it does not pack it."""
        return digest(self.encoded())


def changes(before: Mapping[Key, MaskElement], after: Mapping[Key, MaskElement], among: Iterable[Key]) -> tuple[RowChange, ...]:
    """The rows of these elements of which ``after`` says something else."""
    return tuple(change for key in among for change in _rows(key, before.get(key), after.get(key)))


def touched(delta: MaskDelta) -> set[Key]:
    """The elements of which ``delta`` says something."""
    return {*map(_key, delta.elements), *map(_key, delta.gone)}


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


def _said(namesakes: Sequence[MaskElement]) -> Told:
    """What may be used of elements that share a name."""
    if len(namesakes) == 1:
        return _shared(tuple(namesakes[0].status.items()))
    told: dict[str, str] = {}
    for element in namesakes:
        for status_type, status in element.status.items():
            told[status_type] = min(told.get(status_type, status), status, key=_rank)
    return _shared(tuple(told.items()))


def _rank(status: str) -> int:
    return _RANK.get(status, -1)


@lru_cache(4096)
def _shared(told: tuple[tuple[str, str], ...]) -> Told:
    """One and the same for many names: so little is read by lookups, and most of it stays close to the processor."""
    return {purpose: frozenset(aspect for aspect, status in told if status in good) for purpose, good in USABLE.items()}


def _rows(key: Key, before: MaskElement | None, after: MaskElement | None) -> Iterable[RowChange]:
    was, is_ = (one.status if one else {} for one in (before, after))
    for status_type in {**was, **is_}:
        if was.get(status_type) != is_.get(status_type):
            yield RowChange(*key, status_type, was.get(status_type), is_.get(status_type))


def _line(element: MaskElement) -> str:
    status = ",".join(f"{quoted(status_type)}:{quoted(status)}" for status_type, status in element.status.items())
    identity = f'"family":{quoted(element.family)},"type":{quoted(element.type)},"name":{quoted(element.name)}'
    return f'{{{identity},"site":{quoted(element.site)},"status":{{{status}}}}}'

"""What a mask wishes of the storage that an FTS knows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.actions.actuating.usability import Reader, all_usable, any_usable
from gridmask.actions.actuating.values import Wish, Wishes

if TYPE_CHECKING:
    from gridmask.actions.actuating.side import View
    from gridmask.domain.element import Element, ElementKey

TRANSFERS = "transfers"
"""The one aspect of a storage: off, it is banned."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How storage follows from elements.

    Attributes:
        reader: how the mask is read.
        access: the status types that have a say.
        any_bans: whether one of them bans it; else all together do.
        schemes, names: what FTS calls it; see the settings.
    """

    reader: Reader
    access: Collection[str]
    any_bans: bool
    schemes: Collection[str]
    names: Mapping[str, tuple[str, ...]]

    def storages(self, element: Element) -> Iterator[str]:
        """What FTS calls the storage of ``element``."""
        named = self.names.get(element.key.name)
        if named is not None:
            yield from named
            return
        yield from dict.fromkeys(f"{scheme}://{host}" for scheme in self.schemes for host in element.hosts)


@dataclass(slots=True)
class _Part:
    key: ElementKey
    state: bool | None
    why: str


def wishes(view: View, rules: Rules) -> Wishes:
    """Which storage is to be banned: that of which no element is left that may be used."""
    parts: dict[str, list[_Part]] = {}
    for holding in rules.reader.elements(view):
        said = [one for access in rules.access if (one := rules.reader.said(holding, access, view.vo)) is not None]
        if said:
            state = (all_usable if rules.any_bans else any_usable)(said)
            why = f"{holding.element.key.name}: {', '.join(map(str, said))}"
            for storage in rules.storages(holding.element):
                parts.setdefault(storage, []).append(_Part(holding.element.key, state, why))
    return Wishes(view.revision, {storage: _wish(storage, of) for storage, of in parts.items()})


def _wish(storage: str, parts: list[_Part]) -> Wish:
    states = [part.state for part in parts]
    state = True if True in states else None if None in states else False
    why = "; ".join(part.why for part in parts)
    return Wish(storage, {} if state is None else {TRANSFERS: state}, tuple(part.key for part in parts), why)

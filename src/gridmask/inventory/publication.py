"""A complete inventory, as one source published it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from gridmask.domain.element import Element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gridmask.domain.element import ElementKey, ElementType

PLACES_AT_MOST = 10
"""How many sites a problem line names before it only counts."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A complete inventory.

    Attributes:
        elements: what was published and could be read, by key.
        types: the element types that it brings along, beside those that are known anyway.
        vos: canonical names of the VOs that it names.
        conflicts: elements that are published, but of which cannot be told what they are; what was known of them stands.
        conclusive: whether absence means withdrawal. It does not where something published could not even be identified.
        problems: what is not as it should be, for people.
    """

    elements: Mapping[ElementKey, Element]
    types: tuple[ElementType, ...] = ()
    vos: frozenset[str] = frozenset()
    conflicts: frozenset[ElementKey] = frozenset()
    conclusive: bool = True
    problems: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        listed: Iterable[Element],
        *,
        types: Iterable[ElementType] = (),
        vos: Iterable[str] = (),
        unreadable: Iterable[ElementKey] = (),
        conclusive: bool = True,
        problems: Iterable[str] = (),
    ) -> Publication:
        """The publication of a list in which an element may occur several times.

        Alike, it is one element. Differently, or beside an entry that is ``unreadable``, it is a conflict: which is right is
        not guessed.
        """
        by_key: dict[ElementKey, list[Element]] = defaultdict(list)
        for element in listed:
            by_key[element.key].append(element)
        repeated = {key: entries for key, entries in by_key.items() if len(entries) > 1}
        conflicts = frozenset(unreadable) | {key for key, entries in repeated.items() if _differ(entries)}
        return cls(
            {key: entries[0] for key, entries in by_key.items() if key not in conflicts},
            tuple(types),
            frozenset(vos),
            conflicts,
            conclusive,
            (*problems, *(_repetition(key, entries) for key, entries in sorted(repeated.items()))),
        )

    def resolving(self, aliases: Mapping[str, str]) -> Publication:
        """This publication with each VO that goes by one of ``aliases`` under its canonical name."""
        if aliases.keys().isdisjoint(self.vos):
            return self
        return replace(
            self,
            elements={key: _resolving(element, aliases) for key, element in self.elements.items()},
            vos=_resolved(self.vos, aliases),
        )


def _differ(entries: Sequence[Element]) -> bool:
    return any(entry != entries[0] for entry in entries)


def _repetition(key: ElementKey, entries: Sequence[Element]) -> str:
    told = f"{key} is listed {len(entries)} times"
    if not _differ(entries):
        return f"{told}, all alike: taken once."
    differing = [f.name for f in fields(Element) if any(getattr(e, f.name) != getattr(entries[0], f.name) for e in entries)]
    where = f" (at {_places(entries)})" if "site" in differing else ""
    return f"{told}{where}, with different {', '.join(differing)}: none is taken, what was known of it stands."


def _places(entries: Sequence[Element]) -> str:
    sites = sorted({entry.site or "no site" for entry in entries})
    more = f" and {len(sites) - PLACES_AT_MOST:,} more" if len(sites) > PLACES_AT_MOST else ""
    return ", ".join(sites[:PLACES_AT_MOST]) + more


def _resolving(element: Element, aliases: Mapping[str, str]) -> Element:
    if aliases.keys().isdisjoint(element.offered):
        return element
    return replace(element, offered=_resolved(element.offered, aliases))


def _resolved(vos: Iterable[str], aliases: Mapping[str, str]) -> frozenset[str]:
    return frozenset(aliases.get(vo, vo) for vo in vos)

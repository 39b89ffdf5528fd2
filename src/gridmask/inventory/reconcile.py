"""What a publication changes in the inventory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridmask.domain.errors import TakeoutRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.publication import Publication

NAMED_AT_MOST = 5
"""How many elements a problem line names before it only counts."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What becomes of the inventory by one source's publication.

    Attributes:
        source: the source that published.
        added: new elements.
        edited: known elements, as they are now.
        taken_out: elements that are published no longer.
        put_out: of the ``edited``, those that the source has just put out of service.
        conflicts: elements that stay as they are, because it cannot be told what they should be, or another source has them.
        problems: what is not as it should be, for people.
    """

    source: str
    added: tuple[Element, ...] = ()
    edited: tuple[Element, ...] = ()
    taken_out: tuple[ElementKey, ...] = ()
    put_out: tuple[ElementKey, ...] = ()
    conflicts: tuple[ElementKey, ...] = ()
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.edited or self.taken_out)

    def applied_to(self, known: Mapping[ElementKey, Element]) -> dict[ElementKey, Element]:
        """The inventory after the change of ``known``."""
        gone = frozenset(self.taken_out)
        kept = {key: element for key, element in known.items() if key not in gone}
        return kept | {element.key: element for element in (*self.added, *self.edited)}


def reconcile(known: Mapping[ElementKey, Element], publication: Publication, source: str) -> Reconciliation:
    """What ``publication`` of ``source`` changes in the inventory ``known``.

    An element belongs to the source that published it first, until that source takes it out. Only what belongs to ``source`` is
    edited or taken out; what is in conflict stays as it is.
    """
    foreign = {key: known[key].source for key in publication.elements if key in known and known[key].source != source}
    published = {
        key: element if element.source == source else replace(element, source=source)
        for key, element in sorted(publication.elements.items())
        if key not in foreign
    }
    edited = tuple(element for key, element in published.items() if key in known and known[key] != element)
    return Reconciliation(
        source,
        added=tuple(element for key, element in published.items() if key not in known),
        edited=edited,
        taken_out=tuple(_withdrawn(known, publication, source)),
        put_out=tuple(e.key for e in edited if known[e.key].in_service and not e.in_service),
        conflicts=tuple(sorted(publication.conflicts | foreign.keys())),
        problems=(*publication.problems, *_foreign_problems(foreign)),
    )


def check_takeout(reconciliation: Reconciliation, known_of_source: int, share: float) -> None:
    """Refuses a reconciliation after which too much of the inventory would be gone.

    Gone is what is taken out, and what is newly out of service: neither is in any mask afterwards.

    Args:
        reconciliation: what would be changed.
        known_of_source: how many elements of its source are in the inventory.
        share: the share of these that may go, from 0 to 1.

    Raises:
        TakeoutRefused: more would go.
    """
    gone = len(reconciliation.taken_out) + len(reconciliation.put_out)
    if gone and gone / known_of_source > share:
        raise TakeoutRefused(reconciliation.source, gone, known_of_source, share)


def _withdrawn(known: Mapping[ElementKey, Element], publication: Publication, source: str) -> Iterator[ElementKey]:
    if not publication.conclusive:
        return
    listed = publication.elements.keys() | publication.conflicts
    yield from sorted(key for key, element in known.items() if element.source == source and key not in listed)


def _foreign_problems(foreign: Mapping[ElementKey, str]) -> Iterator[str]:
    by_owner: dict[str, list[ElementKey]] = defaultdict(list)
    for key, owner in sorted(foreign.items()):
        by_owner[owner].append(key)
    for owner, keys in sorted(by_owner.items()):
        more = f" and {len(keys) - NAMED_AT_MOST:,} more" if len(keys) > NAMED_AT_MOST else ""
        names = ", ".join(map(str, keys[:NAMED_AT_MOST])) + more
        yield f"what source {owner!r} published before stays as that says, not as published here: {names}."

"""What a publication changes in the inventory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gridmask.domain.errors import TakeoutRefused
from gridmask.inventory.recognition import recognise
from gridmask.inventory.renaming import renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.publication import Publication
    from gridmask.inventory.recognition import Recognition

NAMED_AT_MOST = 5
"""How many elements a problem line names before it only counts."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What becomes of the inventory by one source's publication.

    Attributes:
        source: the source that published.
        added: new elements.
        edited: known elements, as they are now; also those of other sources that ``source`` calls otherwise than before.
        before: what each of the ``edited`` was.
        taken_out: elements that are not there any more, under that name or at all.
        lost: those of the ``taken_out`` that are not there under another name either.
        renamed: by key of each of the ``added`` that was there under another name, that one's key; it is among ``taken_out``.
        put_out: of the ``edited``, those that the source has just put out of service.
        recognised: by key of each listed element that is another source's, and stays as that says, that one's key.
        conflicts: elements that stay as they are, because it cannot be told what they should be.
        problems: what is not as it should be, for people.
    """

    source: str
    added: tuple[Element, ...] = ()
    edited: tuple[Element, ...] = ()
    before: Mapping[ElementKey, Element] = field(default_factory=dict)
    taken_out: tuple[ElementKey, ...] = ()
    lost: tuple[ElementKey, ...] = ()
    renamed: Mapping[ElementKey, ElementKey] = field(default_factory=dict)
    put_out: tuple[ElementKey, ...] = ()
    recognised: Mapping[ElementKey, ElementKey] = field(default_factory=dict)
    conflicts: tuple[ElementKey, ...] = ()
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.edited or self.taken_out)

    def applied_to(self, known: Mapping[ElementKey, Element]) -> dict[ElementKey, Element]:
        """The inventory after the change of ``known``."""
        gone = frozenset(self.taken_out)
        kept = {key: element for key, element in known.items() if key not in gone}
        return kept | {element.key: element for element in (*self.added, *self.edited)}


def reconcile(
    known: Mapping[ElementKey, Element], publication: Publication, source: str, precedence: Sequence[str] = ()
) -> Reconciliation:
    """What ``publication`` of ``source`` changes in the inventory ``known``.

    What another source lists too is one element. It belongs to that of the two that ``precedence`` names first; else, to the
    one that listed it first. Only what belongs to ``source`` is edited or taken out; what is in conflict stays as it is.
    """
    others = {key: element for key, element in known.items() if element.source != source}
    recognition = recognise(publication.elements.values(), others)
    mine = {element.key: element for element in _mine(known, publication, recognition, precedence, source)}
    taken_over = {key: recognition.same[key] for key in mine if key in recognition.same}
    unclear = {key: found for key, found in recognition.unclear.items() if key not in mine}
    conflicts = publication.conflicts | unclear.keys()
    gone = [e for e in _withdrawn(known, publication, source) if e.key not in mine and e.key not in conflicts]
    added = [element for key, element in mine.items() if key not in known]
    edited = (
        *(element for key, element in mine.items() if key in known and known[key] != element),
        *_called(others, publication, recognition, mine, source),
    )
    moved = {**renamed(gone, added), **_adopted(taken_over, added)}
    replaced = {element.key for key, element in taken_over.items() if element.key != key}
    under_another_name = {*moved.values(), *recognition.same}
    return Reconciliation(
        source,
        added=tuple(added),
        edited=edited,
        before={element.key: known[element.key] for element in edited},
        taken_out=tuple(sorted({element.key for element in gone} | replaced)),
        lost=tuple(element.key for element in gone if element.key not in under_another_name),
        renamed=moved,
        put_out=tuple(e.key for e in edited if known[e.key].in_service and not e.in_service),
        recognised={key: element.key for key, element in recognition.same.items() if key not in mine},
        conflicts=tuple(sorted(conflicts)),
        problems=(*publication.problems, *_unclear(unclear, others)),
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
    gone = len(reconciliation.lost) + len(reconciliation.put_out)
    if gone and gone / known_of_source > share:
        raise TakeoutRefused(reconciliation.source, gone, known_of_source, share)


def _mine(
    known: Mapping[ElementKey, Element],
    publication: Publication,
    recognition: Recognition,
    precedence: Sequence[str],
    source: str,
) -> Iterator[Element]:
    """What of the publication belongs to ``source``, as it is to be kept."""
    ranks = {name: rank for rank, name in enumerate(precedence)}

    def is_left_to_others(key: ElementKey) -> bool:
        candidates = (recognition.same[key].key,) if key in recognition.same else recognition.unclear.get(key, ())
        last = len(ranks)
        return any(ranks.get(known[other].source, last) <= ranks.get(source, last) for other in candidates)

    for key, element in sorted(publication.elements.items()):
        if not is_left_to_others(key):
            home = recognition.at_home(element) if not element.is_site else element
            yield _called_on(replace(home, source=source), recognition.same.get(key) or known.get(key))


def _called_on(element: Element, before: Element | None) -> Element:
    """``element`` with what others than its source call it, now that it is what ``before`` was."""
    if before is None:
        return element
    said = before.elsewhere if before.source == element.source else before.elsewhere | _names(before, before.source)
    own = _own_names(element)
    return replace(element, elsewhere=frozenset((who, n) for who, n in said if who != element.source and n not in own))


def _own_names(element: Element) -> frozenset[str]:
    return frozenset((element.key.name, *element.aliases, *element.hosts))


def _names(element: Element, source: str) -> frozenset[tuple[str, str]]:
    return frozenset((source, name) for name in _own_names(element))


def _called(
    others: Mapping[ElementKey, Element],
    publication: Publication,
    recognition: Recognition,
    mine: Mapping[ElementKey, Element],
    source: str,
) -> Iterator[Element]:
    """Elements of other sources that ``source`` calls otherwise than before, or does not list any more."""
    called: dict[ElementKey, set[tuple[str, str]]] = {}
    for key, theirs in recognition.same.items():
        if key not in mine:
            names = _own_names(publication.elements[key]) - _own_names(theirs)
            called.setdefault(theirs.key, set()).update((source, name) for name in names)
    replaced = {theirs.key for key, theirs in recognition.same.items() if key in mine}
    for key, element in sorted(others.items()):
        stays = {(who, name) for who, name in element.elsewhere if who != source or not publication.conclusive}
        elsewhere = stays | called.get(key, set())
        if key not in replaced and elsewhere != element.elsewhere:
            yield replace(element, elsewhere=frozenset(elsewhere))


def _withdrawn(known: Mapping[ElementKey, Element], publication: Publication, source: str) -> Iterator[Element]:
    if publication.conclusive:
        yield from (element for _, element in sorted(known.items()) if element.source == source)


def _adopted(taken_over: Mapping[ElementKey, Element], added: Iterable[Element]) -> Mapping[ElementKey, ElementKey]:
    """Which of the ``added`` go on from what another source had under another name."""
    heirs: dict[ElementKey, ElementKey] = {}
    for element in added:
        theirs = taken_over.get(element.key)
        if theirs is not None and theirs.key != element.key:
            heirs.setdefault(theirs.key, element.key)
    return {after: before for before, after in heirs.items()}


def _unclear(unclear: Mapping[ElementKey, Sequence[ElementKey]], others: Mapping[ElementKey, Element]) -> Iterator[str]:
    for key, candidates in sorted(unclear.items()):
        named = ", ".join(f"{candidate.name} of {others[candidate].source!r}" for candidate in candidates[:NAMED_AT_MOST])
        more = f" and {len(candidates) - NAMED_AT_MOST:,} more" if len(candidates) > NAMED_AT_MOST else ""
        yield f"{key} goes by the same names or hosts as {named}{more}: it is not taken, as it cannot be told which it is."

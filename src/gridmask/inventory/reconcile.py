"""What a publication changes in the inventory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gridmask.domain.element import SITE
from gridmask.domain.listing import some
from gridmask.inventory.fates import fates
from gridmask.inventory.recognition import recognise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.fates import Fates
    from gridmask.inventory.publication import Publication
    from gridmask.inventory.recognition import Recognition


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
        merged: by key of each of the ``taken_out`` that turned out to be another element, that one's key.
        taken_over: elements that were another source's, and are ``source``'s from now on, under whatever name.
        put_out: those that were there, and that the source has just put out of service.
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
    merged: Mapping[ElementKey, ElementKey] = field(default_factory=dict)
    taken_over: tuple[ElementKey, ...] = ()
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
    own = {key: element for key, element in known.items() if element.source == source}
    recognition = recognise(publication.elements.values(), others, own)
    mine = frozenset(_mine(known, publication, recognition, precedence, source))
    unclear = {key: found for key, found in recognition.unclear.items() if key not in mine}
    conflicts = publication.conflicts | unclear.keys()
    become = fates(known, publication, recognition, mine, conflicts, source)
    kept = _kept(known, publication, recognition, mine, become, source)
    added = tuple(element for key, element in kept.items() if key not in known)
    own_edited = (element for key, element in kept.items() if key in known and known[key] != element)
    edited = (*own_edited, *_called(others, publication, recognition, become, mine, source))
    before = {element.key: known[element.key] for element in edited}
    was = before | {after: known[old] for after, old in become.renamed.items()}
    return Reconciliation(
        source,
        added=added,
        edited=edited,
        before=before,
        taken_out=become.gone,
        lost=become.lost,
        renamed=become.renamed,
        merged=become.merged,
        taken_over=tuple(sorted(recognition.same[key].key for key in mine if key in recognition.same)),
        put_out=tuple(e.key for e in (*added, *edited) if e.key in was and was[e.key].in_service and not e.in_service),
        recognised={key: element.key for key, element in recognition.same.items() if key not in mine},
        conflicts=tuple(sorted(conflicts)),
        problems=(*publication.problems, *_unclear(unclear, others)),
    )


def _mine(
    known: Mapping[ElementKey, Element],
    publication: Publication,
    recognition: Recognition,
    precedence: Sequence[str],
    source: str,
) -> Iterator[ElementKey]:
    """What of the publication belongs to ``source``."""
    ranks = {name: rank for rank, name in enumerate(precedence)}
    last = len(ranks)
    for key in publication.elements:
        candidates = (recognition.same[key].key,) if key in recognition.same else recognition.unclear.get(key, ())
        if all(ranks.get(known[other].source, last) > ranks.get(source, last) for other in candidates):
            yield key


def _kept(
    known: Mapping[ElementKey, Element],
    publication: Publication,
    recognition: Recognition,
    mine: Collection[ElementKey],
    become: Fates,
    source: str,
) -> dict[ElementKey, Element]:
    """What belongs to ``source``, as it is to be kept: at home, and by all the names that it goes by."""
    kept, homes = {}, recognition.homes(mine)
    for key in sorted(mine):
        listed = publication.elements[key]
        site = listed.site if listed.is_site else homes.get(listed.site, listed.site)
        home = replace(listed, site=site, source=source)
        origins = [known[origin] for origin in (key, *sorted(become.origins(key))) if origin in known]
        names = {pair for origin in origins for pair in _names_of(origin, home)}
        # a name that something else has now is not its name any more
        there = {pair for pair in names if pair[0] != source or not _is_there(key._replace(name=pair[1]), publication)}
        kept[key] = replace(home, elsewhere=frozenset(there))
    return kept


def _names_of(origin: Element, now: Element) -> frozenset[tuple[str, str]]:
    """What else than by its own source ``now`` is called, as it is what ``origin`` was."""
    if origin.source != now.source:
        return frozenset(pair for pair in origin.elsewhere if pair[0] != now.source) | _names(origin, origin.source, now)
    return origin.elsewhere if origin.key == now.key else origin.elsewhere | {(origin.source, origin.key.name)}


def _is_there(key: ElementKey, publication: Publication) -> bool:
    return key in publication.elements or key in publication.conflicts


def _names(element: Element, source: str, known: Element) -> frozenset[tuple[str, str]]:
    """What ``source``, which lists ``element``, calls ``known``; the name at any rate, which says that it lists it."""
    others = {*element.aliases, *element.hosts} - {known.key.name, *known.aliases, *known.hosts}
    return frozenset((source, name) for name in (element.key.name, *others))


def _called(
    others: Mapping[ElementKey, Element],
    publication: Publication,
    recognition: Recognition,
    become: Fates,
    mine: Collection[ElementKey],
    source: str,
) -> Iterator[Element]:
    """Elements of other sources that ``source`` calls otherwise than before, or does not list any more.

    Those at a site that has another name now move with it.
    """
    called: dict[ElementKey, frozenset[tuple[str, str]]] = defaultdict(frozenset)
    for key, theirs in recognition.same.items():
        if key not in mine:
            called[theirs.key] |= _names(publication.elements[key], source, theirs)
    sites = {old.name: new.name for old, new in become.elsewhere if old.family == SITE}
    replaced = {theirs.key for key, theirs in recognition.same.items() if key in mine}
    for key, element in sorted(others.items()):
        stays = element.elsewhere if _is_left_open(element, publication, source) else _of_others(element, source)
        site = element.site if element.is_site else sites.get(element.site, element.site)
        now = replace(element, site=site, elsewhere=stays | called[key])
        if key not in replaced and now != element:
            yield now


def _of_others(element: Element, source: str) -> frozenset[tuple[str, str]]:
    return frozenset(pair for pair in element.elsewhere if pair[0] != source)


def _is_left_open(element: Element, publication: Publication, source: str) -> bool:
    """Whether ``source`` may list ``element`` still, though it could not be read."""
    said = (element.key._replace(name=name) for who, name in element.elsewhere if who == source)
    return not publication.conclusive or any(key in publication.conflicts for key in said)


def _unclear(unclear: Mapping[ElementKey, Sequence[ElementKey]], others: Mapping[ElementKey, Element]) -> Iterator[str]:
    for key, candidates in sorted(unclear.items()):
        named = some(f"{candidate.name} of {others[candidate].source!r}" for candidate in candidates)
        yield f"{key} goes by the same names or hosts as {named}: it is not taken, as it cannot be told which it is."

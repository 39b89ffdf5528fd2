"""Weighing: whether what an inventory's answer would change is too much to be believed unseen (promise D3).

New elements weigh nothing, however many they are: nobody depends on them yet. What counts is what somebody would lose, and what
would be said otherwise of what is there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridmask.domain.element import SITE
from gridmask.domain.upheaval import NOTHING, Deed, Excess, Item, Upheaval, too_much
from gridmask.domain.vo import ALL
from gridmask.inventory.alterations import about, is_altered, is_moved, lists, told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.reconcile import Reconciliation

WORST = 3
"""So many VOs are named that would lose too much; the others lose with them, as a rule."""

_UNNAMED = ""
"""Every VO that no offer names: it may use what is offered to everyone."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an answer may do without a person's word.

    Attributes:
        takeout: the share of what is there that it may take back.
        change: the share that it may say otherwise.
    """

    takeout: float
    change: float


def weigh(
    change: Reconciliation, known: Mapping[ElementKey, Element], allowed: Allowed, of_late: Collection[ElementKey] = ()
) -> Upheaval:
    """What ``change`` would do to the inventory ``known``; nothing is told of what can be believed.

    ``of_late``: which elements of its source earlier answers took out or put out of service, each not too much by itself, and
    nobody said that it is right: they count with what would go now, so that nothing is lost in slices.
    """
    gone = _gone(change, known, allowed, of_late)
    excesses = (*(gone or _taken_from_vos(change, known, allowed)), *_altered(change, known, allowed))
    return Upheaval.of(_items(change, known), excesses) if excesses else NOTHING


def _gone(
    change: Reconciliation, known: Mapping[ElementKey, Element], allowed: Allowed, of_late: Collection[ElementKey]
) -> tuple[Excess, ...]:
    """Gone is what is taken out, and what is newly out of service: neither is in any mask afterwards."""
    gone = frozenset((*change.lost, *change.put_out))
    at_stake = sum(element.source == change.source for element in known.values()) + len(change.taken_over)
    now = too_much("take out", len(gone), at_stake, allowed.takeout, few=0)
    if now or not gone or not of_late:
        return now
    away = frozenset(_away(change, known, of_late))
    whole = at_stake + len(away - known.keys())
    return too_much("take out, with what went of late,", len(gone | away), whole, allowed.takeout)


def _away(change: Reconciliation, known: Mapping[ElementKey, Element], of_late: Collection[ElementKey]) -> Iterator[ElementKey]:
    """What of that which went of late does not come back by ``change``, and did not turn out to be another element."""
    back = {element.key for element in (*change.added, *change.edited) if element.in_service}
    called = {pair for element in known.values() for pair in element.elsewhere}
    for key in of_late:
        if key not in back and (change.source, key.name) not in called:
            yield key


def _taken_from_vos(change: Reconciliation, known: Mapping[ElementKey, Element], allowed: Allowed) -> Iterator[Excess]:
    """What would be taken from single VOs: elements that are not offered to them any more, or not there, or out of service."""
    taken_over = frozenset(change.taken_over)
    mine = {k: e for k, e in known.items() if e.in_service and (e.source == change.source or k in taken_over)}
    after, gone = _afterwards(change, known), frozenset(change.lost)
    named = {vo for key, element in mine.items() for vo in (*element.offered, *after.get(key, element).offered)}
    everyone = frozenset((*named, _UNNAMED, ALL))
    usable, lost = Counter[str](), Counter[str]()
    for offered, count in Counter(element.offered for element in mine.values()).items():
        usable.update(dict.fromkeys(_who(offered, everyone), count))
    for key, element in mine.items():
        if key in after or key in gone:
            lost.update(_who(element.offered, everyone) - _whose(after.get(key), everyone))
    found = [
        excess
        for vo in sorted(lost, key=lambda vo: (-lost[vo] / usable[vo], vo))
        for excess in too_much(_from(vo), lost[vo], usable[vo], allowed.takeout)
    ]
    yield from found[:WORST]


def _afterwards(change: Reconciliation, known: Mapping[ElementKey, Element]) -> dict[ElementKey, Element]:
    """By key of each known element that would be another, or another's, what it would be. What is lost is nothing."""
    become = {element.key: element for element in (*change.edited, *change.added)}
    after = {key: become[key] for key in change.before if key in become}
    after |= {old: become[new] for new, old in change.renamed.items()}
    return after | {old: become.get(new) or known[new] for old, new in change.merged.items() if new in become or new in known}


def _who(offered: frozenset[str], everyone: frozenset[str]) -> frozenset[str]:
    # the installation's own view has all that is there
    return offered | {ALL} if offered else everyone


def _whose(after: Element | None, everyone: frozenset[str]) -> frozenset[str]:
    return _who(after.offered, everyone) if after is not None and after.in_service else frozenset()


def _from(vo: str) -> str:
    if vo == ALL:
        return "take from service"
    return f"take from {vo}" if vo else "take from VOs that no offer names"


def _altered(change: Reconciliation, known: Mapping[ElementKey, Element], allowed: Allowed) -> Iterator[Excess]:
    listed = sum(lists(change.source, element) for element in known.values())
    # what another source has the say of from now on is told in its words
    stays = [(change.before[e.key], e) for e in change.edited if change.before[e.key].source == e.source]
    altered = sum(is_altered(before, after) for before, after in stays)
    yield from too_much("change the offer or the names of", altered, listed, allowed.takeout)
    homes = {old.name: new.name for new, old in change.renamed.items() if old.family == SITE}
    added = {element.key: element for element in change.added}
    renamed = [(known[old], added[new]) for new, old in change.renamed.items()]
    moved = sum(is_moved(before, after, homes) for before, after in (*stays, *renamed))
    yield from too_much("move or file otherwise", moved, listed, allowed.change)
    back = sum(after.in_service and not before.in_service for before, after in (*stays, *renamed))
    out = sum(lists(change.source, element) and not element.in_service for element in known.values())
    yield from too_much("put back into service", back, out, allowed.change)


def _items(change: Reconciliation, known: Mapping[ElementKey, Element]) -> Iterator[Item]:
    for key in change.lost:
        yield Item(Deed.REMOVE, str(key), about(known[key]))
    for old, new in change.merged.items():
        yield Item(Deed.CHANGE, str(old), "an element of its own", f"the same as {new}")
    for element in change.edited:
        before, after = told(change.before[element.key], element)
        if before != after:
            yield Item(Deed.CHANGE, str(element.key), before, after)
    for element in change.added:
        if element.key not in change.renamed:
            yield Item(Deed.ADD, str(element.key), "", about(element))
            continue
        was = known[change.renamed[element.key]]
        # what it was called is told by the name
        before, after = told(was, replace(element, elsewhere=was.elsewhere))
        called = f"called {element.key.name}" + (f"; {after}" if after else "")
        yield Item(Deed.CHANGE, str(was.key), before or f"called {was.key.name}", called)

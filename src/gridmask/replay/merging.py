"""Merging: outcomes of parts become that of the whole, be the parts some of the elements or some of the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from gridmask.domain.hindsight import Known
from gridmask.replay.outcome import Outcome, Past, changed, followed

if TYPE_CHECKING:
    from gridmask.domain.downtime import DowntimeKey
    from gridmask.domain.element import ElementKey
    from gridmask.domain.guard import Batch


def merged(parts: Iterable[Outcome]) -> Outcome:
    """The outcome of all ``parts`` together.

    They are of different elements, or of periods that follow each other; what both tell, such as a downtime of elements in
    different parts, counts once. In what order they come does not matter.

    Raises:
        ValueError: there are none.
    """
    ordered = sorted(parts, key=lambda one: (one.since, one.until))
    if not ordered:
        raise ValueError("there is nothing to merge")
    keys = sorted({key for part in ordered for key in part.pasts})
    return Outcome(
        ordered[0].since,
        max(part.until for part in ordered),
        max(ordered, key=attrgetter("until")).policies,
        {key: _past(key, ordered) for key in keys},
        {vo: changed(p for part in ordered for p in part.vos.get(vo, ())) for vo in sorted(_vos(ordered))},
        tuple(_versions(ordered)),
        tuple(sorted({deed for part in ordered for deed in part.deeds})),
        _batches(ordered),
    )


def _vos(parts: Sequence[Outcome]) -> set[str]:
    return {vo for part in parts for vo in part.vos}


def _past(key: ElementKey, parts: Sequence[Outcome]) -> Past:
    found = [part.pasts[key] for part in parts if key in part.pasts]
    if len(found) == 1:
        return found[0]
    names = sorted({name for past in found for name in past.rows})
    rows = {name: followed(moment for past in found for moment in past.rows.get(name, ())) for name in names}
    return Past(changed(one for past in found for one in past.described), rows)


def _versions(parts: Sequence[Outcome]) -> Iterator[Known]:
    """Each version once, up to the one that replaced it: of one that was over, a later part need not know any more."""
    found: dict[DowntimeKey, list[Known]] = {}
    for part in parts:
        for one in part.versions:
            found.setdefault(one.downtime.key, []).append(one)
    each = (one for versions in found.values() for one in _in_turn(sorted(versions, key=lambda one: one.known_from)))
    yield from sorted(each, key=lambda one: (one.known_from, one.downtime.key, one.known_to is None))


def _in_turn(versions: Iterable[Known]) -> Iterator[Known]:
    last: Known | None = None
    for one in versions:
        if last is None:
            last = one
        elif last.downtime == one.downtime and (last.known_to is None or last.known_from == one.known_from):
            last = Known(last.downtime, last.known_from, one.known_to)
        else:
            yield last if last.known_to is not None else Known(last.downtime, last.known_from, one.known_from)
            last = one
    if last is not None:
        yield last


def _batches(parts: Sequence[Outcome]) -> dict[str, Batch]:
    """The batches, each as it was at last."""
    found = {name: batch for part in parts for name, batch in part.batches.items()}
    return {name: found[name] for name in sorted(found)}

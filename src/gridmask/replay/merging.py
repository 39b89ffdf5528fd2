"""Merging: outcomes of parts become that of the whole, be the parts some of the elements or some of the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from gridmask.domain.hindsight import Known
from gridmask.replay.outcome import Outcome, Past, changed, followed

if TYPE_CHECKING:
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
        dict(sorted(_batches(ordered))),
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
    """Each version once. That it was replaced may be told by a later part alone."""
    found: dict[tuple[object, ...], Known] = {}
    for part in parts:
        for one in part.versions:
            name = one.downtime.key, one.known_from, one.downtime.targets, one.downtime.interval, one.downtime.severity
            known = found.get(name)
            if known is None or known.known_to is None:
                found[name] = one
    yield from sorted(found.values(), key=lambda one: (one.known_from, one.downtime.key, one.known_to is None))


def _batches(parts: Sequence[Outcome]) -> Iterator[tuple[str, Batch]]:
    for part in parts:
        yield from part.batches.items()

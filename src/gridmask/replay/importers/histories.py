"""Histories: every published version of downtimes, and an inventory, as a recording.

What is published by others tells when each version of a downtime was to be seen, and nothing of what anybody decided. So the
recording is not a lived one: a replay decides by the policies that it is given, or else by those that it is made with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.actor import Actor, ActorKind
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, is_over
from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.events import DowntimesChanged
from gridmask.domain.evidence import DOWNTIME, Coverage
from gridmask.recording.events import told
from gridmask.recording.forms import Announced
from gridmask.recording.recording import Document, Line, Recording
from gridmask.recording.world import Surroundings, World

if TYPE_CHECKING:
    from gridmask.inventory.publication import Publication

SOURCE = "history"
"""What downtimes of a history name as their source."""


class Early(StrEnum):
    """What versions are taken for that became known before records of that were kept: all at once, long after the fact."""

    HAPPENED = "happened"
    KNOWN = "known"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a downtime, and from when until when it was the one to be seen; ``known_to`` None: it still is."""

    downtime: Downtime
    known_from: datetime
    known_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Versions of downtimes, and what is to be made of them.

    Attributes:
        versions: all of them.
        problems: what could not be read, for people.
        early_until: what became known before this moment is early; None: nothing is.
        early: what that is taken for.
    """

    versions: tuple[Version, ...]
    problems: tuple[str, ...] = ()
    early_until: datetime | None = None
    early: Early = Early.HAPPENED

    def told(self) -> tuple[Version, ...]:
        """The versions, with what is early as it is to be taken. It begins at its start then, and was known by that.

        Of early versions of one downtime, those that others replaced before records were kept never counted.
        """
        if self.early_until is None or self.early is Early.KNOWN:
            return self.versions
        recent = [one for one in self.versions if one.known_from >= self.early_until]
        if self.early is Early.OMITTED:
            return tuple(recent)
        lasting = (one for one in self.versions if one.known_from < self.early_until and _lasts(one, self.early_until))
        return tuple(replace(one, known_from=min(one.known_from, one.downtime.interval.start)) for one in lasting) + tuple(
            recent
        )


def _lasts(one: Version, until: datetime) -> bool:
    return one.known_to is None or one.known_to >= until


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is: elements, their types, VOs."""

    elements: Mapping[ElementKey, Element] = field(default_factory=dict)
    types: TypeRegistry = field(default_factory=TypeRegistry)
    vos: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, publication: Publication) -> Inventory:
        """What ``publication`` tells."""
        types = TypeRegistry().with_types(*publication.types)
        return cls(publication.elements, types, publication.vos, publication.problems)

    def with_those_named(self, versions: Iterable[Version]) -> Inventory:
        """It, and every element that only a downtime names: of no site, and offered to everyone."""
        named = {target for one in versions for target in one.downtime.targets if isinstance(target, ElementKey)}
        found = {
            key: Element(key, "", category=self.types.get(key.type).category) for key in sorted(named - self.elements.keys())
        }
        return replace(self, elements={**self.elements, **found})


def recording_of(
    inventory: Inventory,
    history: History,
    policies: tuple[str, Document],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Recording:
    """The recording of ``history`` happening to ``inventory``, from ``since`` up to ``until``; None: all of it.

    ``policies``: those that a replay decides by unless it is told others; their revision, and their document.

    Raises:
        InvalidRequest: nothing is known of that time.
    """
    versions = history.told()
    if not versions:
        raise InvalidRequest("There is no version of any downtime in it.")
    comings = _comings(versions)
    begin, end = since or comings[0][0], until or comings[-1][0]
    if begin > end:
        raise InvalidRequest(
            f"Nothing is known from {begin:%FT%TZ} on: the last that is was learnt at {comings[-1][0]:%FT%TZ}."
        )
    standing: dict[DowntimeKey, Version] = {}
    for at, gone, come in comings:
        if at <= begin:
            _advance(standing, gone, come)
    world = World(
        at=begin,
        policies=policies[0],
        surroundings=_surroundings(inventory, begin),
        elements=tuple(element for _, element in sorted(inventory.elements.items())),
        downtimes=tuple(_announced(standing, begin)),
    )
    later = (coming for coming in comings if begin < coming[0] <= end)
    return Recording(world, tuple(_lines(standing, later)), {policies[0]: policies[1]}, end, begin, lived=False)


def _surroundings(inventory: Inventory, at: datetime) -> Surroundings:
    # whoever keeps such a history has every answer: silence means that there is nothing to say
    coverage = (Coverage(SOURCE, DOWNTIME, at),)
    return Surroundings(types=tuple(inventory.types.by_name.values()), vos=inventory.vos, coverage=coverage)


def _announced(standing: Mapping[DowntimeKey, Version], now: datetime) -> Iterator[tuple[datetime, Announced]]:
    known = sorted((one.known_from, key, one.downtime) for key, one in standing.items() if not is_over(one.downtime, now))
    return ((at, Announced.of(downtime)) for at, _, downtime in known)


_Coming = tuple[datetime, list[Version], list[Version]]
"""A moment; the versions that are not to be seen any more from then on, and those that are."""


def _comings(versions: Iterable[Version]) -> list[_Coming]:
    found: dict[datetime, _Coming] = {}
    for one in versions:
        if one.known_to is not None and one.known_to <= one.known_from:
            continue  # nobody ever saw it
        found.setdefault(one.known_from, (one.known_from, [], []))[2].append(one)
        if one.known_to is not None:
            found.setdefault(one.known_to, (one.known_to, [], []))[1].append(one)
    return [found[at] for at in sorted(found)]


def _advance(standing: dict[DowntimeKey, Version], gone: Iterable[Version], come: Iterable[Version]) -> None:
    for one in gone:
        if standing.get(one.downtime.key) is one:
            del standing[one.downtime.key]
    standing.update({one.downtime.key: one for one in come})


def _lines(standing: dict[DowntimeKey, Version], comings: Iterable[_Coming]) -> Iterator[Line]:
    for at, gone, come in comings:
        keys = sorted({one.downtime.key for one in (*gone, *come)})
        before = {key: standing[key].downtime for key in keys if key in standing}
        _advance(standing, gone, come)
        after = {key: standing[key].downtime for key in keys if key in standing}
        change = Difference(
            added=tuple(one for key, one in after.items() if key not in before),
            edited=tuple(one for key, one in after.items() if key in before and before[key] != one),
            withdrawn=tuple(key for key, one in before.items() if key not in after and not is_over(one, at)),
        )
        if change:
            replaced = {key: before[key] for key in (*(one.key for one in change.edited), *change.withdrawn)}
            yield Line(at, told(DowntimesChanged(SOURCE, change, replaced, actor=_PUBLISHER)), "downtimes")


_PUBLISHER = Actor(SOURCE, ActorKind.AUTOMATION)

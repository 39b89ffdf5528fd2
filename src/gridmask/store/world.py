"""Loads the part of the world that an event can touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.naming import Target, handle, handles
from gridmask.domain.policy import PolicySet
from gridmask.domain.state import State, group, with_evidence
from gridmask.store import downtimes, elements, evidence, guard, rulings, sources, statuses, vos

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Scope:
    """Which elements to load, with all their rows and all evidence about them.

    Attributes:
        elements: these; None: every one.
        targets: and those that these mean.
        coming: elements that are about to be saved, about which there may be evidence already.
    """

    elements: frozenset[ElementKey] | None = frozenset()
    targets: frozenset[Target] = frozenset()
    coming: tuple[Element, ...] = ()

    @classmethod
    def of(cls, keys: Iterable[ElementKey], *, coming: Iterable[Element] = ()) -> Scope:
        """Just these."""
        return cls(frozenset(keys), coming=tuple(coming))

    @classmethod
    def meant_by(cls, targets: Iterable[Target]) -> Scope:
        """Those that ``targets`` mean."""
        return cls(targets=frozenset(targets))


EVERYTHING = Scope(None)


async def load(connection: AsyncConnection, scope: Scope, policies: PolicySet, types: TypeRegistry, now: datetime) -> State:
    """The state of what is in ``scope``.

    Elements that were taken out come with their rows alone: should they return, they go on from there.
    """
    wanted = scope.elements
    if wanted is not None and scope.targets:
        wanted |= await elements.meant_by(connection, scope.targets)
    ids, present = await elements.find(connection, wanted)
    if wanted is not None and policies.reaches:
        # whoever follows others needs all of them to see
        places = {element.site for element in (*present.values(), *scope.coming)}
        ids, present = await elements.find(connection, wanted | await elements.at_sites(connection, places))
    known_as = None if wanted is None else {name for e in (*present.values(), *scope.coming) for name in handles(e)}
    if known_as is not None:
        # what is told of something that is not there yet must not be replaced by what is older
        known_as |= {handle(target) for target in scope.targets}
    versions = await downtimes.pending(connection, known_as, now)
    declared = (item for version in versions for item in version.downtime.evidence(version.known_from))
    known_vos = await vos.load(connection)
    return State(
        policies=policies,
        types=types,
        vos=known_vos,
        elements=Map(present),
        rows=group(await statuses.load(connection, None if wanted is None else ids.values())),
        rulings=await rulings.load(connection, None if wanted is None else ids.values()),
        evidence=with_evidence(Map(), (*declared, *await evidence.about(connection, known_as))),
        coverage=await sources.coverage(connection),
        watch=await guard.load(connection, policies.guard, now),
        is_whole=wanted is None,
    )

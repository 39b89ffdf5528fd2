"""Loads the part of the world that an event can touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.policy import PolicySet
from gridmask.domain.state import State, group, with_evidence
from gridmask.store import downtimes, elements, sources, statuses, vos

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Scope:
    """Which elements to load, with all their rows and all evidence about them. ``elements`` None: every one."""

    elements: frozenset[ElementKey] | None

    @classmethod
    def of(cls, keys: Iterable[ElementKey]) -> Scope:
        """Just these."""
        return cls(frozenset(keys))


EVERYTHING = Scope(None)


async def load(connection: AsyncConnection, scope: Scope, policies: PolicySet, types: TypeRegistry, now: datetime) -> State:
    """The state of what is in ``scope``.

    Elements that were taken out come with their rows alone: should they return, they go on from there.
    """
    ids, present = await elements.find(connection, scope.elements)
    versions = await downtimes.pending(connection, scope.elements, now)
    return State(
        policies=policies,
        types=types,
        vos=await vos.load(connection),
        elements=Map(present),
        rows=group(await statuses.load(connection, None if scope.elements is None else ids.values())),
        evidence=with_evidence(Map(), (item for v in versions for item in v.downtime.evidence(v.known_from))),
        coverage=await sources.coverage(connection),
    )

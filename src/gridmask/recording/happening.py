"""Happenings: events with when they happened, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import TypeRegistry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.events import Event
    from gridmask.domain.evidence import Coverage, EvidenceKey
    from gridmask.domain.state import State


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What no event tells of the world, and decisions depend on.

    Attributes:
        types: the element types.
        vos: the VOs that there are.
        coverage: who speaks about what, as of just before the event.
    """

    types: TypeRegistry = field(default_factory=TypeRegistry)
    vos: frozenset[str] = frozenset()
    coverage: Mapping[tuple[str, str], Coverage] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State) -> Circumstances:
        """Those of ``state``."""
        return cls(state.types, state.vos, state.coverage)

    def alike(self, other: Circumstances | None) -> bool:
        """Whether nothing but times is other than in ``other``: of these, events tell."""
        return other is not None and _standing(self) == _standing(other)


def _standing(one: Circumstances) -> tuple[object, ...]:
    return one.types, one.vos, {key: coverage.inventories for key, coverage in one.coverage.items()}


@dataclass(frozen=True, slots=True)
class Happening:
    """That ``event`` happened ``at`` a moment.

    Attributes:
        at: when.
        event: what.
        action: what people call it.
        revision: the revision that it led to; None: it made none, or nobody noted it.
        circumstances: what had become otherwise by then without an event; None: nothing.
        forgotten: measurements that were not kept any more by then, long after they had expired.
    """

    at: datetime
    event: Event
    action: str = ""
    revision: int | None = None
    circumstances: Circumstances | None = None
    forgotten: tuple[EvidenceKey, ...] = ()

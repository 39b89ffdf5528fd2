"""What a decision can depend on: the world as :func:`~gridmask.domain.step.step` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey
from gridmask.domain.mask import Holding
from gridmask.domain.policy import PolicySet
from gridmask.domain.row import Row, Rows

if TYPE_CHECKING:
    from gridmask.domain.downtime import DowntimeKey

NO_ROWS: Rows = {}


@dataclass(frozen=True, slots=True)
class State:
    """The world, or the part of it that an event can touch.

    Elements do not influence each other: a part that holds some of them whole, with all their rows and all evidence about them,
    gives the same decisions about them as the whole would.
    """

    policies: PolicySet = field(default_factory=PolicySet)
    types: TypeRegistry = field(default_factory=TypeRegistry)
    vos: frozenset[str] = frozenset()
    elements: Map[ElementKey, Element] = field(default_factory=Map)
    rows: Map[ElementKey, Rows] = field(default_factory=Map)
    evidence: Map[ElementKey, Mapping[EvidenceKey, Evidence]] = field(default_factory=Map)
    coverage: Mapping[tuple[str, str], Coverage] = field(default_factory=dict)

    def holding(self, key: ElementKey) -> Holding | None:
        """An element with its rows, if it is in the inventory."""
        element = self.elements.get(key)
        return Holding(element, self.rows.get(key, NO_ROWS)) if element else None

    def coverage_in_order(self) -> tuple[Coverage, ...]:
        """All coverage, in an order that does not depend on its arrival."""
        return tuple(coverage for _, coverage in sorted(self.coverage.items()))


def with_evidence(
    evidence: Map[ElementKey, Mapping[EvidenceKey, Evidence]], put: Iterable[Evidence]
) -> Map[ElementKey, Mapping[EvidenceKey, Evidence]]:
    """``evidence`` and ``put``; the later of one key replaces the earlier."""
    draft = evidence.mutate()
    for item in put:
        draft[item.key.about] = {**draft.get(item.key.about, {}), item.key: item}
    return draft.finish()


def without_record(
    evidence: Map[ElementKey, Mapping[EvidenceKey, Evidence]], record: DowntimeKey, about: Iterable[ElementKey]
) -> Map[ElementKey, Mapping[EvidenceKey, Evidence]]:
    """``evidence`` without what ``record`` says about the elements ``about``."""
    draft = evidence.mutate()
    for key in about:
        draft[key] = {k: v for k, v in draft.get(key, {}).items() if (k.source, k.record) != record}
    return draft.finish()


def group(rows: Iterable[Row]) -> Map[ElementKey, Rows]:
    """``rows`` by element."""
    grouped: dict[ElementKey, dict[tuple[str, str], Row]] = {}
    for row in rows:
        grouped.setdefault(row.key.element, {})[row.key.status_type, row.key.vo] = row
    return Map(grouped)

"""What a decision can depend on: the world as :func:`~gridmask.domain.step.step` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.automation import Rulings
from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey
from gridmask.domain.guard import NOTHING_WATCHED, Census, Watch
from gridmask.domain.mask import Holding
from gridmask.domain.naming import Target, handle, handles, names
from gridmask.domain.policy import PolicySet
from gridmask.domain.row import Row, Rows

if TYPE_CHECKING:
    from gridmask.domain.downtime import DowntimeKey

NO_ROWS: Rows = {}

Hearsay = Map[str, Mapping[EvidenceKey, Evidence]]
"""Evidence by the handle of what it is about, whether or not there is such an element."""


@dataclass(frozen=True, slots=True)
class State:
    """The world, or the part of it that an event can touch.

    Elements do not influence each other: a part that holds some of them whole, with all their rows and all evidence about them,
    gives the same decisions about them as the whole would. A part that is not ``is_whole`` needs the ``census`` of the whole
    where it takes so much that shares decide (:class:`~gridmask.domain.guarding.CensusNeeded`).
    """

    policies: PolicySet = field(default_factory=PolicySet)
    types: TypeRegistry = field(default_factory=TypeRegistry)
    vos: frozenset[str] = frozenset()
    elements: Map[ElementKey, Element] = field(default_factory=Map)
    rows: Map[ElementKey, Rows] = field(default_factory=Map)
    rulings: Map[ElementKey, Rulings] = field(default_factory=Map)
    evidence: Hearsay = field(default_factory=Map)
    coverage: Mapping[tuple[str, str], Coverage] = field(default_factory=dict)
    watch: Watch = NOTHING_WATCHED
    census: Census | None = None
    is_whole: bool = True

    def holding(self, key: ElementKey) -> Holding | None:
        """An element with its rows, if it is in the inventory."""
        element = self.elements.get(key)
        return Holding(element, self.rows.get(key, NO_ROWS)) if element else None

    def evidence_about(self, element: Element) -> tuple[Evidence, ...]:
        """What is known about ``element``, under whatever name. A record that means it twice says it once: what is newest."""
        found: dict[tuple[str, str, str], Evidence] = {}
        for name in handles(element):
            for key, item in self.evidence.get(name, NOTHING).items():
                if names(key.about, element):
                    says = key.source, key.record, item.vo
                    found[says] = max(found.get(says, item), item, key=lambda e: (e.observed_at, e.key))
        return tuple(found.values())

    def coverage_in_order(self) -> tuple[Coverage, ...]:
        """All coverage, in an order that does not depend on its arrival."""
        return tuple(coverage for _, coverage in sorted(self.coverage.items()))


NOTHING: Mapping[EvidenceKey, Evidence] = {}


def with_evidence(evidence: Hearsay, put: Iterable[Evidence]) -> Hearsay:
    """``evidence`` and ``put``; the later of one key replaces the earlier."""
    draft = evidence.mutate()
    for item in put:
        name = handle(item.key.about)
        draft[name] = {**draft.get(name, NOTHING), item.key: item}
    return draft.finish()


def without_evidence(evidence: Hearsay, keys: Iterable[EvidenceKey]) -> Hearsay:
    """``evidence`` without the pieces ``keys``."""
    draft = evidence.mutate()
    for key in keys:
        name = handle(key.about)
        draft[name] = {k: v for k, v in draft.get(name, NOTHING).items() if k != key}
    return draft.finish()


def without_record(evidence: Hearsay, record: DowntimeKey, about: Iterable[Target]) -> Hearsay:
    """``evidence`` without what ``record`` says about the targets ``about``."""
    draft = evidence.mutate()
    for name in {handle(target) for target in about}:
        draft[name] = {k: v for k, v in draft.get(name, NOTHING).items() if (k.source, k.record) != record}
    return draft.finish()


def group(rows: Iterable[Row]) -> Map[ElementKey, Rows]:
    """``rows`` by element."""
    grouped: dict[ElementKey, dict[tuple[str, str], Row]] = {}
    for row in rows:
        grouped.setdefault(row.key.element, {})[row.key.status_type, row.key.vo] = row
    return Map(grouped)

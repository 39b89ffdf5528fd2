"""What a decision can depend on: the world as :func:`~gridmask.domain.step.step` sees it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.automation import Rulings
from gridmask.domain.directory import Directory, Lookup
from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.evidence import DECLARATIONS, Coverage, Evidence, EvidenceKey
from gridmask.domain.guard import NOTHING_WATCHED, Census, Watch
from gridmask.domain.mask import Holding
from gridmask.domain.naming import Target, handle, handles, names
from gridmask.domain.policy import PolicySet
from gridmask.domain.row import Row, Rows

if TYPE_CHECKING:
    from datetime import datetime

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
    _lookup: Lookup = field(default_factory=Lookup, repr=False, compare=False)

    @property
    def directory(self) -> Directory:
        """By what its elements are looked up."""
        return self._lookup.of(self.elements)

    def with_elements(self, elements: Map[ElementKey, Element], changed: Collection[ElementKey]) -> State:
        """It with ``elements``, which differ from its own in ``changed`` ones alone."""
        return replace(self, elements=elements, _lookup=Lookup(self.directory.after(elements, changed)))

    def holding(self, key: ElementKey) -> Holding | None:
        """An element with its rows, if it is in the inventory."""
        element = self.elements.get(key)
        return Holding(element, self.rows.get(key, NO_ROWS)) if element else None

    def evidence_about(self, element: Element) -> tuple[Evidence, ...]:
        """What is known about ``element``, under whatever name. A record that means it twice says it once: what is newest."""
        found: dict[tuple[str, str, str], Evidence] = {}
        for name in dict.fromkeys(handles(element)):
            for key, item in self.evidence.get(name, NOTHING).items():
                if names(key.about, element):
                    says = key.source, key.record, item.vo
                    before = found.get(says)
                    found[says] = item if before is None else max(before, item, key=lambda e: (e.observed_at, e.key))
        return tuple(found.values())

    def coverage_in_order(self) -> tuple[Coverage, ...]:
        """All coverage, in an order that does not depend on its arrival."""
        return tuple(coverage for _, coverage in sorted(self.coverage.items()))


NOTHING: Mapping[EvidenceKey, Evidence] = {}


def with_evidence(evidence: Hearsay, put: Iterable[Evidence]) -> Hearsay:
    """``evidence`` and ``put``; the later of one key replaces the earlier."""
    by_handle: dict[str, dict[EvidenceKey, Evidence]] = {}
    for item in put:
        by_handle.setdefault(handle(item.key.about), {})[item.key] = item
    return evidence.update({name: {**evidence.get(name, NOTHING), **items} for name, items in by_handle.items()})


def without_what_is_over(evidence: Hearsay, about: Iterable[Target], now: datetime) -> Hearsay:
    """``evidence`` without declarations about the targets ``about`` that have ended: nothing follows from them any more."""
    draft = evidence.mutate()
    for name in {handle(target) for target in about}:
        known = draft.get(name, NOTHING)
        left = {key: item for key, item in known.items() if item.kind not in DECLARATIONS or item.counts(now)}
        if len(left) < len(known):
            draft[name] = left
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

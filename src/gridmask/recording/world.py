"""The world in a form that can be written down: how everything stood at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

import msgspec
from immutables import Map

from gridmask.domain.automation import Ruling
from gridmask.domain.downtime import Downtime
from gridmask.domain.element import Element, ElementKey, ElementType, TypeRegistry
from gridmask.domain.evidence import DOWNTIME, Coverage, Evidence
from gridmask.domain.guard import Batch, Taking, Watch
from gridmask.domain.row import Row
from gridmask.domain.state import State, group, with_evidence
from gridmask.recording.events import Policies
from gridmask.recording.forms import Announced, Measured, readable
from gridmask.recording.happening import Circumstances


class Surroundings(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Circumstances."""

    types: tuple[ElementType, ...] = ()
    vos: frozenset[str] = frozenset()
    coverage: tuple[Coverage, ...] = ()

    @classmethod
    def of(cls, one: Circumstances) -> Self:
        """The form of ``one``."""
        coverage = tuple(coverage for _, coverage in sorted(one.coverage.items()))
        return cls(types=tuple(one.types.by_name.values()), vos=one.vos, coverage=coverage)

    def circumstances(self) -> Circumstances:
        """What it is the form of."""
        types = TypeRegistry({one.name: one for one in self.types})
        return Circumstances(types, self.vos, {(one.source, one.kind): one for one in self.coverage})


class World(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Everything that decisions depend on; of the policies, their revision.

    ``downtimes`` holds the versions that stand, each with when it became known.
    """

    at: datetime
    policies: str
    surroundings: Surroundings = Surroundings()
    elements: tuple[Element, ...] = ()
    rows: tuple[Row, ...] = ()
    rulings: tuple[tuple[ElementKey, str, Ruling], ...] = ()
    downtimes: tuple[tuple[datetime, Announced], ...] = ()
    measured: tuple[Measured, ...] = ()
    batches: tuple[Batch, ...] = ()
    recent: tuple[Taking, ...] = ()

    @classmethod
    def of(cls, state: State, at: datetime) -> Self:
        """The form of ``state``, which is whole, as it was ``at`` a moment."""
        said = [item for known in state.evidence.values() for item in known.values()]
        rulings = ((key, vo, one) for key, some in sorted(state.rulings.items()) for vo, one in sorted(some.items()))
        return cls(
            at=at,
            policies=state.policies.revision,
            surroundings=Surroundings.of(Circumstances.of(state)),
            elements=tuple(element for _, element in sorted(state.elements.items())),
            rows=tuple(row for _, rows in sorted(state.rows.items()) for _, row in sorted(rows.items())),
            rulings=tuple(rulings),
            downtimes=tuple(_declared(said)),
            measured=tuple(sorted(map(Measured.of, _measured(said)), key=lambda one: (one.key.source, one.key.record))),
            batches=tuple(batch for _, batch in sorted(state.watch.batches.items())),
            recent=state.watch.recent,
        )

    def state(self, policies: Policies) -> State:
        """What it is the form of."""
        around = self.surroundings.circumstances()
        declared = (item for known_from, one in self.downtimes for item in one.downtime().evidence(known_from))
        return State(
            policies=policies(self.policies),
            types=around.types,
            vos=around.vos,
            elements=Map({element.key: element for element in self.elements}),
            rows=group(self.rows),
            rulings=_by_element(self.rulings),
            evidence=with_evidence(Map(), (*declared, *readable(self.measured))),
            coverage=around.coverage,
            watch=Watch(self.recent, {batch.id: batch for batch in self.batches}),
        )


def _declared(said: list[Evidence]) -> Iterator[tuple[datetime, Announced]]:
    found = {(item.observed_at, item.value.key): item.value for item in said if isinstance(item.value, Downtime)}
    return ((at, Announced.of(downtime)) for (at, _), downtime in sorted(found.items(), key=lambda one: one[0]))


def _measured(said: list[Evidence]) -> Iterator[Evidence]:
    return (item for item in said if item.kind != DOWNTIME)


def _by_element(rulings: tuple[tuple[ElementKey, str, Ruling], ...]) -> Map[ElementKey, dict[str, Ruling]]:
    found: dict[ElementKey, dict[str, Ruling]] = {}
    for key, vo, one in rulings:
        found.setdefault(key, {})[vo] = one
    return Map(found)

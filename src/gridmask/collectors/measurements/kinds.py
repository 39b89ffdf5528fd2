"""What a source of this kind is called in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.measurements import reader

if TYPE_CHECKING:
    from gridmask.collectors.observations import Observations
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


def _read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    del types  # a measurement tells of what it is about
    return reader.read(answer.bodies[0], source.name, source.valid_for)


KINDS = {"measurements": MeasurementKind(_read)}

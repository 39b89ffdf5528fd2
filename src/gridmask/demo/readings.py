"""Readings: what is measured in the play, and reported as any script reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gridmask.demo.data import EVERY_KEY_IS_KNOWN
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What is measured from the hour ``at`` on, until the next reading; ``value`` is as its kind has it."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    at: float
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one thing through the week, in hours since it began.

    Attributes:
        source: who measures.
        kind: what sort of measurement.
        about: what is measured: a ``type`` and ``name``, or a ``host``.
        readings: what is found, in order.
        vo: whom it is about; everyone, if nobody is named.
    """

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    source: str
    kind: str
    about: dict[str, str]
    readings: tuple[Reading, ...]
    vo: str = ALL


@dataclass(frozen=True, slots=True)
class Measured:
    """The latest ``reading`` of a ``series``, at the moment ``at``; the next one comes at ``next_at``."""

    series: Series
    reading: Reading
    at: datetime
    next_at: datetime

    def document(self, until: datetime) -> dict[str, Any]:
        """It as whoever measured reports it, to count until then."""
        return {
            "kind": self.series.kind,
            "about": self.series.about,
            "vo": self.series.vo,
            "value": self.reading.value,
            "observed_at": self.at.isoformat(),
            "valid_until": until.isoformat(),
        }

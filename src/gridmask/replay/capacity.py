"""Capacity: how much there is of an element, where its inventory tells."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.domain.element import Element


class Unit(StrEnum):
    """What capacity is counted in; the names are those of the facts that tell it."""

    CORES = "cores"
    HS23 = "hs23"
    TB = "storage_tb"

    @property
    def label(self) -> str:
        """What an hour of it is called."""
        return {Unit.CORES: "core-hours", Unit.HS23: "HS23-hours", Unit.TB: "TB-hours"}[self]


def capacity(element: Element) -> Mapping[Unit, float]:
    """How much there is of ``element``; nothing where its inventory does not say, or says what is no number above 0."""
    found = {unit: element.facts.get(unit.value) for unit in Unit}
    return {
        unit: float(said)
        for unit, said in found.items()
        if isinstance(said, int | float) and not isinstance(said, bool) and isfinite(said) and said > 0
    }

"""Automation: how far the loop may go with an element, by what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.errors import NotKnown
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.transition import Standing


class Mode(StrEnum):
    """How far automation may go: all the way; to exclude, but not to free; to say what it would do; or not even that."""

    FULL = "full"
    EXCLUDE_ONLY = "exclude-only"
    OBSERVE_ONLY = "observe-only"
    OFF = "off"

    @classmethod
    def parse(cls, name: str) -> Mode:
        """The mode called ``name``, whatever its case.

        Raises:
            NotKnown: there is no such mode.
        """
        try:
            return cls(name.lower())
        except ValueError:
            raise NotKnown("mode", name, (mode.value for mode in cls)) from None

    def permits(self, standing: Standing, asked: Status) -> bool:
        """Whether automation may make a row that stands at ``standing`` be ``asked``.

        Excluding is whatever is not to free: to let go what is not usable takes a person, unless nothing was known of it.
        """
        if self is Mode.FULL or asked is standing.status:
            return True
        if self is not Mode.EXCLUDE_ONLY:
            return False
        fresh = standing.status is Status.UNKNOWN and not standing.owes_probing
        return fresh or usable(standing.status) or (asked <= standing.status and not usable(asked))


@dataclass(frozen=True, slots=True)
class Ruling:
    """That a person decided on a mode: who, why and when."""

    mode: Mode
    by: str
    reason: str
    at: datetime


Rulings = Mapping[str, Ruling]
"""What was decided about one element, by VO: that of a VO counts for its rows, that of ``all`` for all others."""

NO_RULINGS: Rulings = {}


def ruled(rulings: Rulings, by_layer: Mapping[str, Mode], vo: str) -> Mode:
    """The mode for the rows of ``vo``: what was decided about the element, else what the policy layers say of every element."""
    ruling = rulings.get(vo) or rulings.get(ALL)
    if ruling is not None:
        return ruling.mode
    return by_layer.get(vo) or by_layer.get(ALL, Mode.FULL)

"""Hearing: of the evidence about one element, which part each VO hears.

Most VOs hear the same. What rules work out about that is kept with it, so that of many rules and VOs one alone has to.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gridmask.domain.evidence import Evidence, heard_by
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime


class Heard(tuple[Evidence, ...]):  # noqa: SLOT001 - what is worked out has to be kept somewhere
    """What a VO hears of an element, in an order that does not depend on its arrival."""

    @cached_property
    def by_kind(self) -> dict[str, list[Evidence]]:
        """It by its kind, each in the same order."""
        found: dict[str, list[Evidence]] = {}
        for item in self:
            found.setdefault(item.kind, []).append(item)
        return found

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What rules worked out about it, whatever the time, for those after them."""
        return {}


def of_kind(evidence: tuple[Evidence, ...], kind: str) -> Sequence[Evidence]:
    """The part of ``evidence`` that is of ``kind``, in the same order."""
    if isinstance(evidence, Heard):
        return evidence.by_kind.get(kind, ())
    return [item for item in evidence if item.kind == kind]


class Hearing:
    """The evidence about one element, as each VO hears it."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self.evidence = tuple(evidence)
        self._own = frozenset([item.vo for item in self.evidence])
        self._heard: dict[str, Heard] = {}

    def by(self, vo: str) -> Heard:
        """What ``vo`` hears: the very same object for all VOs about which nothing is said in particular."""
        whose = vo if vo in self._own else ALL
        found = self._heard.get(whose)
        if found is None:
            found = self._heard[whose] = Heard(heard_by(whose, self.evidence))
        return found

    def ends_of_own(self, vo: str, now: datetime) -> Iterator[datetime]:
        """When evidence about ``vo`` in particular stops counting: a row may owe its existence to it."""
        if vo != ALL and vo in self._own:
            yield from (e.valid_until for e in self.by(vo) if e.vo == vo and e.valid_until and e.counts(now))

"""Matrices as pages show them: whole, or what became another since a reader last looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gridmask.portal.matrix import grid
from gridmask.portal.matrix.groups import Lined, Shown
from gridmask.portal.matrix.seen import Seen, standing_for

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.element import ElementKey
    from gridmask.service.matrix import Announced
    from gridmask.store.wordings import Mark

L = TypeVar("L", bound=Lined)


@dataclass(frozen=True, slots=True)
class Drawn(Generic[L]):
    """A matrix as a page shows it.

    Attributes:
        shown: what is shown.
        grid: it as HTML; of a part, those groups and lines alone that changed.
        is_part: whether it is a part.
        seen: what whoever gets it has seen; empty: they are to ask for all of it again.
    """

    shown: Shown[L]
    grid: grid.Written
    is_part: bool = False
    seen: str = ""


@dataclass(frozen=True, slots=True)
class News(Generic[L]):
    """What there is to see.

    Attributes:
        lines: all lines, shown or not.
        touched: of which elements something changed since a reader looked; None: of any.
        seen: what whoever is told of it has seen then.
        now: when it is told.
    """

    lines: Sequence[L]
    touched: frozenset[ElementKey] | None
    seen: Seen
    now: datetime

    @classmethod
    def of(
        cls,
        lines: Sequence[L],
        mark: Mark,
        touched: frozenset[ElementKey] | None,
        now: datetime,
        announced: Mapping[str, Announced] | None = None,
    ) -> News[L]:
        """What there is to see of ``lines``, as far as ``mark``."""
        return cls(lines, touched, Seen.now(mark, standing_for(lines, announced or {}), now), now)


def drawn(shown: Shown[L], ink: grid.Ink[L], news: News[L], seen: Seen | None) -> Drawn[L]:
    """``shown`` as ``ink`` writes it; if only a part of it is news to who has ``seen`` it, that part."""
    if seen is None or seen.listed != news.seen.listed or news.touched is None:
        return Drawn(shown, ink.written(grid.whole(shown.blocks, ink, news.now)), seen=str(news.seen))
    there = {line.element.key for line in shown.lines} if news.touched else frozenset()
    left = [line for line in news.lines if line.element.key in news.touched and line.element.key not in there]
    changed = grid.part(shown.blocks, left, ink, grid.Since(news.touched, seen.at), news.now)
    return Drawn(shown, ink.written(changed), is_part=True, seen=str(news.seen))

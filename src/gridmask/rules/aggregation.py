"""Aggregation: what the statuses of several rows make of another, as a table that policies write down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from gridmask.domain.matching import NOT, agrees, matches
from gridmask.domain.quantities import Share, percent
from gridmask.domain.spelling import suggest
from gridmask.domain.status import Status, usable

USABLE = "usable"
"""In place of a status: those that are usable."""

KNOWN = tuple(status for status in Status if status is not Status.UNKNOWN)
"""The statuses that count. What is ``Unknown`` makes nothing better or worse."""

ANY = ("*",)


class Neighbour(NamedTuple):
    """A row around an element, under a name for people."""

    name: str
    status: Status
    type: str
    category: str
    status_type: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must be so of the rows around an element: of those that it is about, so many are so.

    Unless told otherwise, one is enough. All that is told must hold. Where it is about no row, it does not hold.

    Attributes:
        are: how they must be: patterns of statuses, or ``usable``.
        types: the types that it is about, as patterns.
        categories: their categories, as patterns.
        status_types: their status types, as patterns.
        at_least: so many must be so.
        at_most: not more may be so; 0 is none of them.
        share: such a part of them must be so; 1 is all.
        share_below: a smaller part than this must be so.
    """

    are: tuple[str, ...]
    types: tuple[str, ...] = ANY
    categories: tuple[str, ...] = ANY
    status_types: tuple[str, ...] = ANY
    at_least: int | None = None
    at_most: int | None = None
    share: Share | None = None
    share_below: Share | None = None

    def __post_init__(self) -> None:
        meant(self.are)
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least ({self.at_least}) is more than at_most ({self.at_most}), which can never be")
        if self.share is not None and self.share_below is not None and self.share >= self.share_below:
            raise ValueError(f"share ({self.share}) is not less than share_below ({self.share_below}), which can never be")

    def about(self, around: Iterable[Neighbour]) -> list[Neighbour]:
        """Those of the rows ``around`` that count."""
        return [one for one in around if one.status is not Status.UNKNOWN and self._is_about(one)]

    def so(self, about: Iterable[Neighbour]) -> list[Neighbour]:
        """Those of ``about`` that are as it says."""
        wanted = meant(self.are)
        return [one for one in about if one.status in wanted]

    def holds(self, around: Iterable[Neighbour]) -> bool:
        """Whether it is so."""
        about = self.about(around)
        count = len(self.so(about))
        return bool(about) and all(
            (
                count >= self._least,
                self.at_most is None or count <= self.at_most,
                self.share is None or count / len(about) >= self.share,
                self.share_below is None or count / len(about) < self.share_below,
            )
        )

    def told(self, around: Iterable[Neighbour]) -> str:
        """What was counted."""
        about = self.about(around)
        so = self.so(about)
        what = " or ".join(p for p in (*self.types, *self.categories, *self.status_types) if p not in ANY) or "at the site"
        named = f" ({', '.join(one.name for one in so[:_NAMED])}{', ...' if len(so) > _NAMED else ''})" if so else ""
        return f"{len(so):,} of {len(about):,} {what} {_said(self.are)}{named}{self._wanted()}"

    @property
    def _least(self) -> int:
        if self.at_least is not None:
            return self.at_least
        return int(self.at_most is None and self.share_below is None)

    def _is_about(self, one: Neighbour) -> bool:
        kinds = ((self.types, one.type), (self.categories, one.category), (self.status_types, one.status_type))
        return all(any(matches(pattern, value) for pattern in patterns) for patterns, value in kinds)

    def _wanted(self) -> str:
        told = [
            *([f"at least {self.at_least:,}"] if self.at_least is not None else []),
            *([f"at most {self.at_most:,}"] if self.at_most is not None else []),
            *([f"at least {percent(self.share)}"] if self.share is not None else []),
            *([f"less than {percent(self.share_below)}"] if self.share_below is not None else []),
        ]
        return f": {', '.join(told)}" if told else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: what is asked for where all its conditions hold.

    Attributes:
        then: the status.
        when: the conditions; without any, it always holds.
        because: what people are told; left out, what was counted.
    """

    then: Status
    when: tuple[Condition, ...] = ()
    because: str = ""

    def holds(self, around: Sequence[Neighbour]) -> bool:
        """Whether it is what decides, if no line above it does."""
        return all(condition.holds(around) for condition in self.when)

    def told(self, around: Sequence[Neighbour]) -> str:
        """Why it decides."""
        counted = "; ".join(condition.told(around) for condition in self.when)
        return self.because or (f"{counted}." if counted else f"It is {self.then.label} where nothing else is said.")


_NAMED = 4
"""So many rows a reason names before it goes on."""


@lru_cache(maxsize=1024)
def meant(are: tuple[str, ...]) -> frozenset[Status]:
    """The statuses that agree with the patterns ``are``.

    Raises:
        ValueError: one of them describes none; or they do not together.
    """
    for pattern in are:
        if not any(matches(plain, status.label) for plain in _plain((pattern.removeprefix(NOT),)) for status in KNOWN):
            raise ValueError(_strange(pattern.removeprefix(NOT)))
    found = frozenset(status for status in KNOWN if agrees(_plain(are), status.label))
    if not found:
        raise ValueError(f"are: no status agrees with {' or '.join(map(repr, are))}")
    return found


def _plain(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """``patterns`` with the statuses that are usable in place of the word."""
    labels = [status.label for status in KNOWN if usable(status)]
    words = {USABLE: labels, f"{NOT}{USABLE}": [f"{NOT}{label}" for label in labels]}
    return tuple(plain for pattern in patterns for plain in words.get(pattern, [pattern]))


def _strange(pattern: str) -> str:
    if pattern.casefold() == Status.UNKNOWN.label.casefold():
        return f"are: {pattern!r} does not count: what is not known makes nothing better or worse"
    possible = (USABLE, *(status.label for status in KNOWN))
    near = suggest(pattern, possible)
    return f"are: {pattern!r} is none of {', '.join(possible)}" + (f"; did you mean {near!r}?" if near else "")


def _said(are: tuple[str, ...]) -> str:
    wanted = [p for p in are if not p.startswith(NOT)]
    unwanted = [p.removeprefix(NOT) for p in are if p.startswith(NOT)]
    return " but ".join(
        [*(["are " + " or ".join(wanted)] if wanted else []), *(["are not " + " or ".join(unwanted)] if unwanted else [])]
    )

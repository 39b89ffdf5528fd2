"""What an actuator works with: what is to be, what is, and what turns one into the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey

State = bool | str
"""What one aspect of a thing is: on or off; or something that can only be the same or another."""

States = Mapping[str, State]
"""By aspect."""


def in_words(state: State) -> str:
    """``state`` as people are told."""
    return state if isinstance(state, str) else "on" if state else "off"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a thing of the other system is to be, by the mask.

    Attributes:
        thing: what the other system calls it.
        states: by aspect; about others there is no wish.
        elements: the elements that say so; none: the whole mask does.
        why: why, in words.
        doubt: why this is not done unless an administrator lets it through; empty: there is no doubt.
    """

    thing: str
    states: States
    elements: tuple[ElementKey, ...] = ()
    why: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that is wished, by the mask's ``revision``."""

    revision: int
    by_thing: Mapping[str, Wish]

    def only(self, elements: frozenset[ElementKey]) -> frozenset[str]:
        """The things about which one of ``elements`` has a say; and those about which all have."""
        concerned = (t for t, wish in self.by_thing.items() if not wish.elements or not elements.isdisjoint(wish.elements))
        return frozenset(concerned)


@dataclass(frozen=True, slots=True)
class Found:
    """What a thing is.

    Attributes:
        states: by aspect.
        ours: aspects that are off by our own doing, as the other system shows it. None: it does not show whose doing it is.
        note: what else it tells.
    """

    states: States
    ours: frozenset[str] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of the other system.

    Attributes:
        found: what there is, by thing.
        unknown: things that it does not have.
        failed: things of which it did not say what they are, each with why. Nothing is concluded from that.
    """

    found: Mapping[str, Found] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one thing.

    Attributes:
        thing: of what.
        before: what its aspects are that change; ``after``: what they are to be.
        why: why, in words; ``doubt``: see :class:`Wish`.
    """

    thing: str
    before: States
    after: States
    why: str = ""
    doubt: str = ""

    def says_the_same(self, after: States) -> bool:
        """Whether it would come to the same."""
        return dict(self.after) == dict(after)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, and what is not.

    Attributes:
        go: what is done now.
        held: what would be too much, or is in doubt, until an administrator lets it through.
        foreign: what would lift what others have done; that is left to them.
        later: what failed of late, and is tried again later.
    """

    go: tuple[Step, ...] = ()
    held: tuple[Step, ...] = ()
    foreign: tuple[Step, ...] = ()
    later: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done without an administrator.

    Attributes:
        changes: at most so many things change within the period.
        share: nor more than this part of all things, where that is more than ``few``.
        few: so many may always change.
        period: the period, in seconds.
    """

    changes: int = 20
    share: float = 0.25
    few: int = 5
    period: float = 3600.0

    def most(self, things: int) -> int:
        """How many of that many things may change within the period."""
        return min(self.changes, max(self.few, int(self.share * things)))


DUE, DRY_RUN, HELD, FOREIGN = "due", "dry-run", "held", "foreign"
UNKNOWN, FAILED, FORGOTTEN, ORPHAN = "unknown", "failed", "forgotten", "orphan"
STATES = (DUE, DRY_RUN, HELD, FOREIGN, UNKNOWN, FAILED, FORGOTTEN, ORPHAN)
"""Why a thing is not what it should be: it is about to be changed; it is a dry run; that is held; somebody else's ban is left
alone; the other system does not know the thing; it failed on it; it said yes, and has not kept it; or we banned it, and the
mask says nothing about it any more, so that the ban stays."""

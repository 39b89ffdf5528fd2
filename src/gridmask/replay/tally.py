"""Tallies: how the time of a row was spent, as one VO saw it, and what happened in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from operator import add
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Part(StrEnum):
    """What a moment counts as. Every moment at which the row was shown is of exactly one part."""

    FINE = "fine"
    """Usable, and no outage was declared."""
    LATE = "late"
    """Usable in a declared outage, of which nothing was known yet."""
    GUARD = "guard"
    """Usable in a declared outage that was known: the guard held the row."""
    PERSON = "person"
    """Usable in a declared outage that was known: a person held the row."""
    POLICIES = "policies"
    """Usable in a declared outage that was known: the policies did not ask for anything else, or not yet."""
    COVERED = "covered"
    """Not usable in a declared outage."""
    EVIDENCE = "evidence"
    """Not usable, without a declared outage, and something was measured, probed, or wrong around it."""
    BY_HAND = "by_hand"
    """Not usable, without a declared outage, and a person held the row."""
    AHEAD = "ahead"
    """Not usable because of an outage that was still to come."""
    TAKEN_BACK = "taken_back"
    """Not usable because of a declaration that is no outage, is over, or was taken back."""
    PROBING = "probing"
    """Not usable because what was banned had to prove itself, or flapped."""
    SILENCE = "silence"
    """Not usable because nothing was known, or what was known had expired."""
    OTHER = "other"
    """Not usable because the policies say so, whatever the evidence, or because a rule failed."""


MISSED = (Part.LATE, Part.GUARD, Part.PERSON, Part.POLICIES)
NOT_ACTED = (Part.GUARD, Part.PERSON, Part.POLICIES)
LOST = (Part.AHEAD, Part.TAKEN_BACK, Part.PROBING, Part.SILENCE, Part.OTHER)
USABLE = (Part.FINE, *MISSED)
UNUSABLE = (Part.COVERED, Part.EVIDENCE, Part.BY_HAND, *LOST)


class Overlay(StrEnum):
    """What a moment counts as besides."""

    CUT_OFF = "cut_off"
    """Usable just before a declared outage: what was begun then was cut off by it."""
    HELD = "held"
    """The guard held the row."""
    OWNED = "owned"
    """A person held the row."""


Kind = Part | Overlay


class Count(StrEnum):
    """What is counted."""

    CHANGES = "changes"
    """It was seen with another status than before."""
    TAKEN = "taken"
    """It was usable, and is not."""
    FLAPS = "flaps"
    """It had become usable, and is not any more, less than an hour later."""
    OUTAGES = "outages"
    """An outage began, or became known while it lasted."""
    IGNORED = "ignored"
    """An outage during which it was usable all the time since it was known."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How time was spent; tallies of parts of the time add up to that of the whole, exactly.

    Attributes:
        times: by what it counts as, so much time; of several status types, that of each.
        counts: how often what happened.
        reactions: how long it took until an outage that was known was acted upon, each with how often.
    """

    times: Mapping[Kind, timedelta] = field(default_factory=dict)
    counts: Mapping[Count, int] = field(default_factory=dict)
    reactions: Mapping[timedelta, int] = field(default_factory=dict)

    def time(self, *kinds: Kind) -> timedelta:
        """The time that counts as any of ``kinds``."""
        return sum((self.times.get(kind, _NONE) for kind in kinds), _NONE)

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return together((self, other))


_NONE = timedelta()


def together(tallies: Iterable[Tally]) -> Tally:
    """All of ``tallies`` together."""
    times: dict[Kind, timedelta] = {}
    counts, reactions = Counter[Count](), Counter[timedelta]()
    for one in tallies:
        for kind, time in one.times.items():
            times[kind] = add(times.get(kind, _NONE), time)
        counts.update(one.counts)
        reactions.update(one.reactions)
    return Tally(times, counts, reactions)

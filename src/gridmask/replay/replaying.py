"""Replaying: a world in which what was recorded happens again.

There is one way to decide, :func:`~gridmask.domain.step.step`. Here it is driven by what is recorded: exactly as it was; or
under other policies, where time passes at the moments that these ask for, and people do what they did then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.errors import GridmaskError
from gridmask.domain.events import DowntimesChanged, Event, PoliciesLoaded, TimePassed, VosChanged
from gridmask.domain.guarding import CensusNeeded, census
from gridmask.domain.instructions import Instruction, SaveRow
from gridmask.domain.state import State, without_evidence
from gridmask.domain.step import step
from gridmask.replay.agenda import Agenda
from gridmask.replay.expiry import Expiry
from gridmask.replay.watching import Watching

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet
    from gridmask.recording.happening import Happening


@dataclass(frozen=True, slots=True)
class Played:
    """That something happened again.

    Attributes:
        at, event: when, and what.
        before, after: the world around it.
        instructions: what there is to remember.
        happening: what was recorded; None: time passed, for these policies alone.
        refusal: why it could not happen in this world, as where a person did something with a row that is not there; then
            nothing did.
    """

    at: datetime
    event: Event
    before: State
    after: State
    instructions: tuple[Instruction, ...] = ()
    happening: Happening | None = None
    refusal: GridmaskError | None = None


def as_it_was(state: State, happenings: Iterable[Happening]) -> Iterator[Played]:
    """``happenings`` again, in their order, each at its time, from ``state`` on."""
    course = Course(state)
    for one in happenings:
        yield course.take(one.at, one.event, one)


def otherwise(
    state: State, happenings: Iterable[Happening], policies: PolicySet, since: datetime, until: datetime
) -> Iterator[Played]:
    """``happenings`` again, from ``state`` at ``since`` on, but under ``policies`` all the time; then time up to ``until``."""
    course = Course(state)
    yield course.take(since, PoliciesLoaded(policies))
    yield from onwards(course, Agenda(course.state), happenings, until)


def onwards(course: Course, agenda: Agenda, happenings: Iterable[Happening], until: datetime) -> Iterator[Played]:
    """``happenings`` to a world in which other policies are in force than were then; and time, as ``agenda`` has it.

    Whenever something was played, ``course`` and ``agenda`` tell how it goes on from there.
    """
    for one in happenings:
        if isinstance(one.event, PoliciesLoaded | TimePassed):
            course.find(one)
            continue
        yield from _time(course, agenda, one.at)
        yield _noted(agenda, course.take(one.at, one.event, one))
    yield from _time(course, agenda, until)


def _time(course: Course, agenda: Agenda, until: datetime) -> Iterator[Played]:
    while (due := agenda.next(course.state, until)) is not None:
        yield _noted(agenda, course.take(due[0], TimePassed(due[1])))


def _noted(agenda: Agenda, played: Played) -> Played:
    agenda.note(one.after for one in played.instructions if isinstance(one, SaveRow))
    return played


class Course:
    """A world as it goes on."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._expiry = Expiry(state)
        self._watching = Watching(state)

    def find(self, happening: Happening) -> None:
        """Find what has become otherwise by the time of ``happening`` without an event."""
        one = happening.circumstances
        if one is not None:
            self.state = replace(self.state, types=one.types, vos=one.vos, coverage=one.coverage)
        if happening.forgotten:
            self.state = replace(self.state, evidence=without_evidence(self.state.evidence, happening.forgotten))

    def take(self, at: datetime, event: Event, happening: Happening | None = None) -> Played:
        """Let ``event`` happen ``at`` a moment."""
        if happening is not None:
            self.find(happening)
        guard = (event.policies if isinstance(event, PoliciesLoaded) else self.state.policies).guard
        before = self.state = self._watching.told(self._expiry.passed(self.state, at), guard, at)
        try:
            after, instructions = _stepped(before, event, at)
        except GridmaskError as refusal:
            return Played(at, event, before, before, happening=happening, refusal=refusal)
        if isinstance(event, DowntimesChanged):
            self._expiry.expect((*event.difference.added, *event.difference.edited))
        self._watching.note(instructions)
        self.state = after
        return Played(at, event, before, after, instructions, happening)


def _stepped(state: State, event: Event, at: datetime) -> tuple[State, tuple[Instruction, ...]]:
    """The step that ``event`` is. Shares are of what was usable before it, as where it is lived."""
    if isinstance(event, VosChanged):
        return step(state, event, at)
    try:
        after, instructions = step(replace(state, is_whole=False), event, at)
    except CensusNeeded:
        counted = census(filter(None, map(state.holding, state.elements)), state.vos)
        after, instructions = step(replace(state, is_whole=False, census=counted), event, at)
    return replace(after, is_whole=True, census=None), instructions

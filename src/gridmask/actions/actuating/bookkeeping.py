"""What an actuator takes into its memory of what it saw. Pure, but for that memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.actions.actuating.memory import Failing, Held

if TYPE_CHECKING:
    from gridmask.actions.actuating.memory import Memory
    from gridmask.actions.actuating.values import Reading, Step, Wish

SOON = timedelta(minutes=1)
"""After this time it is tried again to write or read what failed, doubled each time, up to :data:`LONGEST`."""

LONGEST = timedelta(days=1)
"""Between two attempts to write the same, at most."""


def learn(memory: Memory, wishes: Mapping[str, Wish], reading: Reading) -> None:
    """What can be read fails no more; and what others switched on again, as it should be, is not ours any more."""
    for thing, found in reading.found.items():
        failing, written, wish = memory.failing.get(thing), memory.written.get(thing), wishes.get(thing)
        if failing and failing.unread:
            del memory.failing[thing]
        if written and wish:
            on = {aspect for aspect, state in wish.states.items() if state is True and found.states.get(aspect) is True}
            written.states = {a: state for a, state in written.states.items() if a not in on or state is not False}


def confirmed(memory: Memory, reading: Reading) -> list[str]:
    """The things of which nobody noted what became of what was written, and that are as it was. That is noted now."""
    found: list[str] = []
    for thing, written in memory.written.items():
        states = reading.found[thing].states if thing in reading.found else {}
        if written.kept is None and written.states and all(states.get(a) == state for a, state in written.states.items()):
            written.kept = True
            found.append(thing)
    return found


def hold(memory: Memory, steps: Sequence[Step], things: frozenset[str], now: datetime) -> list[Step]:
    """Note what is held of ``things``. Returns what was not held before, or not as what it is."""
    fresh = [step for step in steps if step.thing not in memory.held or memory.held[step.thing].after != dict(step.after)]
    named = {step.thing for step in steps}
    kept = {thing: one for thing, one in memory.held.items() if thing not in things or thing in named}
    memory.held = kept | {step.thing: Held(dict(step.after), now) for step in fresh}
    return fresh


def is_put_off(memory: Memory, step: Step, now: datetime) -> bool:
    """Whether ``step`` failed of late, and is not tried again yet."""
    failing = memory.failing.get(step.thing)
    return failing is not None and now < failing.again_at


def put_off(memory: Memory, thing: str, why: str, now: datetime, *, unread: bool = False) -> None:
    """Note that ``thing`` could not be written, or, if ``unread``, read."""
    before = memory.failing.get(thing)
    attempts = before.attempts + 1 if before else 1
    again = now + min(SOON * 2 ** min(attempts - 1, 20), LONGEST)
    memory.failing[thing] = Failing(why, before.since if before else now, attempts, again, unread)


def forgive(memory: Memory, things: frozenset[str], differing: set[str]) -> None:
    """Forget that some of ``things`` could not be written, where they do not differ any more."""
    for thing in [t for t, one in memory.failing.items() if t in things and t not in differing and not one.unread]:
        del memory.failing[thing]

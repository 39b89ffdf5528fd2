"""The drift report: what is not as the mask says, since when, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.actions.actuating.memory import Entry
from gridmask.actions.actuating.values import DRY_RUN, DUE, FAILED, FOREIGN, FORGOTTEN, HELD, ORPHAN, UNKNOWN

if TYPE_CHECKING:
    from gridmask.actions.actuating.memory import Memory, Written
    from gridmask.actions.actuating.values import Plan, Reading, Step


class Looked(NamedTuple):
    """A look at things.

    Attributes:
        at: when.
        things: at which.
        reading: what there was.
        plan: what follows.
        done: the things that are as they should be, since we wrote them.
        orphans: what we switched off, and the mask says nothing about.
        dry_run: whether nothing was written.
    """

    at: datetime
    things: frozenset[str]
    reading: Reading
    plan: Plan
    done: frozenset[str] = frozenset()
    orphans: frozenset[str] = frozenset()
    dry_run: bool = False


_NO_WISH = "Gridmask switched it off, and the mask says nothing about it any more."


def report(memory: Memory, looked: Looked) -> list[Entry]:
    """The report after a look; about what was not looked at, it says what it said before."""
    before = {entry.thing: entry for entry in memory.drift}
    others = [entry for entry in memory.drift if entry.thing not in looked.things]
    found = [_dated(entry, before.get(entry.thing)) for entry in _entries(memory, looked) if entry.thing not in looked.done]
    return sorted([*others, *found], key=lambda entry: (entry.thing, entry.state))


def _dated(entry: Entry, before: Entry | None) -> Entry:
    if before and (before.found, before.wished) == (entry.found, entry.wished):
        entry.since = before.since
    return entry


def _entries(memory: Memory, looked: Looked) -> Iterator[Entry]:
    for thing in sorted(looked.reading.unknown & looked.things):
        yield Entry(thing, {}, {}, looked.at, UNKNOWN, detail="The other system has no such thing.")
    for thing, why in sorted(looked.reading.failed.items()):
        yield Entry(thing, {}, {}, looked.at, FAILED, detail=why)
    for thing in sorted(looked.orphans):
        yield Entry(thing, dict(looked.reading.found[thing].states), {}, looked.at, ORPHAN, "gridmask", detail=_NO_WISH)
    for state, steps in _states(memory, looked):
        for step in steps:
            yield _of(step, state, memory, looked)


def _states(memory: Memory, looked: Looked) -> Iterator[tuple[str, Iterable[Step]]]:
    yield FOREIGN, looked.plan.foreign
    yield HELD, looked.plan.held
    if looked.dry_run:
        yield DRY_RUN, (*looked.plan.go, *looked.plan.later)
        return
    for step in (*looked.plan.go, *looked.plan.later):
        written = memory.written.get(step.thing)
        failing = memory.failing.get(step.thing)
        yield (FORGOTTEN if written and written.kept is False else FAILED if failing else DUE), [step]


def _of(step: Step, state: str, memory: Memory, looked: Looked) -> Entry:
    written, failing = memory.written.get(step.thing), memory.failing.get(step.thing)
    note = looked.reading.found[step.thing].note
    detail = step.doubt or (failing.why if failing else note if state == FOREIGN else step.why)
    who, at = touched_by(step.before, written), written.at if written else None
    return Entry(step.thing, dict(step.before), dict(step.after), looked.at, state, who, at, detail)


def touched_by(found: Mapping[str, bool | str], written: Written | None) -> str:
    """Who made things as they were ``found``: ``gridmask``, as it wrote them so; ``others``; empty: nobody knows."""
    known = [(state, written.states[aspect]) for aspect, state in found.items() if written and aspect in written.states]
    if not known or written is None or not written.kept:
        return ""
    return "gridmask" if all(state == ours for state, ours in known) else "others"

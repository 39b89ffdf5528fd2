"""Instructions say all that is new, and nothing else, and nothing is new before its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from gridmask.domain.events import TimePassed
from gridmask.domain.instructions import EndRow, Instruction, MoveMasks, SaveElement, SaveRow, TakeOutElement
from gridmask.domain.state import State
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from tests.unit.domain.oracles.taken import Taken, all_rows, masks, present_rows


def check_instructions(taken: Taken) -> None:
    rows, elements = all_rows(taken.before), dict(taken.before.elements)
    for instruction in taken.instructions:
        match instruction:
            case SaveRow(before, after):
                assert rows.get(after.key) == before != after
                rows[after.key] = after
            case EndRow(row):
                assert row.key.vo != ALL
                assert rows.pop(row.key) == row
            case SaveElement(element):
                elements[element.key] = element
            case TakeOutElement(key):
                del elements[key]
            case _:
                pass
    assert rows == all_rows(taken.after)
    assert elements == dict(taken.after.elements)


def check_moved_masks(taken: Taken) -> None:
    before, after = (masks(state, taken.after.vos) for state in (taken.before, taken.after))
    said = [i.vos for i in taken.instructions if isinstance(i, MoveMasks)]
    differing = frozenset(vo for vo in after if before[vo].entries != after[vo].entries)
    assert said == ([differing] if differing else [])


def check_a_second_look_changes_nothing(taken: Taken) -> None:
    if not taken.after.policies.probing.dwell:
        return  # Probing may be over at once
    second, instructions = step(taken.after, TimePassed(), taken.now)
    assert not any(map(is_change, instructions))  # a due time may turn out to be later than it was
    third, instructions = step(second, TimePassed(), taken.now)
    assert (instructions, all_rows(third)) == ((), all_rows(second))


def is_change(instruction: Instruction) -> bool:
    """Whether it is more than a note about a row that stays as it is."""
    return not isinstance(instruction, SaveRow) or instruction.change is not None


def check_due(taken: Taken) -> None:
    exit_ = taken.after.policies.probing
    patient = exit_.dwell and exit_.spacing
    for row in present_rows(taken.after):
        assert row.due is None or row.due > taken.now or (row.due == taken.now and not patient)


def due_at(state: State) -> datetime | None:
    """When the first row is due."""
    return min((row.due for row in present_rows(state) if row.due is not None), default=None)


def check_nothing_happens_before_it_is_due(taken: Taken) -> None:
    due = due_at(taken.after) or taken.now + timedelta(days=30)
    for moment in (taken.now + (due - taken.now) / 2, due - timedelta(microseconds=1)):
        if moment > taken.now:
            _, instructions = step(taken.after, TimePassed(), moment)
            assert not any(map(is_change, instructions))

"""Looking at a part is looking at all: rows that an event cannot bear on are what they would be, had they been judged anew.

But for one thing: what a source says goes on to count longer with each of its answers, and a row whose next look was set by an
earlier one may keep that. It comes too soon then, never too late.
"""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from gridmask.domain.instructions import Instruction, SaveRow
from gridmask.domain.occasion import ANY
from gridmask.domain.row import Row
from gridmask.domain.step import step
from tests.unit.domain.oracles.taken import Taken, all_rows


def check_nothing_is_overlooked(taken: Taken) -> None:
    with patch("gridmask.domain.step.occasion_of", return_value=ANY):
        after, instructions = step(taken.before, taken.event, taken.now)
    rows, expected = all_rows(taken.after), all_rows(after)
    assert rows.keys() == expected.keys()
    assert taken.after.watch == after.watch
    for key, row in rows.items():
        assert row == expected[key] or _is_looked_at_sooner(row, expected[key])
    assert [*filter(_tells, taken.instructions)] == [*filter(_tells, instructions)]


def _is_looked_at_sooner(row: Row, other: Row) -> bool:
    return _but_for_its_look(row, other) and row.due is not None and (other.due is None or row.due < other.due)


def _tells(instruction: Instruction) -> bool:
    if not isinstance(instruction, SaveRow) or instruction.before is None:
        return True
    return not _but_for_its_look(instruction.before, instruction.after)


def _but_for_its_look(row: Row, other: Row) -> bool:
    return replace(row, due=other.due, policy_revision=other.policy_revision) == other

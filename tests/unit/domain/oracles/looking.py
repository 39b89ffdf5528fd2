"""Looking at a part is looking at all: rows that an event cannot bear on are what they would be, had they been judged anew."""

from __future__ import annotations

from unittest.mock import patch

from gridmask.domain.occasion import ANY
from gridmask.domain.step import step
from tests.unit.domain.oracles.taken import Taken


def check_nothing_is_overlooked(taken: Taken) -> None:
    with patch("gridmask.domain.step.occasion_of", return_value=ANY):
        after, instructions = step(taken.before, taken.event, taken.now)
    assert (taken.after.rows, taken.after.watch) == (after.rows, after.watch)
    assert taken.instructions == instructions

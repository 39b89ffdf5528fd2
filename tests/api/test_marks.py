from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gridmask.domain.damping import Penalty
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.guard import Batch, Cause, Hold
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.portal.drawing.marks import Mark, marks, waiting_for, waiting_for_all
from gridmask.portal.matrix.asked import Filters
from gridmask.service.matrix import Line

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
CE = ElementKey("Resource", "ComputingElement", "ce01")
ROW = Row(RowKey(CE, "all", "cms"), Standing(Status.ACTIVE, NOW))
HELD = replace(ROW, hold=Hold("b1", TOMORROW))
DAMPED = replace(ROW, penalty=Penalty(3, NOW, damped=True))
TAKEN = replace(ROW, token=Token("somebody", None))
BATCH = Batch("b1", Cause("source", "feed"), NOW, TOMORROW, rows=7, vos=frozenset({"cms", "atlas"}))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (ROW, ()),
        (HELD, (Mark.HELD,)),
        (DAMPED, (Mark.DAMPED,)),
        (TAKEN, (Mark.TAKEN,)),
        (replace(HELD, token=Token("somebody", None)), (Mark.HELD, Mark.TAKEN)),
        (replace(ROW, penalty=Penalty(2, NOW)), ()),
    ],
)
def test_a_row_is_marked_for_what_sets_it_apart(row: Row, expected: tuple[Mark, ...]) -> None:
    assert marks(row) == expected


def line(*rows: Row) -> Line:
    return Line(Element(CE, "A"), rows)


def test_of_a_batch_those_rows_are_counted_that_the_vo_sees() -> None:
    [waiting] = waiting_for("cms", [BATCH], [line(HELD, ROW), line(HELD)])
    assert (waiting.rows, waiting.vos) == (2, ("cms",))


def test_a_batch_that_holds_nothing_of_a_vo_is_none_of_its_business() -> None:
    assert waiting_for("cms", [BATCH], [line(ROW, replace(ROW, hold=Hold("another", TOMORROW)))]) == []


def test_everyone_is_told_of_every_batch() -> None:
    [waiting] = waiting_for_all([BATCH])
    assert (waiting.rows, waiting.vos) == (7, ("atlas", "cms"))


@pytest.mark.parametrize("mark", Mark)
def test_what_is_shown_can_be_filtered_by_mark(mark: Mark) -> None:
    lines = {Mark.HELD: line(ROW, HELD), Mark.DAMPED: line(DAMPED), Mark.TAKEN: line(TAKEN)}
    assert [found for found, one in lines.items() if Filters(mark=mark).accepts(one.element, one.rows)] == [mark]

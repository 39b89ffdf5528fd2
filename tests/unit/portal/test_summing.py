"""Reports as the pages show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmask.domain.availability import Line, Tally
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import InvalidRequest
from gridmask.portal.reports.months import after, label, month_of
from gridmask.portal.reports.sides import sides
from gridmask.portal.reports.summing import Cell, Only, Per, Sheet, Sort, percent, summed

HOUR = timedelta(hours=1)
BOUNDS = (datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
WHERE = {"A": "Norway", "B": "Norway", "C": "Spain"}


def line(name: str, site: str, usable: int, unexcused: int = 0, type_: str = "CE", family: str = "Resource") -> Line:
    spent = Tally(usable=usable * HOUR, unexcused=unexcused * HOUR)
    return Line(site, ElementKey(family, type_, name), None, (spent,))


LINES = (
    line("A", "A", 10, 0, "Site", "Site"),
    line("ce1", "A", 10),
    line("ce2", "A", 5, 5),
    line("se1", "B", 9, 1, "SE"),
    line("lost", "", 1, 9),
)


def made(per: Per, only: Only = Only(), sort: Sort = Sort.NAME) -> Sheet:  # noqa: B008 - a frozen value
    return summed(LINES, BOUNDS, per, WHERE, only, sort)


def told(sheet: Sheet) -> dict[str, str]:
    return {row.name: row.total.availability for row in sheet.rows}


def test_a_site_has_the_time_of_all_its_services_and_not_its_own() -> None:
    assert told(made(Per.SITE)) == {"A": "75.0", "B": "90.0", "": "10.0"}


def test_countries_and_types_are_summed_alike() -> None:
    assert told(made(Per.COUNTRY)) == {"Norway": "80.0", "": "10.0"}
    assert told(made(Per.TYPE)) == {"CE": "53.3", "SE": "90.0"}


def test_elements_are_told_apart_with_sites_among_them() -> None:
    found = made(Per.ELEMENT, Only(site="A"))
    assert told(found) == {"A": "100.0", "ce1": "100.0", "ce2": "50.0"}
    assert (found.total.total.availability, found.total.elements) == ("75.0", 2)


def test_only_what_is_asked_for_counts() -> None:
    assert told(made(Per.SITE, Only(country="Norway", type="SE"))) == {"B": "90.0"}
    assert made(Per.SITE, Only(site="nowhere")).rows == ()


def test_what_was_least_available_comes_first() -> None:
    assert [row.name for row in made(Per.SITE, sort=Sort.WORST).rows] == ["", "A", "B"]


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "100.0"), (0.99999, "99.9"), (0.0, "0.0"), (0.00001, "0.1"), (0.987, "98.7"), (None, "")]
)
def test_a_share_is_never_rounded_up_to_all_nor_down_to_nothing(share: float | None, said: str) -> None:
    assert percent(share) == said


def test_a_cell_tells_what_is_unknown_apart_and_what_was_not_there_not_at_all() -> None:
    cell = Cell(Tally(usable=6 * HOUR, excused=1 * HOUR, unknown=3 * HOUR, absent=90 * HOUR))
    assert (cell.availability, cell.reliability, cell.unknown) == ("85.7", "100.0", "30 %")
    assert [(piece.kind, piece.start, piece.length) for piece in cell.pieces] == [
        ("usable", 0.0, 60.0),
        ("excused", 60.0, 10.0),
        ("unknown", 70.0, 30.0),
    ]
    assert cell.told == "6.0 h usable, 1.0 h excused, 3.0 h unknown, 90.0 h not there"


def test_vos_stand_side_by_side_those_included_that_are_not_summed_up_yet() -> None:
    found = sides({"all": made(Per.SITE), "cms": None, "atlas": made(Per.SITE, Only(site="B"))})
    assert (found.vos, found.missing) == (("all", "cms", "atlas"), ("cms",))
    [_, b, _] = found.rows
    assert [cell and cell.availability for cell in b.cells] == ["90.0", None, "90.0"]
    assert [row.name for row in found.rows] == ["A", "B", ""]


def test_months_follow_each_other_across_years() -> None:
    assert [f"{after(month_of('2026-11'), times):%Y-%m}" for times in (-11, 0, 1, 2)] == [
        "2025-12",
        "2026-11",
        "2026-12",
        "2027-01",
    ]


@pytest.mark.parametrize("text", ["2026", "2026-13", "october", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is no month"):
        month_of(text)


def test_the_calendar_ends_somewhere() -> None:
    with pytest.raises(InvalidRequest):
        after(month_of("9999-12"))


@pytest.mark.parametrize(
    ("start", "length", "said"),
    [
        (datetime(2026, 9, 1, tzinfo=UTC), timedelta(days=30), "2026-09"),
        (datetime(2026, 9, 3, tzinfo=UTC), timedelta(days=1), "09-03"),
        (datetime(2026, 9, 3, tzinfo=UTC), timedelta(days=20), "2026-09"),
        (datetime(2026, 9, 3, 12, tzinfo=UTC), timedelta(hours=3), "09-03"),
    ],
)
def test_a_part_of_a_period_is_called_by_where_it_begins(start: datetime, length: timedelta, said: str) -> None:
    assert label(start, start + length) == said

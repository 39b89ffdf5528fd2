"""Sheets and moments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmask.domain.errors import InvalidRequest
from gridmask.feeds.cells import cell
from gridmask.portal.frame.moments import field, moment
from gridmask.portal.frame.sheets import sheet


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_that_a_spreadsheet_would_reckon_with_is_only_shown(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=b", "", -1, -0.5, None])
def test_all_else_is_as_it_is(value: object) -> None:
    assert cell(value) == value


def test_a_sheet_is_a_file_with_a_heading() -> None:
    made = sheet("of cms", ("name", "at"), [("=x,y", datetime(2026, 8, 21, tzinfo=UTC))])
    assert bytes(made.body).decode() == 'name,at\r\n"\'=x,y",2026-08-21T00:00:00Z\r\n'
    assert made.headers["content-disposition"] == "attachment; filename*=UTF-8''of%20cms.csv"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-08-21", datetime(2026, 8, 21, tzinfo=UTC)),
        (" 2026-08-21T17:00 ", datetime(2026, 8, 21, 17, tzinfo=UTC)),
        ("2026-08-21T19:00+02:00", datetime(2026, 8, 21, 17, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_moment_is_in_utc_unless_it_says_otherwise(text: str, told: datetime | None) -> None:
    assert moment(text) == told


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0001-01-01T00:00+14:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is no moment"):
        moment(text)


def test_a_field_has_minutes_in_utc() -> None:
    assert (field(moment("2026-08-21T19:00+02:00")), field(None)) == ("2026-08-21T17:00", "")

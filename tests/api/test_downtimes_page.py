"""The page of downtimes: what it draws, what it tells of each, and what it says was done to it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element, ElementKey
from gridmask.portal.downtimes.agenda import WIDTH, Period, Span, strips
from gridmask.portal.downtimes.edits import course, edits
from gridmask.portal.downtimes.impact import Impact, impact
from gridmask.service.agenda import Announcement
from gridmask.store.downtimes import Version
from tests.clocks import at
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

PARIS = ZoneInfo("Europe/Paris")
SE = Element(ElementKey("Resource", "StorageElement", "SE1"), "A")


def version(
    start: float, end: float | None, known: float = 0, until: float | None = None, record: str = "7", severity: str = "Outage"
) -> Version:
    """A version of a downtime, with hours from a moment on."""
    interval = Interval(at(hours=start), None if end is None else at(hours=end))
    told = Downtime(DowntimeKey("osg", record), frozenset(), interval, severity)
    return Version(told, at(hours=known), None if until is None else at(hours=until))


def announced(*versions: Version) -> Announcement:
    return Announcement(versions, (SE,))


def said(*versions: Version) -> list[str]:
    return [", ".join(edit.words) for edit in edits(versions)]


def test_every_step_of_a_downtime_is_told() -> None:
    first, longer = version(2, 4, 0, 1), version(2, 6, 1, 3, severity="Warning")
    assert said(first, longer, version(3, 5, 3)) == [
        "announced",
        "extended by 2 h, severity Outage became Warning",
        "shortened by 1 h, begins 1 h later, severity Warning became Outage",
    ]


def test_what_was_withdrawn_and_came_back_says_both() -> None:
    assert said(version(2, 4, 0, 1), version(2, 4, 2, 3)) == ["announced", "withdrawn", "announced again", "withdrawn"]


@pytest.mark.parametrize(
    ("first", "last", "word"), [(4, 6, "extended"), (4, 3, "shortened"), (4, 4, ""), (4, None, "extended")]
)
def test_in_a_word_the_end_was_moved(first: float, last: float | None, word: str) -> None:
    assert course([version(2, first), version(2, last, 1)]) == word


def test_a_downtime_is_late_by_when_its_author_made_it_or_else_by_when_it_was_heard_of() -> None:
    assert announced(version(0, 4, 1)).late == timedelta(hours=1)
    assert announced(version(2, 4, 1)).late is None


def test_an_impact_is_of_what_the_vo_has_the_largest_share_first() -> None:
    ce = Element(ElementKey("Resource", "ComputingElement", "CE1"), "A")
    assert impact([SE, ce], Counter({"StorageElement": 4, "ComputingElement": 1})) == [
        Impact("ComputingElement", 1, 1),
        Impact("StorageElement", 1, 4),
    ]


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("day", ["2026-03-28T00:00", "2026-10-24T00:00", "2026-08-21T00:00"])
def test_columns_fill_a_period_also_where_clocks_are_changed(span: Span, day: str) -> None:
    columns = Period(span, datetime.fromisoformat(day).replace(tzinfo=PARIS)).columns()
    assert columns[0].x == 0
    assert columns[-1].x + columns[-1].width == pytest.approx(WIDTH, abs=0.2)
    assert all(a.x + a.width == pytest.approx(b.x, abs=0.2) for a, b in pairwise(columns))


spells = st.tuples(st.floats(-400, 400), st.floats(0, 300) | st.none())


@given(st.lists(spells, max_size=12), st.sampled_from(Span))
def test_no_downtime_covers_another_and_all_are_within_the_drawing(times: list[tuple[float, float | None]], span: Span) -> None:
    made = [version(a, None if b is None else a + b, record=str(n)) for n, (a, b) in enumerate(times)]
    (*found,) = strips(map(announced, made), Period(span, span.begin(at().astimezone(PARIS))))
    marks = [mark for strip in found for mark in strip.marks]
    assert len(marks) == len(times)
    assert all(mark.x >= 0 and mark.x + mark.width <= WIDTH + 0.1 for mark in marks)
    rows = sorted((mark.y, mark.x, mark.width) for mark in marks)
    assert all(a[0] != b[0] or a[1] + a[2] <= b[1] + 0.1 for a, b in pairwise(rows))


async def test_the_page_tells_of_what_is_announced_where_and_what_it_takes(client: httpx2.AsyncClient) -> None:
    told = read((await client.get("/downtimes?vo=cms&from=2026-08-20")).text)
    assert "for cms, 20 August to 27 August 2026" in told
    assert "1 announced A running" in told
    assert "1 of 4 ComputingElement" in told


async def test_a_page_of_days_in_which_nothing_is_says_so(client: httpx2.AsyncClient) -> None:
    assert "Nothing is announced for cms" in read((await client.get("/downtimes?vo=cms&from=2031-01-01")).text)


async def test_a_calendar_begins_by_the_clock_of_its_reader(client: httpx2.AsyncClient) -> None:
    there = {"Cookie": "gridmask-zone=Pacific%2FAuckland"}
    here, far = [read((await client.get("/downtimes?vo=cms&span=day", headers=each)).text) for each in ({}, there)]
    assert "for cms, 21 August 2026" in here
    assert "for cms, 22 August 2026" in far  # it is 05:00 of the next day there
    assert "2026-08-22 05:00 (2026-08-21 17:00 UTC)" in far


@pytest.mark.parametrize("query", ["from=0001-01-01", "from=9999-12-31", "from=x", "span=year", "vo="])
async def test_what_is_no_stretch_of_time_is_refused(client: httpx2.AsyncClient, query: str) -> None:
    assert (await client.get(f"/downtimes?{query}")).status_code in {400, 422}

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.element import RowKey
from gridmask.domain.gauges import FREE_SPACE
from gridmask.domain.judges import judges
from gridmask.domain.measurements import Point, Probe, Series, Space, Transfers
from gridmask.domain.policy import Policy
from gridmask.portal.drawing.axis import Axis
from gridmask.portal.element.gauged import Gauged, gauged, limit, readings
from gridmask.rules import FreeSpace, TransferQuality
from gridmask.testing import element, measured, moment, policies

if TYPE_CHECKING:
    from gridmask.domain.evidence import Evidence

SE = element("se", "StorageElement")
NOON = moment("12:00")
AXIS = Axis(NOON - timedelta(days=1), NOON)
JUDGES = judges(
    policies(Policy("room", FreeSpace()), Policy("transfers", TransferQuality())), SE, [RowKey(SE.key, "WriteAccess", "all")]
)


def shown(*known: Evidence, vo: str = "all", recorded: tuple[Evidence, ...] = ()) -> tuple[Gauged, ...]:
    by_record = {one.key: tuple(other for other in recorded if other.key == one.key) for one in recorded}
    return gauged(vo, known, JUDGES, by_record, AXIS)


def test_a_number_is_shown_against_the_thresholds_of_the_policies_that_judge_it() -> None:
    (one,) = shown(measured(Space(1e15, 3e12), SE))
    assert (one.name, one.told) == ("free space", "3 TB")
    assert [(limit(threshold), judge.policy.name) for judge, threshold in one.limits] == [
        ("Banned below 100 GB", "room"),
        ("Degraded below 5 TB", "room"),
    ]


def test_records_that_add_up_are_one_number_for_each_direction() -> None:
    both = [measured(Transfers("source", 10, n, f"se{n}"), SE, record=str(n)) for n in (2, 4)]
    found = shown(*both, measured(Transfers("destination", 10, 0), SE, record="to"))
    assert [(one.name, one.told) for one in found] == [
        ("transfers that did not fail, as destination", "100 %"),
        ("transfers that did not fail, as source", "70 %"),
    ]


def test_what_is_about_another_vo_is_not_shown_and_what_is_about_ones_own_goes_first() -> None:
    general, own = measured(Space(1e15, 3e12), SE), measured(Space(1e15, 7e12), SE, vo="cms", source="mine")
    assert [one.told for one in shown(general, own, vo="cms")] == ["7 TB"]
    assert [one.told for one in shown(general, own, vo="atlas")] == ["3 TB"]


def test_words_are_no_numbers() -> None:
    assert shown(measured(Probe("ping", "OK"), SE)) == ()


def test_a_series_is_a_chart_as_it_is() -> None:
    points = tuple(Point(NOON - timedelta(hours=n), n / 10) for n in range(1, 9))
    (one,) = shown(measured(Series("efficiency", points), SE))
    assert one.chart is not None
    assert len(one.chart.paths) == 1


def versions(*free: float | None) -> tuple[Evidence, ...]:
    """A version an hour, each of which counts for one hour; None: nothing was said."""
    times = [f"{hour:02}:00" for hour in range(24)]
    return tuple(
        measured(Space(1e15, size), SE, at=times[hour], valid_until=times[hour + 1])
        for hour, size in enumerate(free)
        if size is not None
    )


def test_what_was_recorded_is_told_with_gaps_where_nothing_counted() -> None:
    told = readings(FREE_SPACE, [versions(1e12, 1e12, 2e12, None, 3e12)])
    assert [(at.hour, value) for at, value in told] == [(0, 1e12), (2, 2e12), (3, None), (4, 3e12), (5, None)]


def test_what_was_recorded_is_drawn() -> None:
    known = versions(1e12, 2e12, None, 3e12)
    (one,) = shown(known[-1], recorded=known)
    assert one.chart is not None
    assert len(one.chart.paths) == 2
    assert shown(known[-1])[0].chart is None

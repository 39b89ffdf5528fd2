from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.gauges import FREE_SPACE, JOBS_WELL, TICKETS_OPEN, Gauge, Threshold
from gridmask.domain.status import Status
from gridmask.portal.drawing.axis import Axis
from gridmask.portal.drawing.chart import MOST_POINTS, bullet, chart, scaled

NOW = datetime(2026, 8, 21, tzinfo=UTC)
AXIS = Axis(NOW, NOW + timedelta(hours=100))
NUMBERS = st.floats(0, 1e18, allow_nan=False)


def hour(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def limits(*pairs: tuple[float, Status], gauge: Gauge = FREE_SPACE, rising: bool = False) -> list[tuple[str, Threshold]]:
    return [("some-policy", Threshold(gauge, at, status, rising)) for at, status in pairs]


SPACE = limits((1e11, Status.BANNED), (5e12, Status.DEGRADED))


def test_a_number_stands_in_the_zone_of_what_it_asks_for() -> None:
    for value, status in ((5e10, Status.BANNED), (1e12, Status.DEGRADED), (8e12, Status.ACTIVE)):
        drawn = bullet(value, SPACE)
        (zone,) = [zone for zone in drawn.zones if zone.place <= drawn.place < zone.place + zone.width + 0.01][-1:]
        assert zone.status is status


def test_where_more_is_worse_the_bad_zone_is_at_the_far_end() -> None:
    drawn = bullet(2, limits((1, Status.DEGRADED), gauge=TICKETS_OPEN, rising=True))
    assert [zone.status for zone in drawn.zones] == [Status.ACTIVE, Status.DEGRADED]


def test_thresholds_far_below_the_number_are_seen_on_a_logarithmic_scale() -> None:
    drawn = bullet(3e15, SPACE)
    assert drawn.scale.logarithmic
    assert all(line.place > 5 for line in drawn.lines)


def test_shares_go_from_none_to_all() -> None:
    scale = scaled([0.93], limits((0.5, Status.BANNED), gauge=JOBS_WELL), share=True)
    assert (scale.low, scale.high, scale.logarithmic) == (0, 1, False)


@given(NUMBERS, st.lists(st.tuples(NUMBERS, st.sampled_from(Status)), max_size=4), st.booleans())
def test_zones_cover_the_scale_once(value: float, pairs: list[tuple[float, Status]], rising: bool) -> None:  # noqa: FBT001
    drawn = bullet(value, limits(*pairs, rising=rising))
    assert 0 <= drawn.place <= 100
    edges = [(zone.place, zone.place + zone.width) for zone in drawn.zones]
    assert edges[0][0] == 0
    assert edges[-1][1] == pytest.approx(100, abs=0.1)
    assert all(before[1] == pytest.approx(after[0], abs=0.02) for before, after in pairwise(edges))


def test_a_number_lasts_until_the_next_and_where_nothing_counts_there_is_a_gap() -> None:
    drawn = chart([(hour(0), 1.0), (hour(10), 0.5), (hour(20), None), (hour(40), 1.0)], [], AXIS, share=True)
    assert drawn.paths == ("M0,0H100V50H200", "M400,0H1000")
    assert drawn.gaps == ((20.0, 40.0),)


def test_of_too_many_points_the_peaks_are_kept() -> None:
    points = [(hour(n / 100), 1.0 if n == 5003 else 0.5) for n in range(10_000)]
    (path,) = chart(points, [], AXIS, share=True).paths
    assert path.count("H") <= MOST_POINTS + 3
    assert "V0" in path


@pytest.mark.parametrize("points", [[], [(hour(0), None)], [(hour(0), 0.0)], [(hour(0), -5.0), (hour(1), 5.0)]])
def test_little_can_be_drawn_of_little(points: list[tuple[datetime, float | None]]) -> None:
    drawn = chart(points, [], AXIS)
    assert all(0 <= place <= 100 for _, place in drawn.steps)


def test_thresholds_are_drawn_under_the_names_of_their_policies() -> None:
    (bad, poor) = chart([(hour(0), 1e13)], SPACE, AXIS).lines
    assert (bad.policy, bad.threshold.status) == ("some-policy", Status.BANNED)
    assert bad.place < poor.place

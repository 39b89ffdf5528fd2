"""What rules tell of their thresholds is what they judge by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.gauges import GAUGES, METRICS, POINTS, Threshold, gauges_of, thresholds_of
from gridmask.domain.measurements import VALUES, Jobs, Measurement, Metric, Pilots, Point, Series, Space, Tickets, Transfers
from gridmask.domain.policy import Rule
from gridmask.domain.quantities import Share, Size
from gridmask.domain.status import Status
from gridmask.rules import (
    Always,
    FreeSpace,
    JobDoneRatio,
    JobEfficiency,
    JobRunningMatched,
    JobRunningWaiting,
    PilotEfficiency,
    TransferQuality,
    WindowedCount,
)
from gridmask.rules import Tickets as OpenTickets
from gridmask.testing import moment
from tests.unit.rules.trying import known, tried

COUNTS = st.integers(10, 500)
JOBS = st.builds(Jobs, *[COUNTS] * 9)
TRIED: tuple[tuple[Rule, st.SearchStrategy[Measurement]], ...] = (
    (FreeSpace(), st.builds(Space, st.just(1e15), st.sampled_from([5e10, 1e11, 1e12, 5e12, 6e12]))),
    (
        FreeSpace(Size(0), Size(0), Share(0.01), Share(0.1)),
        st.builds(Space, st.just(1e15), st.sampled_from([1e12, 1e13, 5e13, 1e14, 5e14])),
    ),
    (JobDoneRatio(), JOBS),
    (JobEfficiency(), JOBS),
    (JobEfficiency(banned_failed=300, degraded_failed=100), JOBS),
    (JobRunningMatched(), JOBS),
    (JobRunningWaiting(), JOBS),
    (PilotEfficiency(), st.builds(lambda good, bad: Pilots(good + bad, bad), COUNTS, COUNTS)),
    (PilotEfficiency(banned_aborted=400, degraded_aborted=90), st.builds(lambda good: Pilots(10_000, good), COUNTS)),
    (TransferQuality(bad=Status.BANNED), st.builds(lambda g, b: Transfers("source", g + b, b), COUNTS, COUNTS)),
    (OpenTickets(at_least=100), st.builds(Tickets, COUNTS)),
)


@pytest.mark.parametrize(("rule", "values"), TRIED, ids=lambda given: type(given).__name__)
def test_what_lies_beyond_a_threshold_is_what_the_rule_asks_for(rule: Rule, values: st.SearchStrategy[Measurement]) -> None:
    @given(values)
    def agrees(value: Measurement) -> None:
        told = thresholds_of(rule)
        asked = [one.status for one in told if (read := one.gauge.read([value])) is not None and one.is_passed(read)]
        assert told
        assert tried(rule, *known(value)).status is min(asked, default=Status.ACTIVE)

    agrees()


def test_a_threshold_that_is_switched_off_is_not_told() -> None:
    assert {one.gauge.name for one in JobEfficiency().thresholds()} == {"ended jobs that did not fail"}
    assert {one.gauge.name for one in FreeSpace().thresholds()} == {"free space"}


def test_a_rule_without_thresholds_tells_none() -> None:
    assert thresholds_of(Always(Status.BANNED)) == ()


def test_a_threshold_of_series_is_about_those_that_the_rule_looks_at() -> None:
    (one,) = thresholds_of(WindowedCount(series=("hc-*",), points=3))
    named = {name: gauges_of(Series(name, ()), "series")[0] for name in ("hc-efficiency", "other")}
    assert [one.judges(gauge, name) for name, gauge in named.items()] == [True, False]


def test_kinds_that_are_numbers_have_gauges_of_their_own_and_words_have_none() -> None:
    assert GAUGES.keys() <= VALUES.keys()
    assert gauges_of(Metric("load", 3.0, "jobs"), "metric")[0].read([Metric("load", 3.0)]) == 3
    assert gauges_of(None, "state") == ()


def test_a_threshold_of_metrics_is_about_those_of_its_name() -> None:
    one = Threshold(METRICS, 20, Status.DEGRADED, rising=True, topics=("load",))
    (gauge,) = gauges_of(Metric("load", 30.0), "metric")
    assert (one.judges(gauge, "load"), one.judges(gauge, "heat"), one.is_passed(30.0)) == (True, False, True)


def test_nothing_is_read_of_what_is_nothing() -> None:
    assert GAUGES["jobs"][0].read([Jobs()]) is None
    assert POINTS.read([Series("words", (Point(moment("12:00"), "good"),))]) is None

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmask.domain.element import ElementKey
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import (
    VALUES,
    Jobs,
    Metric,
    Pilots,
    Point,
    Probe,
    Series,
    Space,
    State,
    Tickets,
    Transfers,
)
from gridmask.portal.element.measured import measured, told_of

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
CE = ElementKey("Resource", "ComputingElement", "ce01")
TOLD = {
    Space(400e12, 100e12): "100 TB of 400 TB are free, 25 %",
    Space(0, 5e12): "5 TB are free",
    Jobs(done=1200, failed=3): "1,200 done, 3 failed",
    Jobs(): "none",
    Pilots(50, 7): "7 of 50 were aborted",
    Transfers("source", 90, 4): "4 of 90 failed, with it as source",
    Transfers("destination", 90, 4, "SE2"): "4 of 90 failed, with it as destination and SE2 at the other end",
    Tickets(2): "2 open",
    Probe("submit", "OK"): "submit is OK",
    Probe("submit", "CRITICAL", "no answer"): "submit is CRITICAL: no answer",
    State("Draining"): "Draining",
    Metric("load", 1234.5, "jobs"): "load is 1,234.5 jobs",
    Series("days", (Point(TOMORROW, "Good"), Point(NOW, "Bad"))): "days: 2 values, the last Good",
    Series("days", ()): "days: 0 values",
}


@pytest.mark.parametrize("value", TOLD)
def test_a_measurement_is_told_in_a_line(value: object) -> None:
    assert told_of(value) == TOLD[value]


def test_every_kind_of_measurement_can_be_told() -> None:
    assert {type(value) for value in TOLD} == set(VALUES.values())


def probe(record: str, vo: str, result: str) -> Evidence:
    return Evidence(EvidenceKey("probes", record, CE), "probe", Probe("submit", result), NOW, TOMORROW, vo)  # type: ignore[arg-type]  # a result is a word


def test_what_counts_for_the_vo_comes_first_and_what_does_not_is_told_all_the_same() -> None:
    found = measured("cms", [probe("1", "all", "OK"), probe("2", "atlas", "WARNING"), probe("3", "cms", "CRITICAL")])
    assert [(one.evidence.vo, one.counts) for one in found] == [("cms", True), ("all", False), ("atlas", False)]

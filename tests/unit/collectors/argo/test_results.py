from __future__ import annotations

import json
from typing import Any

import pytest

from gridmask.collectors.argo.results import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Point, Series
from gridmask.source import Source
from gridmask.testing import answered, moment


def said(*days: dict[str, Any], body: bytes = b"") -> Observations:
    source = Source(name="argo", kind="argo-results", url="x", options={"report": "Critical"})
    groups = [{"name": "EXAMPLE-LCG2", "type": "SITES", "results": days}]
    whole = {"results": [{"name": "NGI_XX", "type": "NGI", "results": [], "groups": groups}]}
    return read(answered(body or json.dumps(whole).encode()), source, TypeRegistry())


def test_availability_and_reliability_are_series_of_shares_by_day() -> None:
    first, second = said({"date": "2026-08-20", "availability": "29.5", "reliability": "50"}).evidence
    assert first.value == Series("availability", (Point(moment("2026-08-20T00:00"), 0.295),))
    assert second.value == Series("reliability", (Point(moment("2026-08-20T00:00"), 0.5),))
    assert first.key.about == ("Site", "Site", "EXAMPLE-LCG2")


@pytest.mark.parametrize("value", ["-1", "unknown", "", "NaN", -1])
def test_a_day_of_which_nothing_is_known_has_no_point(value: object) -> None:
    unknown = {"date": "2026-08-20", "availability": value, "reliability": "50"}
    first, _ = said(unknown, {"date": "2026-08-19", "availability": "90", "reliability": "50"}).evidence
    assert first.value == Series("availability", (Point(moment("2026-08-19T00:00"), 0.9),))


@pytest.mark.parametrize("day", [{"availability": "-1"}, {"date": "2099-08-20", "availability": "0"}])
def test_a_series_of_which_no_day_is_known_says_nothing(day: dict[str, str]) -> None:
    (only,) = said({"date": "2026-08-20", **day, "reliability": ""}, {"date": "2026-08-19", "reliability": "50"}).evidence
    assert only.value == Series("reliability", (Point(moment("2026-08-19T00:00"), 0.5),))


@pytest.mark.parametrize(
    "day", [{"date": "yesterday", "availability": "5"}, {"date": "2026-08-20", "availability": "much"}, {}]
)
def test_a_group_that_cannot_be_read_is_told(day: dict[str, Any]) -> None:
    told = said(day)
    assert (told.evidence, len(told.problems), told.conclusive) == ((), 1, False)


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="is no report of results by ARGO"):
        said(body=b"{}")

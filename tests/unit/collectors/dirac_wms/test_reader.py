from __future__ import annotations

import json
from typing import Any

import pytest

from gridmask.collectors.dirac_wms.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import FetchFailed, MalformedAnswer
from gridmask.domain.measurements import Jobs, Pilots
from gridmask.source import Source
from gridmask.testing import answered, moment


def said(*values: object, **options: object) -> Observations:
    source = Source(name="wms", kind="dirac-wms", url="x", options=options)
    bodies = (json.dumps({"OK": True, "Value": value}).encode() for value in values)
    return read(answered(*bodies), source, TypeRegistry())


def pair(status: object, name: object = "LCG.A.ch", count: object = 3, attribute: str = "Site") -> list[object]:
    return [{attribute: name, "Status": status}, count]


def test_both_counters_of_jobs_are_about_the_same_sites() -> None:
    (found,) = said([pair("Done", count=5), pair("Failed")], [pair("Running", count=2), pair("Stalled")]).evidence
    assert (found.key.about, found.value) == (ElementKey("Site", "Site", "LCG.A.ch"), Jobs(done=5, failed=3, running=2))
    assert (found.observed_at, found.key.record, found.vo) == (moment("10:00"), "jobs/LCG.A.ch", "all")


def test_the_summary_of_sites_is_a_table() -> None:
    columns = ["Site", "GridType", "Running", "Done", "Failed", "Killed", "Efficiency", "Status"]
    rows = [["LCG.A.ch", "LCG", 7, 90, 10, 1, "90.0", "Fair"], ["ANY", "LCG", 1, 0, 0, 0, "0.0", "Idle"]]
    (found,) = said({"ParameterNames": columns, "Records": rows}, method="getSiteSummaryWeb").evidence
    assert found.value == Jobs(running=7, done=90, failed=10)


def test_counters_of_pilots_tell_how_many_ended_and_were_aborted() -> None:
    counts = [
        pair("Done", count=57, attribute="GridSite"),
        pair("Aborted", attribute="GridSite"),
        pair("Running", attribute="GridSite"),
    ]
    told = said(counts, method="getPilotsCounters", vo="LHCb", names={"LCG.A.ch": "A"})
    (found,) = told.evidence
    assert (found.value, found.key.about, found.vo) == (Pilots(60, 3), ElementKey("Site", "Site", "A"), "lhcb")
    assert (found.key.record, told.rest) == ("pilots/LCG.A.ch/lhcb", Pilots(0, 0))


def test_the_summary_of_pilots_is_by_computing_element() -> None:
    summary = {
        "Total": {"Done": 9, "Aborted": 1},
        "ce01.example.org": {"Done": 8, "Deleted": 1, "Running": 4, "Aborted": 1, "Aborted_Hour": 1},
        "ce02.example.org": {"Running": 4},
        "NotAssigned": {"Aborted": 3},
    }
    (found,) = said(summary, method="getPilotSummary").evidence
    assert (found.key.about, found.value) == (ElementKey("Resource", "ComputingElement", "ce01.example.org"), Pilots(10, 1))


def test_of_an_element_with_a_count_that_cannot_be_nothing_is_said_for_the_rest_would_be_a_part() -> None:
    told = said([pair("Done", count="many"), pair("Failed"), pair("Failed", "LCG.B.ch")])
    assert [(item.key.about[-1], item.value) for item in told.evidence] == [("LCG.B.ch", Jobs(failed=3))]


def test_another_attribute_of_another_type() -> None:
    told = said([pair("Done", "ce1", attribute="CE")], [], attribute="CE", type="ComputingElement").evidence
    assert [item.key.about for item in told] == [ElementKey("Resource", "ComputingElement", "ce1")]


@pytest.mark.parametrize("nowhere", ["ANY", "Multiple", "Unknown", "", None])
def test_jobs_that_are_nowhere_are_passed_over(nowhere: str | None) -> None:
    assert said([pair("Done", nowhere)]) == Observations((), rest=Jobs())


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        [],
        [{}],
        [{"Site": "A"}, 1],
        pair(5),
        pair("Done", 5),
        pair("Done", count=-1),
        pair("Done", count="3"),
        pair("Done", count=True),
        pair("Done", "x" * 300),
    ],
)
def test_a_count_that_cannot_be_read_spoils_those_that_it_may_be_part_of(wrong: object) -> None:
    told = said([wrong, pair("Done", "LCG.B.ch")])
    named = isinstance(wrong, list) and wrong[1:] and isinstance(wrong[0].get("Site"), str)
    assert (len(told.evidence), len(told.problems), told.conclusive) == (int(bool(named)), 1, False)


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        ("getSiteSummaryWeb", {"ParameterNames": ["Site", "Done"], "Records": [["A", "x"], ["LCG.B.ch", 3]]}),
        ("getPilotSummary", {"A": 7, "LCG.B.ch": {"Done": 3}}),
        ("getPilotSummary", {"A": {"Done": None}, "LCG.B.ch": {"Done": 3}}),
    ],
)
def test_a_row_that_cannot_be_read_spoils_no_other(method: str, wrong: object) -> None:
    told = said(wrong, method=method)
    assert ([item.key.about.name for item in told.evidence if isinstance(item.key.about, ElementKey)], told.conclusive) == (
        ["LCG.B.ch"],
        False,
    )


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("getCounters", {}),
        ("getCounters", None),
        ("getSiteSummaryWeb", []),
        ("getSiteSummaryWeb", {"ParameterNames": ["Name"], "Records": []}),
        ("getSiteSummaryWeb", {"ParameterNames": ["Site"], "Records": []}),
        ("getPilotSummary", []),
    ],
)
def test_what_is_no_answer_of_the_method_is_refused(method: str, value: object) -> None:
    with pytest.raises(MalformedAnswer):
        said(value, method=method)


def read_body(body: bytes) -> Any:  # noqa: ANN401
    return read(answered(body), Source(name="wms", kind="dirac-wms", url="x"), TypeRegistry())


def test_a_refusal_and_what_is_no_answer_of_dirac_are_told() -> None:
    with pytest.raises(FetchFailed, match=r"Unauthorized query \(Errno 1129\)"):
        read_body(b'{"OK": false, "Errno": 1129, "Message": "Unauthorized query"}')
    with pytest.raises(MalformedAnswer, match="is this the address of"):
        read_body(b"<html>")

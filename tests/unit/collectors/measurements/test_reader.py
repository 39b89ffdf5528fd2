from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.measurements.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Probe, Space
from gridmask.domain.naming import HostedService

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
DISK = {"type": "StorageElement", "name": "EXAMPLE-DISK"}


def item(**told: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    space = {"kind": "space", "about": DISK, "value": {"total": 10, "free": 1}, "observed_at": "2026-08-21T12:00:00Z"}
    return {**space, **told}


def listed(*items: object) -> Observations:
    return read(json.dumps({"measurements": items}).encode(), "own")


def test_a_measurement_is_evidence_about_what_it_names() -> None:
    [evidence] = listed(item(vo="CMS", valid_for="30m")).evidence
    assert evidence.key == ("own", "space/cms", ElementKey("Resource", "StorageElement", "EXAMPLE-DISK"))
    assert (evidence.kind, evidence.value, evidence.vo) == ("space", Space(10, 1), "cms")
    assert (evidence.observed_at, evidence.valid_until) == (NOON, NOON + timedelta(minutes=30))


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_times_beyond_the_calendar_are_told(moment: str) -> None:
    found = listed(item(observed_at=moment))
    assert (found.evidence, found.problems) == ((), ("measurements[0]: its times reach beyond the calendar",))


@pytest.mark.parametrize("until", [{"valid_until": "2026-08-21T12:00:00Z"}, {"valid_for": "0s"}])
def test_what_never_counts_is_told(until: dict[str, str]) -> None:
    [problem] = listed(item(**until)).problems
    assert "stopped counting before it was observed" in problem


def test_of_a_record_that_is_listed_twice_the_newest_counts_whatever_the_order() -> None:
    newer = item(observed_at="2026-08-21T12:05:00Z", value={"total": 10, "free": 9})
    for items in ((item(), newer), (newer, item())):
        found = listed(*items)
        assert ([e.value for e in found.evidence], found.problems) == ([Space(10, 9)], ())


def test_of_two_of_one_moment_that_differ_neither_counts() -> None:
    found = listed(item(), item(value={"total": 10, "free": 9}), item(about={**DISK, "name": "OTHER"}))
    assert ([e.key.about.name for e in found.evidence if isinstance(e.key.about, ElementKey)], found.conclusive) == (
        ["OTHER"],
        False,
    )
    assert "listed twice" in found.problems[0]


def test_what_claims_to_be_of_the_future_is_left_out_and_told() -> None:
    found = listed(item(), item(about={**DISK, "name": "OTHER"}, observed_at="2026-08-21T12:10:00Z")).until(NOON)
    assert (len(found.evidence), found.conclusive) == (1, False)
    assert found.problems == ("space of StorageElement OTHER: observed_at lies in the future.",)


def test_what_says_nothing_else_counts_for_as_long_as_its_source_does() -> None:
    body = json.dumps({"measurements": [item()]}).encode()
    assert read(body, "own", timedelta(hours=6)).evidence[0].valid_until == NOON + timedelta(hours=6)


def test_a_service_can_be_named_by_its_host() -> None:
    told = item(kind="probe", about={"host": "CE.example.org", "service": "ARC-CE"}, value={"metric": "submit", "result": "OK"})
    [evidence] = listed(told).evidence
    assert (evidence.key.about, evidence.value) == (HostedService("ce.example.org", "arc-ce"), Probe("submit", "OK"))
    assert evidence.key.record == "probe/submit"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"kind": "spaec"}, "did you mean 'space'"),
        ({"about": {}}, "name an element by its type and name, or a service by its host"),
        ({"about": {**DISK, "host": "h"}}, "or a service by its host"),
        ({"value": {"total": 1}}, "missing required field `free`"),
        ({"value": {"total": "much", "free": 1}}, "Expected `float`"),
        ({"value": {"total": -1, "free": 0}}, "less than nothing"),
        ({"observed_at": "2026-08-21T12:00:00"}, "need a time zone"),
        ({"observed_at": "yesterday"}, "Invalid RFC3339"),
        ({"vo": "no such!"}, "cannot be a VO's name"),
        ({"valid_for": "soon"}, "soon"),
        ({"more": 1}, "unknown field `more`"),
        ({"record": "x" * 300}, "longer than"),
    ],
)
def test_what_is_wrong_with_one_is_told_and_the_others_are_taken(told: dict[str, Any], problem: str) -> None:
    observed = listed(item(), item(**told), item(about={"type": "FTS", "name": "fts"}))
    assert (len(observed.evidence), observed.conclusive, len(observed.problems)) == (2, False, 1)
    assert observed.problems[0].startswith("measurements[1]: ")
    assert problem in observed.problems[0]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"<html>", b'{"measurements": 1}', b'{"measurement": []}', b"\xff"])
def test_what_is_no_such_document_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="own: is no document of measurements"):
        read(body, "own")


@given(st.binary(max_size=60))
def test_whatever_comes_it_is_told_and_not_a_fault(body: bytes) -> None:
    try:
        read(body, "own")
    except MalformedAnswer:
        return

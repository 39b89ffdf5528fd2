from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.cric_status.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Probe
from gridmask.source import Source
from gridmask.testing import answered, moment

LATER, BEFORE = "2026-08-21T16:00:00", "2026-08-21T04:00:00.5"


def off(value: object = "OFF", until: str | None = LATER, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"status": {"value": value, "probe": "manual", "reason": "new  disks", "expiration": until, **more}}


def said(document: object, /, **options: object) -> Observations:
    source = Source(name="cric", kind="cric-status", url="https://cric.example.org", options=options)
    return read(answered(json.dumps(document).encode()), source, TypeRegistry())


def probes(document: object, /, **options: object) -> list[object]:
    return [item.value for item in said(document, **options).evidence]


def test_each_activity_of_an_endpoint_is_a_probe() -> None:
    told = said({"A_DISK": {"read_wan": {"status": {"value": "ON"}}, "write_wan": off()}}, vo="atlas", names={"A_DISK": "A"})
    first, second = told.evidence
    assert (first.value, second.value) == (
        Probe("read_wan", "OK", "ON"),
        Probe("write_wan", "CRITICAL", "OFF by manual until 2026-08-21 16:00 UTC: new disks"),
    )
    assert second.key == ("cric", "write_wan/A_DISK/atlas", ElementKey("Resource", "StorageElement", "A"))
    assert (second.vo, second.observed_at, second.valid_until) == ("atlas", moment("10:00"), moment("16:00"))


def test_who_set_what_stands_by_its_value_and_by_who_did() -> None:
    rule = {
        "expiration": LATER,
        "updated": BEFORE,
        "operationdn": "somebody",
        "reason": "scheduled downtime",
        "value": "OFFLINE",
    }
    queue = {"Q": {"a": {"mode": {"OFFLINE": {"manual": rule}, "TEST": {"hammercloud": {}}}, "status": {"value": "OFFLINE"}}}}
    told = said(queue, document="pandaqueuestatus")
    assert told.evidence[0].key.about == ElementKey("Node", "PandaQueue", "Q")
    summary = "OFFLINE by manual until 2026-08-21 16:00 UTC: scheduled downtime"
    assert told.evidence[0].value == Probe("all", "CRITICAL", summary)
    del queue["Q"]["a"]["status"]
    assert probes(queue, document="pandaqueuestatus") == [Probe("all", "CRITICAL", summary)]


def test_what_is_over_excludes_nothing_any_more() -> None:
    assert probes({"A": {"w": off(until=BEFORE)}}) == [Probe("write_wan", "OK", "ON")]
    modes = {"OFF": {"disk": {"expiration": BEFORE}, "manual": {"expiration": LATER}}}
    assert probes({"A": {"w": {"mode": modes}}}) == [Probe("write_wan", "CRITICAL", "OFF by manual until 2026-08-21 16:00 UTC")]


@pytest.mark.parametrize(
    ("word", "result"),
    [("on", "OK"), ("ONLINE", "OK"), ("TEST", "WARNING"), ("BROKEROFF", "CRITICAL"), ("Sleeping", "UNKNOWN")],
)
def test_words_have_results_and_can_have_others(word: str, result: str) -> None:
    (value,) = probes({"A": {"all": off(word)}}, results={"test": "WARNING"})
    assert isinstance(value, Probe)
    assert value.result == result


def test_what_is_not_listed_any_more_is_not_excluded_any_more() -> None:
    before, after = said({"A": {"read_wan": off(), "write_wan": off()}}), said({"B": {"read_wan": off()}})
    resting = after.at_rest(before.evidence, moment("12:00"), timedelta(hours=1))
    assert [item.value for item in resting] == [
        Probe(metric, "OK", "It is not excluded any more.") for metric in ("read_wan", "write_wan")
    ]
    assert after.conclusive


@pytest.mark.parametrize(
    "wrong",
    [
        {"A": 7},
        {"A": None},
        {"": {"a": off()}},
        {"A\0": {"a": off()}},
        {"x" * 300: {"a": off()}},
        {"A": {"a": 7}},
        {"A": {"a": {}}},
        {"A": {"": off()}},
        {"A": {"a": off(value=7)}},
        {"A": {"a": off(until="soon")}},
        {"A": {"a": {"mode": {"OFF": ["manual"]}}}},
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_free_by_it(wrong: dict[str, Any]) -> None:
    told = said({**wrong, "B": {"a": off()}})
    assert ([item.key.record for item in told.evidence], told.conclusive, len(told.problems)) == (["all/B"], False, 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"<html>", b'{"error": "no permission"}', b'{"A": {'])
def test_what_is_no_document_or_lists_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(answered(body), Source(name="cric", kind="cric-status", url="https://cric.example.org"), TypeRegistry())


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(("OFF", "status", "mode", "value", LATER)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("status", "mode", "OFF", "value", "x")), inner)
    ),
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), anything, min_size=1))
def test_whatever_it_lists_it_is_read_or_told(document: dict[str, Any]) -> None:
    try:
        told = said(document)
    except MalformedAnswer:
        return
    assert bool(told.problems) != told.conclusive

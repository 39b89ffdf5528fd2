from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gridmask.collectors.observations import Observations
from gridmask.collectors.prometheus.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Metric, Probe
from gridmask.domain.naming import HostedService
from gridmask.source import Source
from gridmask.testing import answered, moment

NOW = moment("10:00")
UP = {"name": "up", "expr": "up"}
LOAD = {"name": "load", "expr": "node_load1", "gives": "metric", "unit": "processes"}


def source(*queries: dict[str, str], **options: object) -> Source:
    asked = [*queries] or [UP]
    return Source(
        name="prom",
        kind="prometheus",
        url="http://prom.example.org",
        valid_for=timedelta(minutes=10),
        options={**options, "query": asked},
    )


def vector(*samples: tuple[dict[str, str], str], **more: Any) -> bytes:  # noqa: ANN401
    result = [{"metric": labels, "value": [NOW.timestamp(), value]} for labels, value in samples]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}, **more}).encode()


def said(*bodies: bytes, of: Source) -> Observations:
    return read(answered(*bodies), of, TypeRegistry())


def test_one_is_ok_and_nought_is_critical() -> None:
    body = vector(({"instance": "davs://SE01.example.org:443/"}, "1"), ({"instance": "se02.example.org:9115"}, "0"))
    first, second = said(body, of=source()).evidence
    assert (first.key.about, first.value) == (HostedService("se01.example.org"), Probe("up", "OK", "up is 1"))
    assert (second.key.about, second.value) == (HostedService("se02.example.org"), Probe("up", "CRITICAL", "up is 0"))
    assert (first.observed_at, first.valid_until) == (NOW, NOW + timedelta(minutes=10))


def test_a_metric_is_the_number_itself() -> None:
    (found,) = said(vector(({"instance": "ce01"}, "12.5")), of=source(LOAD)).evidence
    assert found.value == Metric("load", 12.5, "processes")


def test_a_label_may_name_an_element_and_a_vo() -> None:
    told = source(label="rse", type="StorageElement", vo_label="vo", names={"X": "EXAMPLE-DISK"})
    (found,) = said(vector(({"rse": "X", "vo": "CMS"}, "1")), of=told).evidence
    assert (found.key.about, found.vo) == (ElementKey("Resource", "StorageElement", "EXAMPLE-DISK"), "cms")
    assert found.key.record == "up/EXAMPLE-DISK/cms"


def test_a_label_may_name_the_service() -> None:
    (found,) = said(vector(({"instance": "h", "module": "WebDAV"}, "1")), of=source(service_label="module")).evidence
    assert found.key.about == HostedService("h", "webdav")


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "much"])
def test_what_is_no_number_is_missing(value: str) -> None:
    told = said(vector(({"instance": "a"}, value), ({"instance": "b"}, "3")), of=source(LOAD))
    assert [item.key.about for item in told.evidence] == [HostedService("b")]
    assert not told.conclusive


def test_a_probe_that_is_neither_is_told_with_what_to_write() -> None:
    assert "Write a comparison with `bool`" in said(vector(({"instance": "a"}, "2")), of=source()).problems[0]


@pytest.mark.parametrize("labels", [{}, {"instance": ""}, {"instance": "http://"}, {"instance": "a", "vo": "two words"}])
def test_a_series_that_names_nothing_is_told(labels: dict[str, str]) -> None:
    told = said(vector((labels, "1"), ({"instance": "b"}, "1")), of=source(vo_label="vo"))
    assert (len(told.evidence), len(told.problems), told.conclusive) == (1, 1, False)


def test_a_warning_makes_the_answer_partial() -> None:
    told = said(vector(({"instance": "a"}, "1"), warnings=["a store is away"]), of=source())
    assert (len(told.evidence), told.conclusive) == (1, False)
    assert told.problems == ("query up: Prometheus warns: a store is away",)


@pytest.mark.parametrize(
    ("expr", "stated"),
    [
        ("sum by (instance) (jobs_failed)", 0),
        ("SUM(x)", 0),
        ("avg without (pod) (up)", 0),
        ("absent(up)", 0),
        ("1 - count (up == 0) / 5", 0),
        ("summary", 1),
        ("sum_over_time(up[5m])", 1),
        ("rate(max_total[5m]) > bool 0", 1),
    ],
)
def test_of_what_takes_series_together_nothing_is_said_without_some_of_them(expr: str, stated: int) -> None:
    told = said(vector(({"instance": "a"}, "1"), warnings=["a store is away"]), of=source({"name": "q", "expr": expr}))
    assert (len(told.evidence), told.conclusive, len(told.problems)) == (stated, False, 1)
    assert len(said(vector(({"instance": "a"}, "1")), of=source({"name": "q", "expr": expr})).evidence) == 1


def test_each_query_has_its_answer() -> None:
    told = said(vector(({"instance": "a"}, "1")), vector(({"instance": "a"}, "4")), of=source(UP, LOAD))
    assert [item.kind for item in told.evidence] == ["probe", "metric"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"status":"error","errorType":"timeout","error":"query timed out"}', "Prometheus says: query timed out"),
        (b'{"status":"success","data":{"resultType":"matrix","result":[]}}', "gives a matrix; an instant vector is wanted"),
        (b"<html>", "is no answer of Prometheus"),
        (b'{"status":"success","data":{"resultType":"vector","result":{}}}', "is no answer of Prometheus"),
    ],
)
def test_what_is_no_vector_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(MalformedAnswer, match=problem):
        said(body, of=source())


@pytest.mark.parametrize(
    ("queries", "problem"),
    [
        ([], "query: should have something in it"),
        ([UP, UP], "query: up is the name of more than one query"),
        ([{"name": "up"}], "expr: is missing"),
    ],
)
def test_queries_are_checked(queries: list[dict[str, str]], problem: str) -> None:
    with pytest.raises(InvalidConfiguration, match=problem):
        said(b"", of=Source(name="p", kind="prometheus", url="x", options={"query": queries}))


def test_a_sample_of_no_time_is_told_and_the_others_count() -> None:
    body = vector(({"instance": "se01.example.org"}, "1"), ({"instance": "se02.example.org"}, "0"))
    found = said(body.replace(str(NOW.timestamp()).encode(), b"1e300", 1), of=source())
    assert [item.key.about for item in found.evidence] == [HostedService("se02.example.org")]
    assert "se01.example.org" in found.problems[0]

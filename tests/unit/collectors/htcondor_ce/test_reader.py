from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from gridmask.collectors.htcondor_ce.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Jobs, Metric, State
from gridmask.domain.naming import HostedService
from gridmask.source import Source
from gridmask.testing import answered

HEARD = 1_787_306_000
CE = HostedService("ce01.example.org", "org.opensciencegrid.htcondorce")


def ad(name: object = "ce01.example.org", **attributes: object) -> dict[str, object]:
    told = {"MyType": "Scheduler", "Name": name, "LastHeardFrom": HEARD, "TotalRunningJobs": 12, "TotalIdleJobs": 3}
    return {**told, "TotalHeldJobs": 1, "MaxJobsRunning": 10_000, "DaemonStartTime": 7, **attributes}


def said(*ads: object, **options: object) -> Observations:
    source = Source(name="ces", kind="htcondor-ce", url="x", valid_for=timedelta(hours=1), options=options)
    return read(answered(json.dumps(ads).encode()), source, TypeRegistry())


def values(*ads: object, **options: object) -> dict[str, object]:
    return {item.kind: item.value for item in said(*ads, **options).evidence}


def test_a_scheduler_tells_of_its_jobs_and_that_it_lets_them_run() -> None:
    assert values(ad()) == {
        "jobs": Jobs(running=12, waiting=3),
        "metric": Metric("held-jobs", 1, "jobs"),
        "state": State("production"),
    }
    assert {item.key.about for item in said(ad()).evidence} == {CE}


def test_it_counts_from_when_the_collector_last_heard_from_it() -> None:
    since = datetime.fromtimestamp(HEARD, UTC)
    assert {(item.observed_at, item.valid_until) for item in said(ad()).evidence} == {(since, since + timedelta(hours=1))}
    fallback = said(ad(LastHeardFrom=0, MyCurrentTime=HEARD)).evidence
    assert {item.observed_at for item in fallback} == {since}


def test_one_that_lets_no_job_run_is_draining() -> None:
    assert values(ad(MaxJobsRunning=0))["state"] == State("draining", "MaxJobsRunning is 0")


def test_what_an_ad_does_not_tell_is_not_measured() -> None:
    assert values(ad(TotalIdleJobs=None, TotalHeldJobs=None, MaxJobsRunning=None)) == {"state": State("production")}


@pytest.mark.parametrize(
    ("name", "options", "about"),
    [
        ("CE01.example.org", {}, CE),
        ("jobs@ce01.example.org", {}, CE),
        ("odd", {"names": {"odd": "CE01.example.org"}}, CE),
        ("odd", {"names": {"odd": "CE1"}, "type": "ComputingElement"}, ElementKey("Resource", "ComputingElement", "CE1")),
    ],
)
def test_the_name_is_that_of_a_host_or_of_an_element(name: str, options: dict[str, object], about: object) -> None:
    assert {item.key.about for item in said(ad(name), **options).evidence} == {about}


def test_other_daemons_are_passed_over() -> None:
    assert said({"MyType": "Collector", "Name": "x"}, ad()).evidence == said(ad()).evidence


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {},
        ad(5),
        ad(""),
        ad("\x07"),
        ad("x" * 300),
        ad(LastHeardFrom=0),
        ad(LastHeardFrom=-5),
        ad(LastHeardFrom=10**18),
        ad(TotalIdleJobs="/Expr(x)/"),
    ],
)
def test_an_ad_that_cannot_be_read_spoils_no_other(wrong: object) -> None:
    told = said(wrong, ad("ce02.example.org"))
    assert (len(told.evidence), len(told.problems), told.conclusive) == (3, 1, False)


def test_less_than_no_jobs_cannot_be() -> None:
    told = said(ad(TotalRunningJobs=-1))
    assert ({item.kind for item in told.evidence}, told.conclusive) == ({"metric", "state"}, False)


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b"Error: communication error", b"[" * 5000])
def test_what_is_no_output_of_the_command_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(answered(body), Source(name="ces", kind="htcondor-ce", url="x"), TypeRegistry())

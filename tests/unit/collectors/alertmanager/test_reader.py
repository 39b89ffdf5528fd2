from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.alertmanager.reader import Notified, read
from gridmask.collectors.alertmanager.settings import Receiver
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import Probe
from gridmask.domain.naming import HostedService
from gridmask.testing.times import moment

NOW = moment("10:00")
NEVER = "0001-01-01T00:00:00Z"


def alert(status: str = "firing", begun: str = "09:30", ended: str = "", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "SEDown", "instance": "SE01.example.org:443", "severity": "critical", **labels},
        "annotations": {"summary": "WebDAV does not answer"},
        "startsAt": moment(begun).isoformat(),
        "endsAt": moment(ended).isoformat() if ended else NEVER,
        "generatorURL": "http://prometheus.example.org/graph",
        "fingerprint": "a1b2",
    }


def told(*alerts: object, now: datetime = NOW, **options: object) -> Notified:
    receiver = Receiver.model_validate({"name": "am", "valid_for": "1h", **options})
    return read([msgspec.Raw(json.dumps(one).encode()) for one in alerts], receiver, TypeRegistry(), now)


def one(*alerts: object, **options: Any) -> Evidence:  # noqa: ANN401
    [item] = told(*alerts, **options).observations.evidence
    return item


def probe(item: Evidence) -> Probe:
    assert isinstance(item.value, Probe)
    return item.value


def test_an_alert_that_fires_is_a_probe_called_as_it_is() -> None:
    item = one(alert())
    assert item.key == ("am", "SEDown/a1b2", HostedService("se01.example.org"))
    assert (item.value, item.vo) == (Probe("SEDown", "CRITICAL", "WebDAV does not answer"), "all")
    assert (item.observed_at, item.valid_until) == (moment("09:30"), NOW + timedelta(hours=1))


def test_one_that_is_over_is_ok_since_it_ended() -> None:
    item = one(alert("resolved", ended="09:45"))
    assert (item.value, item.observed_at) == (Probe("SEDown", "OK", "resolved: WebDAV does not answer"), moment("09:45"))


def test_it_counts_anew_each_time_that_it_is_told() -> None:
    first, again = one(alert()), one(alert(), now=moment("10:40"))
    assert (first.observed_at, again.valid_until) == (again.observed_at, moment("11:40"))


@pytest.mark.parametrize(("severity", "result"), [("critical", "CRITICAL"), ("warning", "WARNING"), ("", "WARNING")])
def test_its_severity_tells_how_bad_it_is(severity: str, result: str) -> None:
    assert probe(one(alert(severity=severity))).result == result


def test_a_severity_that_means_nothing_is_passed_over() -> None:
    said = told(alert(severity="info"), alert(severity="none"), alert())
    assert (said.passed_over, len(said.observations.evidence), said.observations.problems) == (2, 1, ())


def test_one_without_a_severity_can_be_passed_over() -> None:
    assert told(alert(severity=""), without_severity="").passed_over == 1


def test_severities_can_be_others() -> None:
    assert probe(one(alert(prio="page"), severity_label="prio", severities={"page": "CRITICAL"})).result == "CRITICAL"


def test_labels_name_elements_services_and_vos() -> None:
    item = one(alert(se="EXAMPLE-DISK", vo="LHCb"), type="StorageElement", label="se", vo_label="vo")
    assert (item.key.about, item.vo) == (ElementKey("Resource", "StorageElement", "EXAMPLE-DISK"), "lhcb")
    assert item.key.record == "SEDown/a1b2/lhcb"
    assert one(alert(), service="webdav").key.about == HostedService("se01.example.org", "webdav")


def test_alerts_of_two_kinds_of_labels_are_two_records() -> None:
    second = {**alert(severity="warning"), "fingerprint": "c3d4"}
    assert [item.key.record for item in told(alert(), second).observations.evidence] == ["SEDown/a1b2", "SEDown/c3d4"]


def test_without_a_fingerprint_its_labels_tell_it_from_others() -> None:
    bare = [{name: value for name, value in one.items() if name != "fingerprint"} for one in (alert(), alert(pod="b"))]
    records = [item.key.record for item in told(*bare).observations.evidence]
    assert len(set(records)) == 2
    assert one(bare[0]).key.record == records[0]


def test_what_claims_to_begin_later_than_now_begins_now() -> None:
    assert one(alert(begun="10:07")).observed_at == NOW


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"labels": {"instance": "se01.example.org"}}, "has no label 'alertname'"),
        ({"labels": {"alertname": "Odd", "severity": "critical"}}, "Odd has no label 'instance' that would name a host"),
        ({"labels": {"alertname": "a\0b", "instance": "se01.example.org"}}, "or no text"),
        ({"labels": {"alertname": "Odd", "instance": "x" * 256}}, "longer than 255 characters"),
        ({"startsAt": "soon"}, "startsAt"),
        ({"startsAt": "2026-08-21T09:30:00"}, "its times have no time zone"),
        ({"status": "odd"}, "status"),
        ({"labels": {"alertname": 7}}, "labels"),
    ],
)
def test_one_that_cannot_be_read_is_told_and_spoils_no_other(wrong: dict[str, Any], said: str) -> None:
    observations = told({**alert(), **wrong}, alert()).observations
    [problem] = observations.problems
    assert problem.startswith("alerts[0]: ")
    assert (said in problem, len(observations.evidence)) == (True, 1)


def test_a_vo_that_cannot_be_one_is_told() -> None:
    assert "two words" in told(alert(vo="two words"), vo_label="vo").observations.problems[0]


@given(st.datetimes(), st.datetimes(), st.sampled_from(["firing", "resolved"]))
def test_nothing_is_known_sooner_than_it_is_told(begun: datetime, ended: datetime, status: str) -> None:
    times = {"startsAt": f"{begun.isoformat()}+05:45", "endsAt": f"{ended.isoformat()}-11:00"}
    item = one({**alert(status), **times})
    assert item.observed_at <= NOW < (item.valid_until or NOW)

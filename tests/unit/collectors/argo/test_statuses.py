from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gridmask.collectors.argo.statuses import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Probe
from gridmask.domain.naming import HostedService
from gridmask.source import Source
from gridmask.testing import answered, moment

DAY = "2026-08-21"


def timeline(*statuses: tuple[str, str]) -> list[dict[str, str]]:
    """Statuses by the time of day, with the end that ARGO puts to each day."""
    told = [{"timestamp": f"{DAY}T{time}:00Z", "value": value} for time, value in statuses]
    return [*told, {"timestamp": f"{DAY}T23:59:59Z", "value": statuses[-1][1]}] if told else []


def endpoint(*statuses: tuple[str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"hostname": "SE01.example.org", "service": "webdav", "statuses": timeline(*statuses), **more}


def said(*groups: object, body: bytes = b"", **options: object) -> Observations:
    source = Source(
        name="argo", kind="argo-status", url="x", valid_for=timedelta(hours=1), options={"report": "Critical", **options}
    )
    return read(answered(body or json.dumps({"groups": groups}).encode(), at=f"{DAY}T16:30"), source, TypeRegistry())


def group(*endpoints: object, statuses: Any = ()) -> dict[str, Any]:  # noqa: ANN401
    return {"name": "EXAMPLE-LCG2", "type": "SITES", "statuses": timeline(*statuses), "endpoints": endpoints}


def test_the_last_status_of_an_endpoint_counts_since_it_was_asked_for() -> None:
    (found,) = said(group(endpoint(("00:00", "OK"), ("16:00", "CRITICAL")))).evidence
    assert found.key.about == HostedService("se01.example.org", "webdav")
    assert found.value == Probe("Critical", "CRITICAL", "CRITICAL since 2026-08-21 16:00 UTC")
    assert found.observed_at == moment(f"{DAY}T16:30")


def test_what_the_day_ends_with_is_no_observation() -> None:
    told = [{"timestamp": f"{DAY}T23:59:59Z", "value": "CRITICAL"}]
    assert said(group(endpoint(statuses=told))).evidence == ()


def test_a_status_that_is_told_again_is_as_old_as_it_is() -> None:
    (found,) = said(group(endpoint(("00:00", "OK"), ("07:00", "WARNING"), ("12:00", "WARNING")))).evidence
    assert found.value == Probe("Critical", "WARNING", "WARNING since 2026-08-21 07:00 UTC")


def test_a_day_of_the_past_tells_nothing_of_now() -> None:
    told = said(group(endpoint(statuses=[{"timestamp": "2026-08-04T00:00:00Z", "value": "CRITICAL"}])))
    assert (told.evidence, [str(problem)[:42] for problem in told.problems]) == (
        (),
        ["webdav@SE01.example.org: its last status i"],
    )


def test_a_group_is_an_element() -> None:
    (found,) = said(group(statuses=[("00:00", "OK")]), names={"EXAMPLE-LCG2": "LCG.Example.org"}).evidence
    assert found.key.about == ElementKey("Site", "Site", "LCG.Example.org")


@pytest.mark.parametrize(
    ("value", "result"), [("DOWNTIME", "MISSING"), ("ok", "OK"), ("MISSING", "MISSING"), ("ODD", "UNKNOWN")]
)
def test_words_that_are_no_results_are_none(value: str, result: str) -> None:
    (found,) = said(group(endpoint(("00:00", value)))).evidence
    assert isinstance(found.value, Probe)
    assert found.value.result == result


def test_a_report_may_be_about_a_vo() -> None:
    (found,) = said(group(endpoint(("00:00", "OK"))), vo="LHCb").evidence
    assert found.vo == "lhcb"


@pytest.mark.parametrize("wrong", [{"hostname": "h"}, endpoint(statuses=[{"timestamp": "2026-08-21T00:00:00", "value": "OK"}])])
def test_an_endpoint_that_cannot_be_read_spoils_no_other(wrong: object) -> None:
    told = said(group(wrong, endpoint(("00:00", "OK"))))
    assert (len(told.evidence), len(told.problems), told.conclusive) == (1, 1, False)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"status":{"message":"Unauthorized","code":"401"}}'])
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="is no report of statuses by ARGO"):
        said(body=body or b" ")

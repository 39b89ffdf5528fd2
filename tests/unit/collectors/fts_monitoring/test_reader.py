from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.fts_monitoring.options import FtsMonitoring
from gridmask.collectors.fts_monitoring.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Transfers
from gridmask.domain.naming import HostedService
from gridmask.source import Source
from gridmask.testing import answered
from gridmask.testing.times import moment


def link(source: str, destination: str, vo: str = "cms", **counts: int) -> dict[str, Any]:
    ends = {"source_se": source, "dest_se": destination, "vo_name": vo}
    return {**ends, "submitted": 7, "canceled": 5, "current": 0.3, "rate": 0, **counts}


def overview(*links: object, **more: object) -> bytes:
    page = {"count": len(links), "pageCount": 1, "items": links, "page": 1, "startIndex": 1, **more}
    return json.dumps({"summary": {"finished": 1}, "overview": page}).encode()


def source(**options: object) -> Source:
    return Source(
        name="fts", kind="fts-monitoring", url="https://fts.example.org", valid_for=timedelta(hours=1), options=options
    )


def said(*bodies: bytes, **options: object) -> Observations:
    return read(answered(*bodies), source(**options), TypeRegistry())


def counted(told: Observations) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    """Attempted and failed, by host, direction, other end and VO."""
    return {
        (item.key.about[0], item.value.direction, item.value.other, item.vo): (item.value.attempted, item.value.failed)
        for item in told.evidence
        if isinstance(item.value, Transfers)
    }


A, B, C = "davs://a.example.org:443", "gsiftp://b.example.org", "root://c.example.org"


def test_a_link_is_told_of_at_both_ends() -> None:
    told = said(overview(link(A, B, finished=90, failed=10)))
    assert counted(told) == {
        ("a.example.org", "source", "b.example.org", "all"): (100, 10),
        ("b.example.org", "destination", "a.example.org", "all"): (100, 10),
    }
    first = told.evidence[0]
    assert first.key == ("fts", "source/b.example.org", HostedService("a.example.org"))
    assert (first.observed_at, first.valid_until) == (moment("10:00"), moment("11:00"))


def test_what_is_under_way_or_was_canceled_has_not_been_attempted() -> None:
    assert set(counted(said(overview(link(A, B)))).values()) == {(0, 0)}


def test_vos_and_protocols_of_one_host_add_up() -> None:
    told = said(overview(link(A, B, finished=1), link("root://A.example.org", B, "atlas", failed=2)))
    assert counted(told)["a.example.org", "source", "b.example.org", "all"] == (3, 2)


def test_each_vo_can_be_told_by_itself_as_well() -> None:
    told = counted(said(overview(link(A, B, "CMS", finished=1), link(A, B, "atlas", failed=2)), per_vo=True))
    assert told["a.example.org", "source", "b.example.org", "cms"] == (1, 0)
    assert told["a.example.org", "source", "b.example.org", "atlas"] == (2, 2)
    assert told["a.example.org", "source", "b.example.org", "all"] == (3, 2)


def test_overviews_of_several_vos_add_up() -> None:
    told = said(overview(link(A, B, finished=1)), overview(link(A, B, "atlas", finished=2)), vos=["cms", "atlas"])
    assert counted(told)["b.example.org", "destination", "a.example.org", "all"] == (3, 0)


def test_hosts_and_their_service_can_be_others_here() -> None:
    [first, *_] = said(overview(link(A, B)), service="WebDAV", names={"a.example.org": "door.example.org"}).evidence
    assert first.key.about == HostedService("door.example.org", "webdav")


def test_a_link_that_is_gone_is_at_rest_in_its_own_direction() -> None:
    before, after = said(overview(link(A, B, failed=3))), said(overview())
    resting = after.at_rest(before.evidence, moment("12:00"), timedelta(hours=1))
    assert counted(Observations(resting)) == dict.fromkeys(counted(before), (0, 0))
    assert (after.conclusive, resting[0].valid_until) == (True, moment("13:00"))


@pytest.mark.parametrize(
    ("wrong", "left"),
    [
        (7, set()),
        ({}, set()),
        (link("///", "///"), set()),
        (link("", B), {C}),
        (link(A, "///"), set()),
        (link(A, B, finished=-1), {C}),
        ({**link(A, B), "failed": "x"}, {C}),
        (link(A, B, "two words"), {C}),
    ],
)
def test_a_link_that_cannot_be_read_spoils_those_that_it_may_be_part_of(wrong: Any, left: set[str]) -> None:  # noqa: ANN401
    told = said(overview(wrong, link(A, B, finished=1), link(A, C, finished=1)), per_vo=True)
    hosts = {host for host, direction, *_ in counted(told) if direction == "destination"}
    assert (hosts, told.conclusive) == ({"c.example.org"} if left else set(), False)
    assert told.problems[0].startswith("items[0]: ")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"summary": {}}', overview(7, count=2), overview(pageCount=3)])
def test_what_is_no_whole_overview_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="fts"):
        said(body)


def test_fts_counts_in_whole_hours() -> None:
    with pytest.raises(InvalidConfiguration, match="whole hours"):
        FtsMonitoring.of(source(window="90m"))


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from(["cms", "atlas"]), st.integers(0, 9), st.integers(0, 9))))
def test_what_vos_count_is_what_all_count(links: list[tuple[str, str, int, int]]) -> None:
    told = counted(said(overview(*(link(a, B, vo, finished=f, failed=b) for a, vo, f, b in links)), per_vo=True))
    for way in {key[:3] for key in told}:
        parts = [told[*way, vo] for vo in ("cms", "atlas") if (*way, vo) in told]
        assert told[*way, "all"] == (sum(a for a, _ in parts), sum(f for _, f in parts))

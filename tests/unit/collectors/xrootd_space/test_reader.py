from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.observations import Observations
from gridmask.collectors.xrootd_space.options import XrootdSpace
from gridmask.collectors.xrootd_space.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Space
from gridmask.source import Source
from gridmask.testing import answered
from gridmask.testing.times import moment

SPACES = ({"path": "/lhcb/", "group": "LHCb-Disk", "element": "A-DISK", "vo": "LHCb"}, {"path": "all", "element": "B-DISK"})


def source(*spaces: object, url: str = "root://a.example.org:1094//eos") -> Source:
    told = {"space": spaces or SPACES}
    return Source(name="space", kind="xrootd-space", url=url, valid_for=timedelta(hours=1), options=told)


def told(total: object = 1000, free: object = 200, used: object = 800, quota: object = -1) -> str:
    return f"oss.cgroup=x&oss.space={total}&oss.free={free}&oss.maxf=7&oss.used={used}&oss.quota={quota}"


def said(first: str, second: str = told()) -> Observations:
    lines = f"/eos/lhcb/?oss.cgroup=LHCb-Disk\t{first}\n/eos/all\t{second}"
    return read(answered(lines.encode()), source(), TypeRegistry())


def test_a_space_is_that_of_its_element() -> None:
    first, second = said(told()).evidence
    assert first.key == ("space", "space/A-DISK/lhcb", ElementKey("Resource", "StorageElement", "A-DISK"))
    assert (first.value, first.vo, first.valid_until) == (Space(1000, 200), "lhcb", moment("11:00"))
    assert (second.key.record, second.vo) == ("space/B-DISK", "all")


@pytest.mark.parametrize(
    ("answer", "space"),
    [
        (told(quota=900), Space(900, 100)),  # less than the disk has
        (told(quota=5000), Space(1000, 200)),
        (told(quota=700), Space(700, 0)),  # more is used than may be
        (told(quota=0), Space(1000, 200)),
        (told(used=-1, quota=900), Space(1000, 200)),  # nobody counts what is used
        (told(free=-5, used=1005), Space(1000, 0)),
        (told(total=270553174016, free=68394590208, used=0), Space(270553174016, 68394590208)),  # of a real server
    ],
)
def test_a_quota_counts_where_it_is_less_than_the_disk(answer: str, space: Space) -> None:
    assert said(answer).evidence[0].value == space


@pytest.mark.parametrize(
    "wrong",
    [
        told(total=0, free=0, used=0),
        told(free=-1),
        told(free="much"),
        told(free="٣"),
        told(total="9" * 31),
        told()[:-3],
        told() + "&oss.more=1",
        "no: no such file",
        "go to b.example.org port 1094",
        "wait for 10 s",
        "",
    ],
)
def test_a_space_that_is_not_told_is_told_and_spoils_no_other(wrong: str) -> None:
    found = said(wrong)
    assert ([item.key.record for item in found.evidence], found.conclusive) == (["space/B-DISK"], False)
    assert found.problems[0].startswith("/eos/lhcb/?oss.cgroup=LHCb-Disk: ")
    with pytest.raises(MalformedAnswer, match="tells of no space"):
        said(wrong, wrong)


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"<html>", b"\t\t\n\n\t"])
def test_what_is_no_answer_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(answered(body), source(), TypeRegistry())


@given(*[st.integers(-(10**18), 10**18)] * 4)
def test_whatever_is_told_nothing_is_made_of_it_that_cannot_be(total: int, free: int, used: int, quota: int) -> None:
    for item in said(told(total, free, used, quota)).evidence:
        assert isinstance(item.value, Space)
        assert item.value.flaw == ""
        assert item.value.total > 0


@pytest.mark.parametrize(
    ("space", "why"),
    [
        ({"path": "/a?oss.cgroup=b", "element": "A"}, "without a query"),
        ({"path": "/a\0", "element": "A"}, "without a query"),
        ({"path": "/a", "element": "A", "group": "a&b"}, "group"),
        ({"path": "", "element": "A"}, "path"),
    ],
)
def test_a_space_that_cannot_be_asked_for_is_refused(space: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidConfiguration, match=why):
        XrootdSpace.of(source(space))


def test_two_spaces_cannot_be_one_element() -> None:
    twice = ({"path": "/a", "element": "A"}, {"path": "/b", "element": "A"})
    with pytest.raises(InvalidConfiguration, match="two spaces are A for all"):
        XrootdSpace.of(source(*twice))


@pytest.mark.parametrize(
    ("url", "asked"),
    [("root://a", "/lhcb"), ("root://a/", "/lhcb"), ("root://a:1094//eos/", "/eos/lhcb"), ("root://a/eos", "/eos/lhcb")],
)
def test_a_path_begins_where_the_url_ends(url: str, asked: str) -> None:
    [space] = XrootdSpace.of(source({"path": "lhcb", "element": "A"}, url=url)).space
    assert space.asked(url) == asked

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.observations import Observations
from gridmask.collectors.webdav_quota.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Space
from gridmask.source import Source
from gridmask.testing import answered
from gridmask.testing.times import moment

FOLDERS = ({"path": "/lhcb/", "element": "A-DISK", "vo": "LHCb"}, {"path": "/all/", "element": "B-DISK"})


def answer(available: object = "200", used: object = "800", status: str = "HTTP/1.1 200 OK", more: str = "") -> bytes:
    told = f"<d:quota-available-bytes>{available}</d:quota-available-bytes><d:quota-used-bytes>{used}</d:quota-used-bytes>"
    part = f"<d:propstat><d:prop>{told}</d:prop><d:status>{status}</d:status></d:propstat>"
    response = f"<d:response><d:href>/lhcb/</d:href>{more}{part}</d:response>"
    return f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{response}</d:multistatus>'.encode()


def said(*bodies: bytes) -> Observations:
    source = Source(
        name="quota",
        kind="webdav-quota",
        url="https://a.example.org",
        valid_for=timedelta(hours=1),
        options={"folder": FOLDERS[: len(bodies)]},
    )
    return read(answered(*bodies), source, TypeRegistry())


def test_a_folder_is_the_space_of_its_element() -> None:
    first, second = said(answer(), answer(0, 5)).evidence
    assert first.key == ("quota", "space/A-DISK/lhcb", ElementKey("Resource", "StorageElement", "A-DISK"))
    assert (first.value, first.vo, first.valid_until) == (Space(1000, 200), "lhcb", moment("11:00"))
    assert (second.value, second.vo) == (Space(5, 0), "all")


def test_what_could_not_be_found_out_beside_it_means_nothing() -> None:
    missing = "<d:propstat><d:prop><d:quota-available-bytes/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>"
    assert said(answer(more=missing)).evidence[0].value == Space(1000, 200)


@pytest.mark.parametrize(
    "wrong",
    [
        answer("", ""),
        answer("-1"),
        answer("1.5"),
        answer("٣"),
        answer("9" * 400),
        answer(0, 0),
        answer(status="HTTP/1.1 403 Forbidden"),
        answer(status=""),
        b'<multistatus xmlns="DAV:"/>',
        b"<multistatus/>",
        b"<html><body>Sign in</body></html>",
        b"{}",
        b"",
    ],
)
def test_a_folder_that_does_not_tell_is_told_and_spoils_no_other(wrong: bytes) -> None:
    told = said(wrong, answer())
    assert ([item.key.record for item in told.evidence], told.conclusive) == (["space/B-DISK"], False)
    assert told.problems[0].startswith("/lhcb/")
    with pytest.raises(MalformedAnswer, match="tells no quota"):
        said(wrong)


@given(st.integers(0, 10**20), st.integers(1, 10**20))
def test_what_is_used_and_what_may_come_is_all(available: int, used: int) -> None:
    assert said(answer(available, used)).evidence[0].value == Space(available + used, available)

from __future__ import annotations

from typing import Any

import pytest

from gridmask.collectors.observations import Observations
from gridmask.collectors.panda_queues.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import State
from gridmask.domain.naming import handle
from gridmask.source import Source
from gridmask.testing import answered, moment
from tests.cric import document, door, queue


def said(*queues: dict[str, Any], **options: object) -> Observations:
    source = Source(name="panda", kind="panda-queues", url="x", options=options)
    return read(answered(document(*queues)), source, TypeRegistry())


def test_the_state_of_a_queue_is_its_status_and_its_comment_says_why() -> None:
    (found,) = said(queue(status="OFFLINE", comment="set.offline.by.Switcher  https://x.example.org/1")).evidence
    assert found.key.about == ElementKey("Node", "PandaQueue", "ALPHA_Q")
    assert found.value == State("offline", "set.offline.by.Switcher https://x.example.org/1")
    assert (found.observed_at, found.key.record, found.vo) == (moment("10:00"), "state/ALPHA_Q", "all")


@pytest.mark.parametrize(
    ("modified", "told"),
    [
        ("2026-09-16T09:42:15.463897", "by hand (last modified 2026-09-16 09:42 UTC)"),
        ("2026-09-16T11:42:15+02:00", "by hand (last modified 2026-09-16 09:42 UTC)"),
        ("0001-01-01T00:00:00+14:00", "by hand"),
        ("soon", "by hand"),
        (None, "by hand"),
        (7, "by hand"),
    ],
)
def test_a_date_without_a_zone_is_in_utc(modified: object, told: str) -> None:
    (found,) = said(queue(comment="by hand", last_modified=modified)).evidence
    assert found.value == State("online", told)


@pytest.mark.parametrize(
    ("comment", "kept"), [(None, ""), (7, ""), ("a\x1b[31m b", "a[31m b"), ("x" * 900, "x" * 500), ("\n", "")]
)
def test_whatever_stands_in_a_comment_is_harmless(comment: object, kept: str) -> None:
    (found,) = said(queue(comment=comment)).evidence
    assert found.value == State("online", kept)


def test_it_can_be_about_the_computing_elements_or_the_sites() -> None:
    two = (queue("A", door(), door("ce02.example.org:9619"), status="test"), queue("B", atlas_site="BETA"))
    about_ces = said(*two, type="ComputingElement", names={"ce02.example.org": "two"}).evidence
    assert [(item.key.record, handle(item.key.about)) for item in about_ces] == [
        ("state/A@ce01.example.org", "ce01.example.org"),
        ("state/A@ce02.example.org", "two"),
        ("state/B@ce01.example.org", "ce01.example.org"),
    ]
    about_sites = said(*two, type="Site", vo="ATLAS").evidence
    assert [(item.key.about, item.vo) for item in about_sites] == [
        (ElementKey("Site", "Site", "ALPHA"), "atlas"),
        (ElementKey("Site", "Site", "BETA"), "atlas"),
    ]


def test_of_virtual_queues_nothing_is_said() -> None:
    assert said(queue("V", is_virtual=True), queue()).evidence == said(queue()).evidence


@pytest.mark.parametrize(
    "wrong", [queue("X", status=None), queue("X", status=7), queue("X", status="x" * 99), queue("\x07"), queue("Q" * 250)]
)
def test_a_queue_that_cannot_be_read_spoils_no_other(wrong: dict[str, Any]) -> None:
    told = said(wrong, queue())
    assert ([handle(item.key.about) for item in told.evidence], len(told.problems), told.conclusive) == (["ALPHA_Q"], 1, False)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html/>", b'{"error": "x"}'])
def test_what_is_no_document_of_queues_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(answered(body), Source(name="panda", kind="panda-queues", url="x"), TypeRegistry())

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gridmask.collectors.observations import Observations
from gridmask.collectors.rucio.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Space
from gridmask.source import Source
from gridmask.testing import answered, moment


def line(rse: str = "DISK", source: str = "storage", **more: Any) -> bytes:  # noqa: ANN401
    usage = {"rse": rse, "source": source, "total": 100, "free": 30, "used": 70, "updated_at": "Fri, 21 Aug 2026 09:30:00 UTC"}
    return json.dumps({**usage, **more}).encode()


def said(*bodies: bytes, **options: object) -> Observations:
    source = Source(name="rucio", kind="rucio-usage", url="x", valid_for=timedelta(hours=2), options=options)
    return read(answered(*bodies), source, TypeRegistry())


def test_what_the_storage_told_counts_since_it_told() -> None:
    (found,) = said(line() + b"\n" + line(source="rucio", total=70, free=0) + b"\n").evidence
    assert (found.key.about, found.value) == (ElementKey("Resource", "StorageElement", "DISK"), Space(100, 30))
    assert found.observed_at == moment("2026-08-21T09:30")


def test_another_size_can_be_chosen_and_a_vo_and_names() -> None:
    (found,) = said(line(source="unavailable"), size="unavailable", vo="CMS", names={"DISK": "OUR-DISK"}).evidence
    assert (found.key.about[-1], found.vo, found.key.record) == ("OUR-DISK", "cms", "space/DISK/cms")


@pytest.mark.parametrize("unknown", [{"total": None}, {"free": None}, {"total": 0}])
def test_a_size_that_rucio_does_not_know_is_not_known(unknown: dict[str, Any]) -> None:
    told = said(line(**unknown), b"\n", line("OTHER"))
    assert ([item.key.about[-1] for item in told.evidence], told.conclusive) == (["OTHER"], True)
    assert told.problems == ("DISK: its size is not known, and nothing is said of it",)


@pytest.mark.parametrize(
    "wrong", [{"total": "much"}, {"free": -1}, {"updated_at": "yesterday"}, {"updated_at": "Fri, 21 Aug 2026 09:30:00"}]
)
def test_a_line_that_cannot_be_read_spoils_no_other(wrong: dict[str, Any]) -> None:
    told = said(line(**wrong), line("OTHER"))
    assert ([item.key.about[-1] for item in told.evidence], told.conclusive) == (["OTHER"], False)


def test_what_is_no_usage_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="is no usage of storage elements by Rucio"):
        said(b"<html>")


@pytest.mark.parametrize("body", [b"", line(source="unavailable")])
def test_an_answer_that_tells_no_usage_that_counts_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="there is no line of the size 'storage'"):
        said(body)

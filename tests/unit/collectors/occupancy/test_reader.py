from __future__ import annotations

import pytest

from gridmask.collectors.observations import Observations
from gridmask.collectors.occupancy.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Space
from gridmask.source import Source
from gridmask.testing import answered, moment

FILES = [
    {"path": "/lhcb/occupancy.json", "element": "EXAMPLE-DISK", "vo": "LHCb"},
    {"path": "/all/occupancy.json", "element": "EXAMPLE-DISK"},
]


def said(*bodies: bytes, **options: object) -> Observations:
    source = Source(name="eos", kind="dirac-occupancy", url="https://eos.example.org", options={"file": FILES, **options})
    return read(answered(*bodies), source, TypeRegistry())


def test_each_file_tells_of_one_element_and_one_vo() -> None:
    first, second = said(b'{"Total": 100, "Free": 30}', b'{"Total": "200", "Free": "50.5", "SpaceReservation": "X"}').evidence
    assert first.key.about == second.key.about == ElementKey("Resource", "StorageElement", "EXAMPLE-DISK")
    assert (first.vo, first.value, second.vo, second.value) == ("lhcb", Space(100, 30), "all", Space(200, 50.5))
    assert first.observed_at == moment("10:00")


def test_where_more_is_used_than_there_should_be_nothing_is_free() -> None:
    first, _ = said(b'{"Total": 100, "Free": -3}', b'{"Total": 1, "Free": 1}').evidence
    assert first.value == Space(100, 0)


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"Total": -1, "Free": 0}', b'{"Total": 0, "Free": 0}', b'{"Total": "much", "Free": 0}']
)
def test_a_file_that_cannot_be_read_spoils_no_other(body: bytes) -> None:
    told = said(body, b'{"Total": 1, "Free": 1}')
    assert (len(told.evidence), len(told.problems), told.conclusive) == (1, 1, False)


def test_if_none_can_be_read_there_is_no_answer() -> None:
    with pytest.raises(MalformedAnswer, match=r"has no file of occupancy: /lhcb/occupancy\.json"):
        said(b"<html>", b"<html>")


def test_there_must_be_a_file() -> None:
    with pytest.raises(InvalidConfiguration, match="file"):
        said(b"", file=[])

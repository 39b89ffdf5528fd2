from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from gridmask.collectors.osg.record import OsgRecord, meaningful


@pytest.mark.parametrize("nothing", ["Not Available", "(Information not available)", "(no resource description)", " ", None])
def test_what_osg_writes_for_nothing_is_nothing(nothing: str | None) -> None:
    assert not meaningful(nothing)


def test_a_record_and_those_in_it_read_so() -> None:
    record = OsgRecord(fromstring("<R><a>Not\n Available</a><b><c>Not Available</c></b></R>"), "R")
    assert not record.text("a")
    assert not record.texts("a")
    assert [child.text("c") for child in record.children("b", "B")] == [""]

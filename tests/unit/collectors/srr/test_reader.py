"""Storage resource reports: small ones of our own here; the real ones in ``tests/integration/test_real_storage_reports.py``."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.observations import Observations
from gridmask.collectors.srr.reader import read
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Space
from gridmask.domain.naming import handle
from gridmask.source import Source
from gridmask.testing import answered, moment

WRITTEN = moment("09:30")


def share(name: str = "DATADISK", total: float = 100, used: float = 40, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    named = {"name": name} if name else {}
    return {**named, "totalsize": total, "usedsize": used, "timestamp": WRITTEN.timestamp(), **more}


def said(*shares: dict[str, Any], of_all: dict[str, Any] | None = None, **options: object) -> Observations:
    body = json.dumps({"storageservice": {"storageshares": shares, **(of_all or {})}}).encode()
    source = Source(
        name="srr", kind="wlcg-srr", url="https://se.example.org/srr", valid_for=timedelta(hours=2), options=options
    )
    return read(answered(body, at="10:00"), source, TypeRegistry())


def test_a_share_tells_the_free_space_of_the_element_of_its_name() -> None:
    (found,) = said(share()).evidence
    assert (found.key.about, found.value) == (("Resource", "StorageElement", "DATADISK"), Space(100, 60))
    assert (found.observed_at, found.valid_until) == (WRITTEN, WRITTEN + timedelta(hours=2))


def test_shares_of_one_element_add_up_and_count_since_the_oldest() -> None:
    older = moment("08:00")
    parts = [{"path": "/a", "element": "DISK"}, {"path": "/b/", "element": "DISK"}]
    first, second = share("", path=["/a/"]), share("", 50, 10, path=["/b", "/c"], timestamp=older.timestamp())
    (found,) = said(first, second, share("", path=["/d"]), share=parts).evidence
    assert (handle(found.key.about), found.value, found.observed_at) == ("DISK", Space(150, 100), older)


def test_a_share_of_a_vo_is_about_that_vo() -> None:
    (found,) = said(share(), share=[{"name": "DATADISK", "element": "DISK", "vo": "CMS"}]).evidence
    assert (found.vo, found.key.record) == ("cms", "space/DISK/cms")


@pytest.mark.parametrize(("total", "used", "space"), [(10, 12, Space(10, 0)), (10, 0, Space(10, 10))])
def test_odd_sizes_are_what_they_mean(total: float, used: float, space: Space) -> None:
    (found,) = said(share(total=total, used=used)).evidence
    assert found.value == space


def test_of_an_element_one_share_of_which_is_not_known_nothing_is_known() -> None:
    parts = [{"name": "A", "element": "DISK"}, {"name": "B", "element": "DISK"}]
    told = said(share("A"), share("B", 0, 3), share("C"), share=parts)
    assert [handle(item.key.about) for item in told.evidence] == ["C"]
    assert (told.conclusive, told.problems[0].startswith("DISK: its size is not known")) == (True, True)


def test_of_an_element_one_share_of_which_is_not_there_nothing_is_said() -> None:
    parts = [{"name": "A", "element": "DISK"}, {"name": "B", "element": "DISK"}]
    told = said(share("A"), share("C"), share=parts)
    assert ([handle(item.key.about) for item in told.evidence], told.conclusive) == (["C"], False)


def test_a_share_that_does_not_even_tell_its_name_may_be_any() -> None:
    told = said({"totalsize": "much"}, share("OTHER"))
    assert (told.evidence, told.conclusive) == ((), False)


def test_a_size_that_cannot_be_true_is_told_and_nothing_is_concluded() -> None:
    told = said(share(used=-5), share("OTHER"))
    assert [handle(item.key.about) for item in told.evidence] == ["OTHER"]
    assert not told.conclusive
    assert told.problems == ("storageshares[0] (DATADISK): its sizes are less than nothing (total 100, used -5)",)


def test_a_share_that_cannot_be_read_spoils_no_other() -> None:
    told = said(share(totalsize="much"), share("OTHER"))
    assert [handle(item.key.about) for item in told.evidence] == ["OTHER"]
    assert not told.conclusive
    assert told.problems[0].startswith("storageshares[0]: ")


def test_a_share_that_is_not_there_any_more_is_told() -> None:
    told = said(share(), share=[{"name": "GONE", "element": "DISK"}])
    assert told.problems == ("there is no share 'GONE', which is to be DISK",)
    assert told.conclusive


@pytest.mark.parametrize("member", ["latestupdate", "lastupdated"])
def test_without_a_time_of_its_own_a_share_counts_since_the_document_was_written(member: str) -> None:
    (found,) = said(share(timestamp=0), of_all={member: WRITTEN.timestamp()}).evidence
    assert found.observed_at == WRITTEN


def test_without_any_time_it_counts_since_it_was_read() -> None:
    (found,) = said(share(timestamp=0)).evidence
    assert found.observed_at == moment("10:00")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"storageservice": {}}', b"\xff"])
def test_what_is_no_report_is_refused(body: bytes) -> None:
    source = Source(name="srr", kind="wlcg-srr", url="https://se.example.org/srr")
    with pytest.raises(MalformedAnswer, match="is no storage resource report"):
        read(answered(body), source, TypeRegistry())


@pytest.mark.parametrize("wrong", [{}, {"name": "A", "path": "/a"}, {"name": "A", "vo": "two words"}])
def test_a_share_is_known_by_one_thing(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidConfiguration, match="source srr: share"):
        said(share(), share=[{"element": "DISK", **wrong}])


@given(st.lists(st.tuples(st.integers(1, 10**15), st.integers(0, 2 * 10**15)), min_size=1, max_size=5))
def test_no_more_is_free_than_there_is(sizes: list[tuple[int, int]]) -> None:
    parts = [{"name": str(number), "element": "DISK"} for number in range(len(sizes))]
    (found,) = said(*(share(str(number), *size) for number, size in enumerate(sizes)), share=parts).evidence
    assert isinstance(found.value, Space)
    assert 0 <= found.value.free <= found.value.total == sum(total for total, _ in sizes)


@pytest.mark.parametrize("size", ["NaN", "Infinity", "-Infinity"])
def test_a_size_that_is_no_number_is_told_and_nothing_is_said_of_the_element(size: str) -> None:
    found = said({"name": "DATADISK", "totalsize": 100, "usedsize": size}, share("OTHER"))
    assert [handle(item.key.about) for item in found.evidence] == ["OTHER"]
    assert not found.conclusive
    assert "no numbers" in found.problems[0]


def test_a_document_with_far_too_many_shares_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmask.collectors.srr.reader.MOST", 3)
    assert len(said(*map(share, "abc")).evidence) == 3
    with pytest.raises(MalformedAnswer, match="4 shares, more than the 3"):
        said(*map(share, "abcd"))

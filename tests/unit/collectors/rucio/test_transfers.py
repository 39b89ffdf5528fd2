from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gridmask.collectors.observations import Observations
from gridmask.collectors.rucio.transfers import read
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Transfers
from gridmask.source import Source
from gridmask.testing import answered, moment


def link(
    source: object = "A", destination: object = "B", done: object = 7, failed: object = 3, **more: object
) -> dict[str, Any]:
    files = {"done-total-1h": done, "failed-total-1h": failed, "done-total-6h": 100, "queued": {"User": 5}, "queued-total": 5}
    return {"src_rse": source, "dst_rse": destination, "distance": 1, "files": files, "bytes": {"done-total-1h": 1e9}, **more}


def said(*links: object, **options: object) -> Observations:
    source = Source(
        name="rucio", kind="rucio-transfers", url="https://rucio.example.org", valid_for=timedelta(hours=1), options=options
    )
    return read(answered("".join(json.dumps(one) + "\n" for one in links).encode()), source, TypeRegistry())


def counted(told: Observations) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Attempted and failed, by element, direction and other end."""
    return {
        (item.key.about[-1], item.value.direction, item.value.other): (item.value.attempted, item.value.failed)
        for item in told.evidence
        if isinstance(item.value, Transfers)
    }


def both(giver: str, taker: str, attempted: int, failed: int) -> dict[tuple[str, str, str], tuple[int, int]]:
    return dict.fromkeys(((giver, "source", taker), (taker, "destination", giver)), (attempted, failed))


def test_a_link_is_about_both_of_its_ends() -> None:
    told = said(link(), vo="CMS")
    assert counted(told) == both("A", "B", 10, 3)
    assert {(item.vo, item.observed_at, item.valid_until) for item in told.evidence} == {
        ("cms", moment("10:00"), moment("11:00"))
    }


def test_the_window_can_be_longer() -> None:
    assert counted(said(link(), window="6h")) == both("A", "B", 100, 0)


def test_links_of_what_is_one_here_add_up() -> None:
    told = said(link("A1"), link("A2", done=1, failed=0), names={"A1": "A", "A2": "A"})
    assert counted(told) == both("A", "B", 11, 3)


@pytest.mark.parametrize("resting", [link(done=0, failed=0), {"src_rse": "A", "dst_rse": "B", "distance": 3}])
def test_a_link_without_transfers_is_at_rest(resting: object) -> None:
    told = said(resting)
    assert (told.evidence, told.conclusive, told.problems) == ((), True, ())
    assert told.resting(Transfers("source", 10, 3, "B")) == Transfers("source", 0, 0, "B")


def test_a_link_that_is_told_twice_counts_once_unless_it_is_told_otherwise() -> None:
    assert counted(said(link(), link())) == both("A", "B", 10, 3)
    told = said(link(), link(failed=4), link("C"))
    assert (counted(told), told.conclusive) == (both("C", "B", 10, 3), False)


@pytest.mark.parametrize(
    ("wrong", "left"),
    [
        (7, {}),
        ({}, {}),
        (link(""), {}),
        (link(None, None), {}),
        (link("x" * 300, "B"), {}),
        (link(destination=5), {}),
        (link("C", failed=-1), both("A", "B", 10, 3)),
        (link("C", failed="many"), both("A", "B", 10, 3)),
        (link("C", files=[]), both("A", "B", 10, 3)),
    ],
)
def test_a_link_that_cannot_be_read_spoils_what_it_may_be_part_of(wrong: object, left: object) -> None:
    told = said(wrong, link(), link("C"))
    assert (counted(told), told.conclusive, len(told.problems)) == (left, False, 1)


@pytest.mark.parametrize("body", [b"", b" \n", b"<html>", b"null", b"[]", b"{}", b'{"src_rse": "A", "dst_rse": "B"}\n{"src'])
def test_what_lists_no_link_or_is_cut_off_is_refused(body: bytes) -> None:
    source = Source(name="rucio", kind="rucio-transfers", url="https://rucio.example.org")
    with pytest.raises(MalformedAnswer, match="rucio"):
        read(answered(body), source, TypeRegistry())

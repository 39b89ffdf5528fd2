"""What the mask says, as actuators need it: on, off, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.actions.actuating.memory import Written
from gridmask.actions.actuating.reporting import touched_by
from gridmask.actions.actuating.side import View
from gridmask.actions.actuating.usability import Reader, Said, all_usable, any_usable
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.matching import Match
from gridmask.domain.row import Row
from gridmask.domain.status import Purpose, Status
from gridmask.domain.transition import Standing
from tests.clocks import NOW

STATES = st.lists(st.sampled_from([True, False, None]))
SE1 = ElementKey("Resource", "StorageElement", "SE1")


def said(states: list[bool | None]) -> list[Said]:
    return [Said("ReadAccess", Status.UNKNOWN, state) for state in states]


def holding(status: Status, vo: str = "all", *, binding: bool = False) -> Holding:
    row = Row(RowKey(SE1, "ReadAccess", vo), Standing(status, NOW), binding=binding)
    return Holding(Element(SE1, "EXAMPLE"), {("ReadAccess", vo): row})


@given(STATES)
def test_what_is_not_known_neither_frees_nor_bans(states: list[bool | None]) -> None:
    if all_usable(said(states)) is True:
        assert states
        assert all(states)
    if any_usable(said(states)) is False:
        assert states
        assert set(states) == {False}


@given(STATES)
def test_one_that_is_known_is_enough_for_the_other(states: list[bool | None]) -> None:
    assert (all_usable(said(states)) is False) == (False in states)
    assert (any_usable(said(states)) is True) == (True in states)


@pytest.mark.parametrize(
    ("status", "states"),
    [
        (Status.ACTIVE, (True, True)),
        (Status.DEGRADED, (True, True)),
        (Status.PROBING, (False, True)),
        (Status.BANNED, (False, False)),
        (Status.ERROR, (False, False)),
        (Status.UNKNOWN, (None, None)),
    ],
)
def test_a_status_is_on_or_off_by_the_purpose(status: Status, states: tuple[bool | None, ...]) -> None:
    for purpose, expected in zip((Purpose.USE, Purpose.TEST), states, strict=True):
        found = Reader(purpose=purpose).said(holding(status), "ReadAccess", "cms")
        assert found is not None
        assert found.state is expected


def test_a_status_type_that_it_does_not_have_says_nothing() -> None:
    assert Reader().said(holding(Status.ACTIVE), "WriteAccess", "cms") is None


@pytest.mark.parametrize("element", [Element(SE1, "X", in_service=False), Element(SE1, "X", frozenset({"atlas"}))])
def test_what_the_mask_does_not_speak_of_is_not_looked_at(element: Element) -> None:
    assert list(Reader().elements(View("cms", 1, {SE1: holding(Status.BANNED)._replace(element=element)}))) == []


def test_only_elements_that_match_are_looked_at() -> None:
    view = View("cms", 1, {SE1: holding(Status.ACTIVE)})
    assert len(list(Reader(Match.of(site="EXAMPLE")).elements(view))) == 1
    assert list(Reader(Match.of(site="OTHER")).elements(view)) == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, ""),
        (Written({"read": False}, NOW, kept=True), "others"),
        (Written({"read": True}, NOW, kept=True), "gridmask"),
        (Written({"write": True}, NOW, kept=True), ""),
        (Written({"read": False}, NOW, kept=False), ""),
        (Written({"read": False}, NOW), ""),
    ],
)
def test_who_touched_it_follows_from_what_was_written(written: Written | None, expected: str) -> None:
    assert touched_by({"read": True}, written) == expected

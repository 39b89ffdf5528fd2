from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.observations import Observations
from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element, ElementKey, ElementType
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import STATE, Point, Series, Space, State
from gridmask.domain.naming import HostedService
from gridmask.inspection.keeping import keepable
from gridmask.inventory.publication import Publication
from gridmask.testing.times import moment

GOOD, BAD = ElementKey("Resource", "CE", "good"), ElementKey("Resource", "CE", "bad")
UNKEPT = ("a\0b", "x" * 20_000, "half a character: \ud800")


def measured(about: Any = GOOD, value: Any = None, record: str = "state", **more: Any) -> Evidence:  # noqa: ANN401
    said = State("production") if value is None else value
    return Evidence(EvidenceKey("feed", record, about), STATE, said, moment("10:00"), **more)


def downtime(record: str = "2", **more: Any) -> Downtime:  # noqa: ANN401
    return Downtime(DowntimeKey("feed", record), frozenset({GOOD}), Interval(moment("10:00")), **{"severity": "OUTAGE", **more})


@pytest.mark.parametrize("text", UNKEPT)
@pytest.mark.parametrize("place", ["record", "name", "host", "service", "vo"])
def test_a_measurement_that_cannot_be_kept_is_a_problem_of_its_record(place: str, text: str) -> None:
    bad = {
        "record": measured(record=text),
        "name": measured(ElementKey("Resource", "CE", text)),
        "host": measured(HostedService(text)),
        "service": measured(HostedService("ce", text)),
        "vo": measured(BAD, vo=text),
    }[place]
    kept = keepable(Observations.of([measured(), bad]))
    assert isinstance(kept, Observations)
    assert ([item.key.about for item in kept.evidence], kept.conclusive, len(kept.problems)) == ([GOOD], False, 1)
    assert kept.problems[0].isprintable()


def test_a_value_may_be_long_but_has_no_null_in_it() -> None:
    spoken = measured(value=State("the text \\u0000", "x" * 20_000))
    kept = keepable(Observations.of([spoken, *(measured(BAD, State(text)) for text in ("a\0b", "\ud800"))]))
    assert isinstance(kept, Observations)
    assert kept.evidence == (spoken,)


@pytest.mark.parametrize("text", UNKEPT)
@pytest.mark.parametrize("member", ["severity", "scheduling", "description", "vo", "owner", "url"])
def test_of_a_downtime_that_cannot_be_kept_what_was_known_stands(member: str, text: str) -> None:
    told = {one.key: one for one in (downtime("1"), downtime("2", **{member: text}))}
    kept = keepable(Announcement(told))
    assert isinstance(kept, Announcement)
    assert (set(kept.downtimes), set(kept.unreadable)) == ({DowntimeKey("feed", "1")}, {DowntimeKey("feed", "2")})
    assert (kept.conclusive, len(kept.problems)) == (True, 1)


@pytest.mark.parametrize("text", UNKEPT)
def test_by_a_downtime_that_cannot_even_be_identified_nothing_counts_as_withdrawn(text: str) -> None:
    one = downtime(text)
    for told in (Announcement({one.key: one}), Announcement({}, frozenset({one.key}))):
        kept = keepable(told)
        assert isinstance(kept, Announcement)
        assert (kept.downtimes, kept.unreadable, kept.conclusive) == ({}, frozenset(), False)


ODD: dict[str, Callable[[str], dict[str, Any]]] = {
    "site": lambda text: {"site": text},
    "category": lambda text: {"category": text},
    "identity": lambda text: {"identity": text},
    "hosts": lambda text: {"hosts": ("a", text)},
    "aliases": lambda text: {"aliases": (text,)},
    "offered": lambda text: {"offered": frozenset({text})},
    "tags": lambda text: {"tags": frozenset({text})},
    "services": lambda text: {"services": frozenset({text})},
    "facts": lambda text: {"facts": {"a": [{"b": text.replace("x", "\0")}]}},
}


@pytest.mark.parametrize("text", UNKEPT)
@pytest.mark.parametrize("member", ODD)
def test_of_an_element_that_cannot_be_kept_what_was_known_stands(member: str, text: str) -> None:
    good, bad = Element(GOOD, "SITE"), replace(Element(BAD, "SITE"), **ODD[member](text))
    kept = keepable(Publication.of([good, bad]))
    assert isinstance(kept, Publication)
    assert (set(kept.elements), kept.conflicts, kept.conclusive, len(kept.problems)) == ({GOOD}, frozenset({BAD}), True, 1)


@pytest.mark.parametrize("text", UNKEPT)
def test_by_an_element_that_cannot_even_be_identified_nothing_is_gone(text: str) -> None:
    strange = ElementKey("Resource", "CE", text)
    told = Publication.of([Element(GOOD, "SITE"), Element(strange, "SITE")], unreadable=[strange], vos=["cms", text])
    kept = keepable(told)
    assert isinstance(kept, Publication)
    assert (set(kept.elements), kept.conflicts, kept.conclusive, kept.vos) == ({GOOD}, frozenset(), False, frozenset({"cms"}))


def test_elements_of_a_type_that_cannot_be_kept_are_not_either() -> None:
    types = (ElementType("CE"), ElementType("SE", category="x" * 99))
    kept = keepable(Publication.of([Element(GOOD, "S"), Element(ElementKey("Resource", "SE", "a"), "S")], types=types))
    assert isinstance(kept, Publication)
    assert (set(kept.elements), kept.types) == ({GOOD}, types[:1])


@given(st.lists(st.tuples(st.text(st.characters(), max_size=300), st.text(st.characters(), max_size=300))))
def test_what_is_kept_every_database_takes(said: list[tuple[str, str]]) -> None:
    kept = keepable(Observations.of(measured(value=State(value), record=record) for record, value in said))
    assert isinstance(kept, Observations)
    for item in kept.evidence:
        assert isinstance(item.value, State)
        assert len(item.key.record) <= 255
        for text in (item.key.record, item.value.value):
            assert b"\0" not in text.encode()


def test_what_can_be_kept_is_the_same_and_not_a_copy() -> None:
    for told in (
        Observations.of([measured()]),
        Announcement({downtime().key: downtime()}),
        Publication.of([Element(GOOD, "S")]),
    ):
        assert keepable(told) is told


@pytest.mark.parametrize(
    "value", [Space(float("nan"), 1), Space(1, float("inf")), Series("s", (Point(moment("09:00"), float("nan")),))]
)
def test_a_measurement_with_a_number_that_is_none_is_a_problem_and_the_others_count(value: Space | Series) -> None:
    kept = keepable(Observations((measured(BAD, value), measured())))
    assert isinstance(kept, Observations)
    assert [item.key.about for item in kept.evidence] == [GOOD]
    assert not kept.conclusive
    assert "a number in it that is none" in kept.problems[0]

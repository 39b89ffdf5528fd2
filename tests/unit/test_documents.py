"""Errors about documents that people write are for people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from gridmask.documents import Duration, Strict, duration, parse, validated
from gridmask.domain.errors import InvalidConfiguration

ALLOWED = "number and one of s, m, h, d, w"


class Table(Strict):
    numbers: tuple[int, ...] = ()
    name: str = ""


class Document(Strict):
    tables: tuple[Table, ...] = ()
    named: dict[str, Table] = Field({})
    one: Table = Table()
    wait: Duration = timedelta(0)
    secret: str = Field("", repr=False)


def told(data: object) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        validated(Document, data, "here")
    assert caught.value.place == "here"
    return caught.value.problem


# --- Reading


def test_a_document_is_read() -> None:
    assert parse(b'[a]\nb = ["\xc3\xa9"]', "here") == {"a": {"b": ["é"]}}


def test_what_is_no_toml_is_refused_with_line_and_column() -> None:
    with pytest.raises(InvalidConfiguration, match=r"here: not TOML: .*line 2, column 5"):
        parse(b"a = 1\nb = =", "here")


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a" + ".a" * 500 + " = 1", "a = " + "9" * 5000])
def test_endless_nesting_and_endless_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"here: (not TOML that can be read|.*nested more than 100 deep)"):
        parse(text.encode(), "here")


def test_what_is_no_text_is_refused_with_the_byte() -> None:
    with pytest.raises(InvalidConfiguration, match=r"here: not UTF-8 text .byte 4."):
        parse(b"a = \xff", "here")


# --- Places


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"nam": 1}, "nam: there is no such key; did you mean 'named'?"),
        ({"x": 1}, "x: there is no such key; allowed are named, one, secret, tables, wait"),
        ({"one": {"nmae": 1}}, "one.nmae: there is no such key; did you mean 'name'?"),
        ({"tables": [{}, {"Name": 1}]}, "tables[1].Name: there is no such key; did you mean 'name'?"),
        ({"named": {"a": {"nam": 1}}}, "named.a.nam: there is no such key; did you mean 'name'?"),
        ({"one": {"name": 1}}, "one.name: should be a text in quotes (found 1)"),
        ({"one": 1}, "one: should be a table"),
        ({"tables": 1}, "tables: should be a list"),
        (1, "the document: should be a table"),
    ],
)
def test_a_problem_names_its_place_and_what_is_allowed(data: object, problem: str) -> None:
    assert told(data) == problem


def test_every_problem_is_told() -> None:
    assert told({"one": {"name": 1}, "wait": 5}).count(";") == 2


@pytest.mark.parametrize("data", [{"secret": ["hush"]}, {"tables": ["hush"]}, {"one": "hush"}, {"secret": {"a": "hush"}}])
def test_what_may_be_a_secret_is_not_told(data: object) -> None:
    assert "hush" not in told(data)


# --- Durations


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30s", timedelta(seconds=30)),
        ("90m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        (" 2 d ", timedelta(days=2)),
        ("1w", timedelta(days=7)),
        ("0s", timedelta(0)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert duration(text) == span


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 minutes", "1h30m", "5M", "1,5h", "P1D", "nanh", "1e3s"])
def test_any_other_text_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=ALLOWED):
        duration(text)


@pytest.mark.parametrize("value", [30, 1.5, True, None])
def test_a_number_without_a_unit_is_none(value: object) -> None:
    with pytest.raises(ValueError, match=ALLOWED):
        duration(value)


@given(st.integers(0, 36_525 * 86_400))
def test_a_duration_can_be_written_in_seconds(seconds: int) -> None:
    assert duration(f"{seconds}s") == timedelta(seconds=seconds)


def test_the_first_problems_are_told_and_the_others_counted() -> None:
    with pytest.raises(InvalidConfiguration, match=r"numbers\[0\].*numbers\[9\].*; and 990 more$") as caught:
        validated(Table, {"numbers": ["x"] * 1000}, "here")
    assert "numbers[10]" not in str(caught.value)


def test_a_value_that_has_no_end_is_told_by_its_beginning() -> None:
    with pytest.raises(InvalidConfiguration, match=r"numbers\[0\].*'xxx.*x\.\.\. of 100,002 characters") as caught:
        validated(Table, {"numbers": ["x" * 100_000], "y" * 100_000: 1}, "here")
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("text", ["99999999999d", "36526d", "1e9d"])
def test_a_duration_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"more than a hundred years|not a duration"):
        duration(text)


def test_a_hundred_years_are_allowed() -> None:
    assert duration("36525d") == timedelta(days=36_525)

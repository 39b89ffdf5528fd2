from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from gridmask.collectors.record import Record
from gridmask.domain.errors import MalformedAnswer

RECORD = Record(fromstring("<R><a> one\n two </a><b/><c>TRUE</c><d> </d><e>x</e><e/><e>y</e></R>"), "R")


def test_text_has_single_spaces_and_is_empty_where_there_is_none() -> None:
    assert [RECORD.text(path) for path in ("a", "b", "d", "missing")] == ["one two", "", "", ""]


def test_texts_are_those_that_say_something() -> None:
    assert RECORD.texts("e") == ("x", "y")


def test_a_flag_is_true_or_false_in_any_case_or_its_default() -> None:
    assert RECORD.flag("c", default=False)
    assert RECORD.flag("b", default=True)
    with pytest.raises(MalformedAnswer, match="R: a is 'one two'; it must be true or false"):
        RECORD.flag("a", default=True)


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="R: a is 7 characters long, more than the 5"):
        RECORD.text("a", limit=5)


def test_what_is_required_must_be_there() -> None:
    assert RECORD.required("a") == "one two"
    with pytest.raises(MalformedAnswer, match="R: has no b"):
        RECORD.required("b")


def test_children_are_numbered() -> None:
    assert [child.place for child in RECORD.children("e", "E")] == ["E 1 of R", "E 2 of R", "E 3 of R"]


def test_strangers_are_told_once_each() -> None:
    assert [error.problem for error in RECORD.strangers("a", "b", "c", "d")] == [
        "has <e> in it, where only <a>, <b>, <c>, <d> should be."
    ]

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from gridmask.collectors.gocdb.record import GocdbRecord
from gridmask.domain.errors import MalformedAnswer


def record(inside: str = "", attributes: str = "") -> GocdbRecord:
    return GocdbRecord(fromstring(f"<R {attributes}>{inside}</R>"), "R")


def test_a_field_is_an_element_or_else_an_attribute() -> None:
    assert record("<NAME>A</NAME>", 'NAME="B"').text("NAME") == "A"
    assert record("<NAME/>", 'NAME="B"').text("NAME") == record("", 'NAME="B"').text("NAME") == "B"


@pytest.mark.parametrize(
    ("published", "meant"),
    [
        ("Kernel &amp;amp; firmware", "Kernel & firmware"),
        ("of all &amp;lt;CEs&amp;gt;", "of all <CEs>"),
        ("it&amp;#039;s &amp;#x27;on&amp;#X27;", "it's 'on'"),
        ("?a=1&amp;copy=2", "?a=1&copy=2"),
        ("AT&amp;T; &amp;nothing;", "AT&T; &nothing;"),
        ("&amp;nbsp;", ""),
    ],
)
def test_what_is_escaped_as_for_a_web_page_is_read_as_it_was_written(published: str, meant: str) -> None:
    assert record(f"<T>{published}</T>").text("T") == meant


def test_flags_are_yes_and_no_or_true_and_false() -> None:
    flags = [record(f"<F>{word}</F>").flag("F", default=False) for word in ("Y", "n", "TRUE", "false", "")]
    assert flags == [True, False, True, False, False]
    with pytest.raises(MalformedAnswer, match="F is 'maybe'; it must be Y or N"):
        record("<F>maybe</F>").flag("F", default=True)


def test_what_nothing_depends_on_may_be_too_long_and_is_cut() -> None:
    assert record("<T>abcdef</T>").cut("T", 4) == "abc…"
    assert record("<T>abcd</T>").cut("T", 4) == "abcd"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://x", "https://example.org/" + "x" * 1024, ""])
def test_nobody_is_sent_to_a_link_that_is_none(link: str) -> None:
    assert not record(f"<U>{link}</U>").link("U")
    assert record("<U>https://example.org/?a&amp;b</U>").link("U") == "https://example.org/?a&b"

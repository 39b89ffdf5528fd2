from __future__ import annotations

import pytest

from gridmask.collectors.gocdb.answer import Page, records
from gridmask.domain.errors import MalformedAnswer
from tests import gocdb

BOMB = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><results>&b;</results>'


def refusal(body: bytes) -> str:
    with pytest.raises(MalformedAnswer) as caught:
        Page.of(body, "goc")
    return str(caught.value)


def flaws(body: bytes) -> list[str]:
    return [str(flaw) for flaw in Page.of(body, "goc").flaws(["SITE"])]


def test_an_error_is_told_in_gocdbs_words() -> None:
    assert refusal(gocdb.error("Invalid 'next_cursor'  parameter\n- <no>")) == (
        "goc: GOCDB refuses: Invalid 'next_cursor' parameter - <no>"
    )


def test_words_alone_are_told_too() -> None:
    words = b"No valid identifier found. Try accessing the resource through the private interface."
    assert refusal(words) == f"goc: GOCDB refuses: {words.decode()}"


def test_a_long_refusal_is_cut_and_a_silent_one_is_told() -> None:
    assert refusal(gocdb.error("x" * 10_000)) == f"goc: GOCDB refuses: {'x' * 299}…"
    assert refusal(gocdb.error("")).endswith("it does not say why.")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!DOCTYPE html><html><body>Login</body></html>", "is an HTML page, not a <results> document"),
        (b"", "is empty where a <results> document should be"),
        (b"<Downtimes/>", "is a <Downtimes> document, not <results>"),
        (BOMB, "declares a document type or entities"),
        (b'{"results": []}', "is not well-formed XML"),
        (b"\x1f\x8b\x08", "is not well-formed XML"),
    ],
)
def test_what_is_no_page_is_refused(body: bytes, problem: str) -> None:
    assert problem in refusal(body)


def test_wherever_it_is_cut_off_it_is_refused() -> None:
    whole = gocdb.results(gocdb.site("Zürich"), meta=gocdb.meta(1, 1))
    for length in range(len(whole)):
        assert refusal(whole[:length])


def test_the_cursor_is_all_that_is_taken_from_the_link() -> None:
    assert Page.of(gocdb.results(gocdb.site(), meta=gocdb.meta(1, 42)), "goc").cursor() == 42


@pytest.mark.parametrize("body", [gocdb.results(gocdb.site()), gocdb.results(meta=gocdb.meta(0))])
def test_without_a_link_there_is_nothing_more(body: bytes) -> None:
    assert Page.of(body, "goc").cursor() is None


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1e3", "9" * 19])
def test_a_link_without_a_cursor_is_told(cursor: str) -> None:
    with pytest.raises(MalformedAnswer, match="<meta> of goc: its link to the next page names no cursor"):
        Page.of(gocdb.results(gocdb.site(), meta=gocdb.meta(1, cursor)), "goc").cursor()


def test_a_page_that_holds_less_than_it_counts_is_flawed() -> None:
    assert flaws(gocdb.results(gocdb.site(), meta=gocdb.meta(95, 7))) == [
        "goc: counts 95 records and holds 1; the rest did not come."
    ]


def test_elements_of_one_identifier_are_one_record() -> None:
    flat = [gocdb.downtime("1G0", flat=gocdb.concerned(host)) for host in ("a.example.org", "b.example.org")]
    page = Page.of(gocdb.results(*flat, "<DOWNTIME/>", "<DOWNTIME/>", meta=gocdb.meta(1)), "goc")
    assert page.held == 3


@pytest.mark.parametrize("count", ["many", "-3", "9" * 19])
def test_a_count_that_is_no_number_is_flawed(count: str) -> None:
    assert "it must be a number" in flaws(gocdb.results(gocdb.site(), meta=gocdb.meta(count)))[0]


def test_what_should_not_be_there_is_flawed() -> None:
    assert flaws(gocdb.results("<DOWNTIME/>")) == ["goc: has <DOWNTIME> in it, where only <SITE>, <meta> should be."]


def test_records_are_named_by_their_pages() -> None:
    found = list(records([gocdb.results(gocdb.site(), gocdb.site("B")), gocdb.results(gocdb.site("C"))], "goc", "SITE"))
    assert [entry.place for entry in found] == ["SITE 1 of page 1 of goc", "SITE 2 of page 1 of goc", "SITE 1 of page 2 of goc"]

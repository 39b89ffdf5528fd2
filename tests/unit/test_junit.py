"""JUnit files tell what build servers ask for."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from gridmask.junit import Case, document

CASES = [Case("a", "one"), Case("a", "two", "not so", "at length", line=7), Case("b", "three", "lost", broken=True)]


def test_suites_count_what_failed_and_what_was_broken() -> None:
    root = fromstring(document(CASES))
    told = [(one.get("tests"), one.get("failures"), one.get("errors")) for one in (root, *root)]
    assert told == [("3", "1", "1"), ("2", "1", "0"), ("1", "0", "1")]


def test_a_failure_says_why_and_where() -> None:
    (failed,) = fromstring(document(CASES)).iterfind(".//failure/..")
    assert (failed.get("file"), failed.get("line"), failed[0].get("message"), failed[0].text) == (
        "a",
        "7",
        "not so",
        "at length",
    )


def test_what_xml_cannot_hold_is_replaced() -> None:
    (case,) = fromstring(document([Case("a", "\x1b[31m\0")])).iter("testcase")
    assert case.get("name") == "\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"

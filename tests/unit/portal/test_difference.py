"""Differences between two texts."""

from __future__ import annotations

import pytest

from gridmask.portal.policies import difference as module
from gridmask.portal.policies.difference import Difference, Sort, difference, unified


def told(found: Difference) -> list[str]:
    return [f"{line.sort.sign}{line.text}" for line in found.lines]


def test_what_goes_and_comes_stands_between_what_stays() -> None:
    found = difference("a\nb\nc\n", "a\nB\nc\nd\n")
    assert told(found) == [" a", "-b", "+B", " c", "+d"]
    assert (found.added, found.removed) == (2, 1)
    assert [(line.old, line.new) for line in found.lines] == [(1, 1), (2, None), (None, 2), (3, 3), (None, 4)]


@pytest.mark.parametrize(("one", "other"), [("", ""), ("a\nb", "a\nb\n"), ("a\r\nb\r\n", "a\nb\n")])
def test_nothing_differs_where_only_the_ends_of_lines_do(one: str, other: str) -> None:
    assert difference(one, other).lines == ()


def test_of_what_stays_only_what_is_around_is_shown() -> None:
    before = [str(number) for number in range(100)]
    after = [*before[:50], "new", *before[50:]]
    found = difference("\n".join(before), "\n".join(after))
    assert told(found) == ["⋯47 lines that stay", " 47", " 48", " 49", "+new", " 50", " 51", " 52", "⋯47 lines that stay"]
    assert found.lines[0].sort is Sort.GAP


def test_a_gap_of_one_line_is_that_line() -> None:
    before = [str(number) for number in range(9)]
    found = difference("\n".join(before), "\n".join(["x", *before[1:8], "y"]))
    assert told(found)[2:-2] == [f" {number}" for number in range(1, 8)]


def test_long_texts_with_nothing_in_common_are_not_compared_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COMPARED", 3)
    found = difference("same\na\nb\n", "same\nb\na\n")
    assert told(found) == [" same", "-a", "-b", "+b", "+a"]


def test_lines_end_alike_whatever_a_browser_made_of_them() -> None:
    assert unified("a\r\nb\rc\n") == "a\nb\nc\n"

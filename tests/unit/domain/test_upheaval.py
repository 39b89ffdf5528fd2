from __future__ import annotations

import pytest

from gridmask.domain.upheaval import LONGEST, MOST_ITEMS, Deed, Excess, Item, Upheaval, too_much


def items(deed: Deed, count: int) -> list[Item]:
    return [Item(deed, f"{number:05}") for number in range(count)]


def test_of_each_deed_the_first_are_told_and_the_others_counted() -> None:
    found = Upheaval.of([*items(Deed.ADD, MOST_ITEMS + 7), *items(Deed.REMOVE, 2)], ())
    assert (found.added, found.removed, found.untold) == (MOST_ITEMS + 7, 2, 7)
    assert [item.deed for item in found.items[:3]] == [Deed.REMOVE, Deed.REMOVE, Deed.ADD]


def test_what_does_the_same_is_the_same_in_whatever_order_it_comes() -> None:
    both = [*items(Deed.ADD, 300), Item(Deed.CHANGE, "a", "x", "y")]
    assert Upheaval.of(both, ()) == Upheaval.of(reversed(both), ())


@pytest.mark.parametrize(
    "other", [Item(Deed.CHANGE, "a", "x", "z"), Item(Deed.ADD, "a", "x", "y"), Item(Deed.CHANGE, "ax", "", "y")]
)
def test_what_does_something_else_is_another(other: Item) -> None:
    assert Upheaval.of([Item(Deed.CHANGE, "a", "x", "y")], ()).fingerprint != Upheaval.of([other], ()).fingerprint


def test_what_is_only_counted_tells_answers_apart_as_well() -> None:
    assert Upheaval.of(items(Deed.ADD, 998), ()).fingerprint != Upheaval.of(items(Deed.ADD, 999), ()).fingerprint


@pytest.mark.parametrize(
    ("count", "known", "expected"), [(6, 10, True), (5, 10, False), (6, 30, False), (6, 12, False), (0, 0, False)]
)
def test_too_much_is_more_than_the_share_and_more_than_a_few(count: int, known: int, expected: bool) -> None:  # noqa: FBT001
    assert bool(too_much("take out", count, known, 0.5)) is expected


def test_figures_that_would_look_the_same_are_told_more_exactly() -> None:
    assert str(Excess("take out", 201, 1000, 0.2)) == "take out 201 of 1,000 (20.10%), more than the 20.00% allowed"


def test_what_is_very_long_is_kept_in_part_and_told_apart_whole() -> None:
    one, other = (Upheaval.of([Item(Deed.CHANGE, "a", "x" * 100_000 + end, "y")], ()) for end in "ab")
    assert len(one.items[0].before) == LONGEST
    assert one.fingerprint != other.fingerprint

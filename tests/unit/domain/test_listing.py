from __future__ import annotations

from gridmask.domain.listing import some


def test_few_names_are_told_and_of_many_the_first_and_how_many_more() -> None:
    assert some([]) == ""
    assert some(["b", "a"]) == "b, a"
    assert some(map(str, range(1_005))) == "0, 1, 2, 3, 4 and 1,000 more"
    assert some("abc", most=2) == "a, b and 1 more"

from __future__ import annotations

from gridmask.dirac_rpc.remembered import MOST_BYTES, Remembered


def test_an_answer_is_remembered_for_as_long_as_it_is_so() -> None:
    remembered = Remembered()
    remembered.put("a", 1, b"x")
    assert ("a" in remembered, remembered.get("a", 1), remembered.get("a", 2), remembered.get("b", 1)) == (
        True,
        b"x",
        None,
        None,
    )
    remembered.put("a", 2, b"y")
    assert (remembered.get("a", 1), remembered.get("a", 2)) == (None, b"y")


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    remembered, half = Remembered(), b"x" * (MOST_BYTES // 2)
    remembered.put("a", 1, half)
    remembered.put("b", 1, half)
    assert remembered.get("a", 1) is not None
    remembered.put("c", 1, b"x")
    assert [asked in remembered for asked in "abc"] == [True, False, True]


def test_what_is_too_long_is_not_remembered() -> None:
    remembered = Remembered()
    remembered.put("a", 1, b"x" * (MOST_BYTES + 1))
    assert "a" not in remembered

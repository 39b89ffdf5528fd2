from __future__ import annotations

from gridmask.access.remembering import Remembered


def test_what_is_remembered_counts_until_its_time() -> None:
    checked = Remembered[str](2)
    checked.keep(b"1", 10.0, "one")
    assert (checked.at(b"1", 9.9), checked.at(b"1", 10.0), checked.at(b"2", 0.0)) == ("one", None, None)


def test_of_too_much_the_first_is_forgotten() -> None:
    checked = Remembered[str](2)
    for name in ("one", "two", "one", "three"):
        checked.keep(name.encode(), 10.0, name)
    assert [checked.at(name, 0.0) for name in (b"one", b"two", b"three")] == ["one", None, "three"]

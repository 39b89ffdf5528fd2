from __future__ import annotations

from gridmask.dirac_rpc.remembered import EACH, MOST_BYTES, Encoded, Remembered
from gridmask.service.dirac_reads import State

HALF = Encoded(b"x" * (MOST_BYTES // 2 - EACH), "select")


def state(revision: int) -> State:
    return State(revision, frozenset({"all"}))


def test_an_answer_is_remembered_with_what_it_was_made_of() -> None:
    remembered = Remembered()
    for revision, body in ((1, b"x"), (2, b"y")):
        remembered.put("a", state(revision), Encoded(body, "select"))
        assert remembered.get("a") == (state(revision), Encoded(body, "select"))
    assert remembered.get("b") is None


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    remembered = Remembered()
    remembered.put("a", state(1), HALF)
    remembered.put("b", state(1), HALF)
    assert remembered.get("a") is not None
    remembered.put("c", state(1), Encoded(b"x", "select"))
    assert [remembered.get(asked) is not None for asked in "abc"] == [True, False, True]


def test_what_is_replaced_takes_no_room_any_more() -> None:
    remembered = Remembered()
    for revision in range(3):
        remembered.put("a", state(revision), HALF)
    remembered.put("b", state(1), HALF)
    assert remembered.get("a") is not None


def test_even_empty_answers_take_room() -> None:
    remembered = Remembered()
    for asked in range(MOST_BYTES // EACH + 1):
        remembered.put(asked, state(1), Encoded(b"", "select"))
    assert (remembered.get(0), remembered.get(1)) == (None, (state(1), Encoded(b"", "select")))


def test_what_is_too_long_is_not_remembered() -> None:
    remembered = Remembered()
    remembered.put("a", state(1), Encoded(b"x" * (MOST_BYTES + 1), "select"))
    assert remembered.get("a") is None

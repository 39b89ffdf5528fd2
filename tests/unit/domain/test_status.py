from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.errors import NotKnown
from gridmask.domain.status import Purpose, Status, most_restrictive, usable
from tests.unit.domain.strategies import statuses


def test_statuses_are_ordered_from_most_to_least_restrictive() -> None:
    labels = [status.label for status in sorted(Status)]
    assert labels == ["Error", "Banned", "Probing", "Degraded", "Active", "Unknown"]


@pytest.mark.parametrize(
    ("purpose", "allowed"),
    [
        (Purpose.USE, {Status.ACTIVE, Status.DEGRADED}),
        (Purpose.TEST, {Status.ACTIVE, Status.DEGRADED, Status.PROBING}),
    ],
)
def test_what_is_usable_depends_on_the_purpose(purpose: Purpose, allowed: set[Status]) -> None:
    assert {status for status in Status if usable(status, purpose)} == allowed


def test_a_reader_that_names_no_purpose_wants_to_use() -> None:
    assert not usable(Status.PROBING)


@pytest.mark.parametrize("text", ["Banned", "banned", "BANNED"])
def test_a_status_is_read_in_any_case(text: str) -> None:
    assert Status.parse(text) is Status.BANNED


@given(statuses)
def test_a_label_names_its_status(status: Status) -> None:
    assert Status.parse(status.label) is status


def test_what_is_no_status_is_refused_with_a_suggestion() -> None:
    with pytest.raises(NotKnown, match=r"no status called 'Degradd'. Did you mean 'Degraded'"):
        Status.parse("Degradd")


def test_nothing_at_all_is_unknown() -> None:
    assert most_restrictive([]) is Status.UNKNOWN


@given(statuses, statuses, statuses)
def test_combining_is_associative_and_commutative(a: Status, b: Status, c: Status) -> None:
    assert most_restrictive([most_restrictive([a, b]), c]) is most_restrictive([a, most_restrictive([b, c])])
    assert most_restrictive([a, b]) is most_restrictive([b, a])


@given(statuses)
def test_combining_is_idempotent_and_unknown_is_neutral(status: Status) -> None:
    assert most_restrictive([status, status]) is status
    assert most_restrictive([status, Status.UNKNOWN]) is status


@given(st.lists(statuses, min_size=1))
def test_a_combination_is_one_of_its_parts(parts: list[Status]) -> None:
    assert most_restrictive(parts) in parts

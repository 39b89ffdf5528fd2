from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.measurements import Space
from gridmask.domain.quantities import Share, Size
from gridmask.domain.status import Status
from gridmask.rules import BUILT_IN, FreeSpace
from gridmask.rules.reading import Several
from tests.unit.rules.trying import known, told, tried

TB = 10**12
FRACTIONS = FreeSpace(Size(0), Size(0), Share(0.01), Share(0.05))


def found(rule: FreeSpace, *spaces: Space) -> Status | None:
    return tried(rule, *known(*spaces)).status


# --- Reference vector 13


@pytest.mark.parametrize(
    ("free", "status"),
    [
        (0, Status.BANNED),
        (0.0999, Status.BANNED),
        (0.1, Status.DEGRADED),
        (4.999, Status.DEGRADED),
        (5, Status.ACTIVE),
        (5_000, Status.ACTIVE),
    ],
)
def test_a_threshold_itself_is_still_good(free: float, status: Status) -> None:
    assert found(FreeSpace(), Space(10_000 * TB, free * TB)) is status


@pytest.mark.parametrize(
    ("free", "status"),
    [(0.999, Status.BANNED), (1, Status.DEGRADED), (4.99, Status.DEGRADED), (5, Status.ACTIVE)],
)
def test_so_it_is_with_fractions(free: float, status: Status) -> None:
    assert found(FRACTIONS, Space(100.0, free)) is status


def test_whichever_threshold_says_so_first_decides() -> None:
    both = FreeSpace(banned_below_fraction=Share(0.1), degraded_below_fraction=Share(0.2))
    assert found(both, Space(1000 * TB, 99 * TB)) is Status.BANNED
    assert found(both, Space(10 * TB, 4 * TB)) is Status.DEGRADED
    assert found(both, Space(1000 * TB, 150 * TB)) is Status.DEGRADED


def test_where_the_total_is_not_known_fractions_say_nothing() -> None:
    assert found(FRACTIONS, Space(0, 0)) is Status.ACTIVE
    assert found(FreeSpace(), Space(0, 1 * TB)) is Status.DEGRADED


@pytest.mark.parametrize(("several", "status"), [(Several.WORST, Status.BANNED), (Several.BEST, Status.ACTIVE)])
def test_of_several_shares_the_worst_decides_or_the_best(several: Several, status: Status) -> None:
    assert found(FreeSpace(several=several), Space(0, 0), Space(0, 9 * TB)) is status


@pytest.mark.parametrize(
    ("space", "text"),
    [
        (Space(200 * TB, 0.0999 * TB), "99.9 GB of 200 TB are free (0.04 %): less than 100 GB."),
        (Space(0, 4.9996 * TB), "4.999 TB are free: less than 5 TB."),
        (Space(200 * TB, 60 * TB), "60 TB of 200 TB are free (30 %)."),
    ],
)
def test_it_says_how_much_is_free(space: Space, text: str) -> None:
    assert told(FreeSpace(), space) == text
    assert told(FRACTIONS, Space(100 * TB, 2 * TB)) == "2 TB of 100 TB are free (2 %): less than 5 %."


sizes = st.integers(0, 10 * TB)


@given(sizes, sizes, sizes, st.sampled_from([FreeSpace(), FRACTIONS]))
def test_more_free_space_is_never_worse(total: int, free: int, more: int, rule: FreeSpace) -> None:
    less, roomier = found(rule, Space(total, free)), found(rule, Space(total, free + more))
    assert less is not None
    assert roomier is not None
    assert less <= roomier


@pytest.mark.parametrize(
    "made",
    [
        lambda: FreeSpace(banned_below=Size(6 * TB)),
        lambda: FreeSpace(banned_below_fraction=Share(0.2), degraded_below_fraction=Share(0.1)),
    ],
)
def test_thresholds_that_contradict_each_other_are_refused(made: type[FreeSpace]) -> None:
    with pytest.raises(ValueError, match=r"banned_below.* is more than degraded_below.*, which would never decide then"):
        made()


def test_policies_call_it_free_space() -> None:
    assert BUILT_IN["free-space"] is FreeSpace

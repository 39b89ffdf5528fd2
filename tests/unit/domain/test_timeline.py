from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.mask import Absence
from gridmask.domain.row import Row, seen_by
from gridmask.domain.status import Status
from gridmask.domain.timeline import Change, Showing, Stretch, hidden, stretches
from gridmask.domain.transition import Standing
from gridmask.domain.vo import ALL
from gridmask.testing import element, row

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
END = NOW + timedelta(hours=24)
THERE = (Showing(NOW - timedelta(days=1), None),)


def hour(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def change(at: float, status: Status | None, vo: str = ALL, **more: bool | str) -> Change:
    return Change(hour(at), vo, status, **more)  # type: ignore[arg-type]  # those of a change


def said(found: tuple[Stretch, ...]) -> list[tuple[float, str]]:
    """Each stretch: its hour of beginning, and what was seen."""
    return [
        ((s.start - NOW) / timedelta(hours=1), f"{s.status.label} {s.row}" if s.status is not None else str(s.absence))
        for s in found
    ]


def seen(changes: list[Change], showings: tuple[Showing, ...] = THERE) -> list[tuple[float, str]]:
    return said(stretches(changes, showings, NOW, END))


def test_a_row_is_what_it_became_last_and_the_first_stretch_begins_with_the_period() -> None:
    changes = [change(-5, Status.BANNED), change(-2, Status.ACTIVE), change(3, Status.BANNED), change(30, Status.ERROR)]
    assert seen(changes) == [(0, "Active all"), (3, "Banned all")]
    assert stretches(changes, THERE, NOW, END)[-1].end == END


def test_an_own_row_goes_before_that_of_all_until_it_ends() -> None:
    changes = [change(-5, Status.ACTIVE), change(1, Status.BANNED, "cms"), change(4, Status.DEGRADED), change(6, None, "cms")]
    assert seen(changes) == [(0, "Active all"), (1, "Banned cms"), (6, "Degraded all")]


def test_a_binding_row_of_all_goes_before_an_own_one_until_it_is_released() -> None:
    changes = [
        change(-5, Status.ACTIVE),
        change(-4, Status.ACTIVE, "cms"),
        change(1, Status.ERROR, binding=True),
        change(2, Status.BANNED, "cms"),
        change(5, Status.ERROR),
    ]
    assert seen(changes) == [(0, "Active cms"), (1, "Error all"), (5, "Banned cms")]


def test_what_the_mask_does_not_show_has_no_status() -> None:
    changes = [change(-5, Status.ACTIVE)]
    showings = (
        Showing(hour(2), None),
        Showing(hour(4), Absence.NOT_OFFERED),
        Showing(hour(6), None),
        Showing(hour(8), Absence.OUT_OF_SERVICE),
    )
    expected = [(0, "not known"), (2, "Active all"), (4, "not offered"), (6, "Active all"), (8, "out of service")]
    assert seen(changes, showings) == expected


def test_an_element_without_a_row_is_not_known() -> None:
    assert seen([]) == [(0, "not known")]


def test_what_says_the_same_is_one_stretch_and_keeps_its_first_cause() -> None:
    first = change(1, Status.BANNED, actor="ann", kind="status")
    [_, banned] = stretches([change(-1, Status.ACTIVE), first, change(5, Status.BANNED, actor="bob")], THERE, NOW, END)
    assert (banned.start, banned.end, banned.actor, banned.kind) == (hour(1), END, "ann", "status")


def test_another_owner_begins_another_stretch() -> None:
    assert len(stretches([change(-1, Status.BANNED), change(2, Status.BANNED, owner="ann")], THERE, NOW, END)) == 2


def test_of_what_happens_at_one_moment_the_last_counts() -> None:
    changes = [
        change(-1, Status.ACTIVE),
        change(2, Status.BANNED),
        change(2, Status.ACTIVE),
        change(3, Status.ERROR),
        change(3, Status.BANNED),
    ]
    assert seen(changes) == [(0, "Active all"), (3, "Banned all")]


def test_a_change_by_a_clock_that_is_behind_counts_from_when_the_one_before_did() -> None:
    assert seen([change(-1, Status.ACTIVE), change(5, Status.BANNED), change(4, Status.ERROR)]) == [
        (0, "Active all"),
        (5, "Error all"),
    ]


def test_a_vo_that_was_away_saw_nothing_and_then_what_had_come_meanwhile() -> None:
    showings = (Showing(hour(-9), None), Showing(hour(3), Absence.NOT_OFFERED), Showing(hour(9), None))
    found = hidden(showings, hour(2), hour(4))
    assert [(s.at, s.absence) for s in found] == [
        (hour(-9), None),
        (hour(2), Absence.NOT_KNOWN),
        (hour(4), Absence.NOT_OFFERED),
        (hour(9), None),
    ]


STATUSES = st.none() | st.sampled_from(Status)
CHANGES = st.lists(
    st.builds(
        lambda at, vo, status, binding: change(at, status, vo, binding=binding and vo == ALL and status is not None),
        st.integers(-3, 26),
        st.sampled_from((ALL, "cms")),
        STATUSES,
        st.booleans(),
    ),
    max_size=12,
).map(lambda found: sorted(found, key=lambda one: one.at))
SHOWINGS = st.lists(st.builds(Showing, st.integers(-3, 26).map(hour), st.none() | st.sampled_from(Absence)), max_size=6).map(
    lambda found: tuple(sorted(found, key=lambda one: one.at))
)


@given(CHANGES, SHOWINGS, st.integers(0, 23))
def test_at_every_moment_a_timeline_says_what_the_mask_said(
    changes: list[Change], showings: tuple[Showing, ...], at: int
) -> None:
    moment = hour(at + 0.5)
    [stretch] = [s for s in stretches(changes, showings, NOW, END) if s.start <= moment < s.end]
    absence = next((s.absence for s in reversed(showings) if s.at <= moment), Absence.NOT_KNOWN)
    expected = None if absence else seen_by("cms", "all", _rows(changes, moment))
    assert (stretch.status, stretch.row) == ((expected.status, expected.key.vo) if expected else (None, ""))


def _rows(changes: list[Change], moment: datetime) -> dict[tuple[str, str], Row]:
    rows: dict[tuple[str, str], Row] = {}
    for one in changes:
        if one.at > moment:
            break
        rows.pop(("all", one.vo), None)
        if one.status is not None:
            made = row(element(), one.status, vo=one.vo)
            rows["all", one.vo] = Row(made.key, Standing(one.status, one.at), binding=one.binding)
    return rows


@given(CHANGES, SHOWINGS)
def test_stretches_follow_each_other_without_a_gap_and_differ(changes: list[Change], showings: tuple[Showing, ...]) -> None:
    found = stretches(changes, showings, NOW, END)
    assert (found[0].start, found[-1].end) == (NOW, END)
    for one, following in pairwise(found):
        assert one.end == following.start
        assert not one.is_as(following)

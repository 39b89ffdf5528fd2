from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import ElementKey
from gridmask.domain.mask import Absence
from gridmask.domain.status import Status
from gridmask.domain.timeline import Stretch, Timeline
from gridmask.portal.drawing.axis import Axis
from gridmask.portal.drawing.timeline import LEAST, LETTER, WIDTHS, lanes, needed, pieces, pins, stacked

if TYPE_CHECKING:
    from gridmask.portal.drawing.timeline import Piece

NOW = datetime(2026, 8, 21, tzinfo=UTC)
AXIS = Axis(NOW, NOW + timedelta(days=1))
SE = ElementKey("Resource", "StorageElement", "SE1")


def hour(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def said(start: float, end: float, status: Status | None = Status.ACTIVE, owner: str | None = None) -> Stretch:
    return Stretch(hour(start), hour(end), status, None if status is not None else Absence.NOT_KNOWN, "all", owner=owner)


@st.composite
def some_stretches(draw: st.DrawFn) -> list[Stretch]:
    """Stretches of a day, one after another without a gap."""
    cuts = sorted(draw(st.sets(st.integers(1, 24 * 3600 - 1), max_size=40)))
    edges = [0, *cuts, 24 * 3600]
    statuses = draw(st.lists(st.sampled_from([*Status, None]), min_size=len(edges), max_size=len(edges)))
    owners = draw(st.lists(st.sampled_from([None, "a-person"]), min_size=len(edges), max_size=len(edges)))
    return [
        said(start / 3600, end / 3600, statuses[place], owners[place]) for place, (start, end) in enumerate(pairwise(edges))
    ]


@given(some_stretches())
def test_pieces_cover_the_whole_time_once_and_leave_nothing_out(stretches: list[Stretch]) -> None:
    drawn = pieces(stretches, AXIS)
    assert (drawn[0].start, drawn[-1].end) == (AXIS.since, AXIS.until)
    assert all(before.end == after.start for before, after in pairwise(drawn))
    assert [one for piece in drawn for one in piece.stretches] == stretches


@given(some_stretches())
def test_whatever_was_is_seen_and_within_the_picture(stretches: list[Stretch]) -> None:
    for piece in pieces(stretches, AXIS):
        assert piece.width >= LEAST
        assert 0 <= piece.place <= piece.place + piece.width <= 100.001
        assert piece.status == min((one.status for one in piece.stretches if one.status is not None), default=None)


def label_of(piece: Piece, pixels: int) -> tuple[float, float]:
    """Where a label begins and ends in a picture of that width."""
    start = piece.place / 100 * pixels + 7
    return start, start + len(piece.label) * LETTER


@given(some_stretches(), st.sampled_from(WIDTHS))
def test_no_two_labels_overlap_however_wide_the_picture_is(stretches: list[Stretch], pixels: int) -> None:
    labelled = [piece for piece in pieces(stretches, AXIS) if 0 < piece.room <= pixels]
    places = [label_of(piece, pixels) for piece in labelled]
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(end <= pixels for _, end in places)


def test_many_short_stretches_are_one_piece_that_shows_the_worst() -> None:
    flaps = [said(1 + n / 100, 1 + (n + 1) / 100, Status.BANNED if n % 2 else Status.ACTIVE) for n in range(10)]
    drawn = pieces([said(0, 1), *flaps, said(1.1, 24)], AXIS)
    assert [(len(piece.stretches), piece.status) for piece in drawn] == [
        (1, Status.ACTIVE),
        (10, Status.BANNED),
        (1, Status.ACTIVE),
    ]


def test_status_types_of_which_the_same_is_to_be_said_share_a_lane() -> None:
    def line(status_type: str, *stretches: Stretch) -> Timeline:
        return Timeline(SE, status_type, "cms", stretches)

    whole, banned = said(0, 24), (said(0, 4), said(4, 24, Status.BANNED))
    drawn = lanes([line("Read", whole), line("Write", *banned), line("Check", whole)], AXIS)
    assert [lane.aspects for lane in drawn] == [("Read", "Check"), ("Write",)]


def test_who_holds_it_is_part_of_what_is_said() -> None:
    (piece,) = pieces([said(0, 24, Status.BANNED, "maria")], AXIS)
    assert piece.label == "Banned, held by maria"


def test_a_word_that_fits_nowhere_is_never_shown() -> None:
    assert (needed("Banned", 100), needed("Banned", 10), needed("Banned", 0.5)) == (WIDTHS[0], WIDTHS[2], 0)


SPANS = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 12)), max_size=12)


@given(SPANS)
def test_bars_in_a_row_do_not_touch_and_none_is_lost(spans: list[tuple[int, int]]) -> None:
    things = [(number, hour(start), hour(start + length)) for number, (start, length) in enumerate(sorted(spans))]
    bars, left_out = stacked(things, AXIS, 3)
    assert len(bars) + left_out == len(things)
    for row in range(3):
        places = sorted((bar.place, bar.place + bar.width) for bar in bars if bar.row == row)
        assert all(before[1] <= after[0] + 0.001 for before, after in pairwise(places))


def test_what_happened_at_about_the_same_time_is_one_mark() -> None:
    found = pins([("late", hour(20)), ("a", hour(1)), ("b", hour(1.1))], AXIS)
    assert [pin.what for pin in found] == [("a", "b"), ("late",)]

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.comparison import Said
from gridmask.domain.disputes import Dispute, Spell, Turn, longest_first, overlaid, spells, while_there
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.status import Status

CE1 = RowKey(ElementKey("Resource", "ComputingElement", "CE1"), "all", "all")
ACTIVE, BANNED, DEGRADED, ERROR = (Said.of(status) for status in (Status.ACTIVE, Status.BANNED, Status.DEGRADED, Status.ERROR))
Told = tuple[float, Said | None]


def hour(number: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)


def course(*turns: Told) -> list[Turn]:
    return [Turn(hour(at), said) for at, said in turns]


def found(theirs: list[Turn], ours: list[Turn], since: float = 0, until: float = 10) -> list[tuple[float, float]]:
    made = spells(theirs, ours, hour(since), hour(until))
    return [((one.start - hour(0)) / timedelta(hours=1), (one.end - hour(0)) / timedelta(hours=1)) for one in made]


courses = st.lists(
    st.tuples(st.integers(-3, 12), st.sampled_from([ACTIVE, BANNED, DEGRADED, None])), max_size=6, unique_by=lambda t: t[0]
).map(lambda turns: course(*sorted(turns, key=lambda turn: turn[0])))


def said_at(turns: list[Turn], moment: datetime) -> Said | None:
    return next((turn.said for turn in reversed(turns) if turn.at <= moment), None)


@given(courses)
def test_nobody_disagrees_with_himself(one: list[Turn]) -> None:
    assert found(one, one) == []


@given(courses, courses)
def test_to_swap_the_sides_mirrors_it(one: list[Turn], other: list[Turn]) -> None:
    there, here = spells(one, other, hour(0), hour(10)), spells(other, one, hour(0), hour(10))

    assert [(s.start, s.end, s.theirs, s.ours) for s in there] == [(s.start, s.end, s.ours, s.theirs) for s in here]


@given(courses, courses)
def test_it_is_just_when_the_two_say_so(one: list[Turn], other: list[Turn]) -> None:
    within = found(one, other)
    for number in range(10):
        theirs, ours = said_at(one, hour(number + 0.5)), said_at(other, hour(number + 0.5))
        differ = theirs is not None and ours is not None and theirs.usable != ours.usable
        assert differ is any(start <= number < end for start, end in within)


def test_it_lasts_until_they_agree_again() -> None:
    assert found(course((-5, ACTIVE)), course((-5, ACTIVE), (2, BANNED), (5, DEGRADED))) == [(2, 5)]


def test_it_is_cut_to_the_time_asked_for() -> None:
    assert found(course((-5, BANNED)), course((-5, ACTIVE))) == [(0, 10)]


def test_while_one_says_nothing_they_do_not_disagree() -> None:
    assert found(course((4, BANNED), (6, None)), course((-5, ACTIVE))) == [(4, 6)]


def test_another_reason_meanwhile_makes_no_new_spell() -> None:
    [spell] = spells(course((0, BANNED), (3, ERROR)), course((0, ACTIVE), (2, DEGRADED)), hour(0), hour(10))

    assert (spell.start, spell.end, spell.theirs, spell.ours) == (hour(0), hour(10), BANNED, ACTIVE)


def test_when_the_other_becomes_the_stricter_it_is_a_new_spell() -> None:
    theirs, ours = course((0, BANNED), (3, ACTIVE)), course((0, ACTIVE), (3, BANNED))
    dispute = Dispute(CE1, tuple(spells(theirs, ours, hour(0), hour(10))))

    assert len(dispute.spells) == 2
    assert (dispute.length, dispute.stricter_there) == (timedelta(hours=10), timedelta(hours=3))


def test_a_vo_follows_all_while_it_has_no_row_of_its_own() -> None:
    turns = overlaid(course((2, BANNED), (4, None)), course((0, ACTIVE)))

    assert turns == course((0, ACTIVE), (2, BANNED), (4, ACTIVE))


def test_what_binds_outranks_the_vos_row_while_it_does() -> None:
    binding = Said.of(Status.BANNED, binding=True)

    assert overlaid(course((0, ACTIVE)), course((1, binding), (2, BANNED))) == course((0, ACTIVE), (1, binding), (2, ACTIVE))


def test_nothing_is_said_while_the_element_is_not_there() -> None:
    turns = while_there(course((0, ACTIVE), (3, BANNED)), [(hour(0), True), (hour(2), False), (hour(4), True)])

    assert [said_at(turns, hour(at)) for at in (1, 2.5, 3.5, 5)] == [ACTIVE, None, None, BANNED]


def test_the_longest_come_first() -> None:
    disputes = [Dispute(CE1._replace(vo=vo), (Spell(hour(0), hour(end), ACTIVE, BANNED),)) for vo, end in (("a", 1), ("b", 2))]

    assert [one.row.vo for one in longest_first(disputes)] == ["b", "a"]

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.comparison import NOTHING, Comparison, Said, compare, of_types, rows_of_note, seen, seen_by
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.status import Status

CE1 = RowKey(ElementKey("Resource", "ComputingElement", "CE1"), "all", "all")
SE1 = RowKey(ElementKey("Resource", "StorageElement", "SE1"), "ReadAccess", "all")
ACTIVE, BANNED, DEGRADED = (Said.of(status) for status in (Status.ACTIVE, Status.BANNED, Status.DEGRADED))
NOT_USABLE = Said(usable=False, reason="power")

keys = st.builds(
    RowKey,
    st.builds(ElementKey, st.just("Resource"), st.sampled_from(["FTS", "Catalog"]), st.sampled_from("abc")),
    st.sampled_from(["all", "ReadAccess"]),
    st.sampled_from(["all", "cms"]),
)
told = st.builds(Said.of, st.sampled_from(Status)) | st.builds(Said, st.booleans())
statements = st.dictionaries(keys, told, max_size=12)


def sides(made: Comparison) -> dict[RowKey, tuple[Said | None, Said | None]]:
    return {one.row: (one.theirs, one.ours) for one in made.differences}


@given(statements)
def test_a_mask_does_not_differ_from_itself(said: dict[RowKey, Said]) -> None:
    made = compare(said, said)

    assert made.differences == ()
    assert made.agreeing == made.compared == len(said)
    assert made.is_equal is bool(said)


@given(statements, statements)
def test_to_swap_the_sides_mirrors_it(one: dict[RowKey, Said], other: dict[RowKey, Said]) -> None:
    there, here = compare(one, other), compare(other, one)

    assert sides(there) == {row: pair[::-1] for row, pair in sides(here).items()}
    assert there.pairs == {pair[::-1]: count for pair, count in here.pairs.items()}
    assert [d.matters for d in there.differences] == [d.matters for d in here.differences]


@given(statements, statements)
def test_what_matters_comes_first_and_every_row_is_counted(one: dict[RowKey, Said], other: dict[RowKey, Said]) -> None:
    made = compare(one, other)

    assert [d.matters for d in made.differences] == sorted((d.matters for d in made.differences), reverse=True)
    assert made.compared == len(one.keys() | other.keys())


def test_another_status_that_may_be_used_as_well_is_no_difference_to_readers() -> None:
    made = compare({CE1: ACTIVE}, {CE1: DEGRADED})

    assert made.is_equal
    assert [d.matters for d in made.differences] == [False]


def test_what_one_does_not_speak_of_may_not_be_used_by_it() -> None:
    made = compare({CE1: ACTIVE, SE1: BANNED}, {})

    assert [(d.row, d.matters) for d in made.differences] == [(CE1, True), (SE1, False)]
    assert made.pairs == {("Active", NOTHING): 1, ("Banned", NOTHING): 1}


def test_who_tells_no_status_is_believed_as_far_as_it_tells() -> None:
    assert compare({CE1: NOT_USABLE}, {CE1: BANNED}).differences == ()
    assert not compare({CE1: NOT_USABLE}, {CE1: ACTIVE}).is_equal


def test_a_reader_sees_the_row_of_its_vo_else_that_of_all() -> None:
    own = replace(BANNED, vo="cms")
    kept = {CE1: ACTIVE, CE1._replace(vo="cms"): own}

    assert [seen_by(vo, CE1, kept) for vo in ("cms", "lhcb", "all")] == [own, ACTIVE, ACTIVE]


def test_a_binding_row_is_seen_by_every_reader() -> None:
    kept = {CE1: replace(BANNED, binding=True), CE1._replace(vo="cms"): ACTIVE}

    assert seen([CE1._replace(vo="cms")], kept) == {CE1._replace(vo="cms"): kept[CE1]}


def test_row_by_row_a_vo_is_compared_where_a_side_has_a_row_of_its_own() -> None:
    own = SE1._replace(vo="cms")

    assert rows_of_note(None, [CE1, SE1], [own]) == {CE1, SE1, own}
    assert rows_of_note("cms", [CE1, SE1], [own, CE1._replace(vo="lhcb")]) == {CE1._replace(vo="cms"), own}


def test_types_that_the_other_knows_nothing_of_are_counted_apart() -> None:
    assert of_types({"ComputingElement"}, {CE1: ACTIVE, SE1: BANNED}) == ({CE1: ACTIVE}, {"StorageElement": 1})

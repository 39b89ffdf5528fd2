from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import WHOLE
from gridmask.domain.mask import Absence, Entry, Holding, Mask, entry, mask_of, moved
from gridmask.domain.row import Row
from gridmask.domain.status import Purpose, Status
from gridmask.domain.vo import ALL
from gridmask.testing import element, row
from tests.unit.domain.strategies import SE, VOS, WHOM, holdings, masks

CE = element()


def holding(*rows: Row, offered: tuple[str, ...] = (), in_service: bool = True) -> Holding:
    made = element(offered=offered, in_service=in_service)
    return Holding(made, {(r.key.status_type, r.key.vo): r for r in rows or (row(made),)})


def mask(status: Status) -> Mask:
    return mask_of("cms", 1, [holding(row(CE, status))])


# --- What a mask says


def test_an_entry_tells_the_site_and_each_status_type_in_order() -> None:
    write, read = row(SE, Status.BANNED, status_type="Write"), row(SE, status_type="Read")
    rows = {(r.key.status_type, r.key.vo): r for r in (write, read)}
    assert entry(Holding(SE, rows), "cms") == Entry("Other", (("Read", Status.ACTIVE), ("Write", Status.BANNED)))


def test_each_vo_is_told_of_its_own_row() -> None:
    held = holding(row(CE), row(CE, Status.BANNED, vo="cms"))
    assert entry(held, "cms") == Entry("Example", ((WHOLE, Status.BANNED),))
    assert entry(held, "atlas") == entry(held, ALL) == Entry("Example", ((WHOLE, Status.ACTIVE),))


@pytest.mark.parametrize("vo", WHOM)
def test_a_binding_ban_is_in_every_mask(vo: str) -> None:
    held = holding(row(CE, Status.BANNED, binding=True), row(CE, vo="cms"))
    assert entry(held, vo) == Entry("Example", ((WHOLE, Status.BANNED),))


@pytest.mark.parametrize("vo", WHOM)
def test_what_is_out_of_service_is_in_no_mask(vo: str) -> None:
    assert entry(holding(in_service=False), vo) is Absence.OUT_OF_SERVICE


def test_what_is_not_offered_is_in_no_other_vos_mask() -> None:
    held = holding(offered=("cms",))
    assert entry(held, "atlas") is Absence.NOT_OFFERED
    assert isinstance(entry(held, "cms"), Entry)
    assert isinstance(entry(held, ALL), Entry)


def test_a_mask_holds_what_it_has_something_to_say_about() -> None:
    other = Holding(element("other"), {(WHOLE, ALL): row(element("other"))})
    assert mask_of("cms", 3, [holding(offered=("atlas",)), other]).entries.keys() == {other.element.key}


def test_a_mask_answers_for_each_element_by_itself() -> None:
    made = mask(Status.PROBING)
    assert made.status(CE.key, WHOLE) is Status.PROBING
    assert made.status(CE.key, "Read") is made.status(SE.key, WHOLE) is None


@pytest.mark.parametrize("purpose", Purpose)
def test_what_a_mask_does_not_speak_of_is_not_usable(purpose: Purpose) -> None:
    assert not mask(Status.ACTIVE).usable(SE.key, WHOLE, purpose)


def test_whether_an_element_is_usable_depends_on_the_purpose() -> None:
    assert not mask(Status.PROBING).usable(CE.key, WHOLE)
    assert mask(Status.PROBING).usable(CE.key, WHOLE, Purpose.TEST)


# --- Differences


@given(masks, masks)
def test_a_mask_after_its_difference_is_the_other_mask(one: Mask, other: Mask) -> None:
    assert one.apply(one.difference(other)) == other


@given(masks)
def test_an_empty_difference_changes_nothing(one: Mask) -> None:
    empty = one.difference(one)
    assert (empty.entries, empty.gone) == ({}, frozenset())
    assert one.apply(empty) == one


@given(masks, masks)
def test_a_difference_names_only_what_differs(one: Mask, other: Mask) -> None:
    delta = one.difference(other)
    assert (delta.since, delta.revision) == (one.revision, other.revision)
    assert all(one.entries.get(key) != new for key, new in delta.entries.items())
    assert delta.gone == one.entries.keys() - other.entries.keys()


# --- Which masks move


@given(st.none() | holdings(), st.none() | holdings(), st.frozensets(st.sampled_from([*VOS, "lhcb"])))
def test_the_masks_that_move_are_those_that_differ(before: Holding | None, after: Holding | None, vos: frozenset[str]) -> None:
    def made(vo: str, held: Holding | None) -> list[Entry]:
        return list(mask_of(vo, 0, [held] if held else []).entries.values())

    assert moved(before, after, vos) == {vo for vo in vos | {ALL} if made(vo, before) != made(vo, after)}

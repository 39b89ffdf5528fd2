from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import SITE, Element, ElementKey
from gridmask.domain.upheaval import FEW, NOTHING, Deed, Upheaval
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import reconcile
from gridmask.inventory.weighing import Allowed, weigh
from gridmask.testing import element

if TYPE_CHECKING:
    from collections.abc import Iterable

Known = dict[ElementKey, Element]

NAMES = "abcdefghij"
ALLOWED = Allowed(takeout=0.2, change=0.5)
ONE: dict[str, Any] = {"hosts": ("ce.example.org",), "services": frozenset({"arc-ce"}), "offered": ("cms",), "source": "osg"}


def inventory(names: str = NAMES, **attributes: Any) -> Known:  # noqa: ANN401 - attributes of Element
    listed = [element(name, **({"source": "osg"} | attributes)) for name in names]
    return {one.key: one for one in listed}


def answered(
    known: Known, published: Known, allowed: Allowed = ALLOWED, *, of_late: Iterable[ElementKey] = (), order: str = "osg"
) -> Upheaval:
    """What becomes of what is ``known`` by what ``osg`` published."""
    change = reconcile(known, Publication(published), "osg", order.split())
    return weigh(change, known, allowed, frozenset(of_late))


def otherwise(known: Known, count: int, **attributes: Any) -> Known:  # noqa: ANN401
    """So many of them otherwise."""
    changed = [replace(one, **attributes) if n < count else one for n, one in enumerate(known.values())]
    return {one.key: one for one in changed}


def problems(upheaval: Upheaval) -> list[str]:
    return [excess.how for excess in upheaval.excesses]


# --- What is gone


def test_taking_out_just_the_share_allowed_passes() -> None:
    assert answered(inventory(), inventory(NAMES[:8])).excesses == ()


def test_taking_out_more_is_told_with_the_figures() -> None:
    found = answered(inventory(), inventory("a"), Allowed(0.5, 0.5))
    assert found.problem == "take out 9 of 10 (90%), more than the 50% allowed"
    assert (found.added, found.changed, found.removed) == (0, 0, 9)


def test_an_empty_publication_where_there_was_something_is_too_much() -> None:
    assert problems(answered(inventory("a"), {}, Allowed(0.99, 1))) == ["take out"]


def test_the_first_publication_and_an_empty_one_of_nothing_pass() -> None:
    assert answered({}, inventory(), Allowed(0, 0)).excesses == ()
    assert answered({}, {}, Allowed(0, 0)) == NOTHING


def test_however_much_is_new_weighs_nothing() -> None:
    assert answered(inventory("a"), inventory(NAMES), Allowed(0, 0)) == NOTHING


def test_what_goes_out_of_service_counts_as_gone() -> None:
    known = inventory("abc")
    found = answered(known, otherwise(known, 2, in_service=False), Allowed(0.5, 0.5))
    assert problems(found) == ["take out"]
    assert [(item.name, item.before, item.after) for item in found.items] == [
        ("ComputingElement a", "in service", "out of service"),
        ("ComputingElement b", "in service", "out of service"),
    ]


def test_what_goes_out_of_service_under_another_name_counts_as_gone() -> None:
    found = answered(inventory("o", identity="14"), inventory("n", identity="14", in_service=False), Allowed(0.5, 0.5))
    assert problems(found) == ["take out"]
    assert [(item.deed, item.before, item.after) for item in found.items] == [
        (Deed.CHANGE, "in service", "called n; out of service")
    ]


@pytest.mark.parametrize(("share", "expected"), [(0.5, ["take out"]), (1.0, [])])
def test_what_is_taken_over_and_put_out_counts_as_gone(share: float, expected: list[str]) -> None:
    known, published = inventory("a", source="cs"), inventory("a", in_service=False)
    assert problems(answered(known, published, Allowed(share, 1), order="osg cs")) == expected


def test_what_was_renamed_is_not_gone() -> None:
    assert answered(inventory("o", identity="14"), inventory("n", identity="14"), Allowed(0, 0)).excesses == ()


def keys(names: str) -> list[ElementKey]:
    return [element(name).key for name in names]


def test_what_goes_in_slices_counts_together() -> None:
    known, published = inventory("abcdefghijklmnopqrst"), inventory("abcdefghijklmnopqrs")
    assert answered(known, published, of_late=keys("UVWX")).excesses == ()
    found = answered(known, published, of_late=keys("UVWXYZ"))
    assert found.problem == "take out, with what went of late, 7 of 26 (27%), more than the 20% allowed"
    assert answered(known, known, of_late=keys("UVWXYZ")).excesses == ()


def test_what_went_out_of_service_of_late_counts_once_and_is_still_there() -> None:
    known = inventory("abcdefghijklmn") | inventory("UVWXYZ", in_service=False)
    found = answered(known, inventory("abcdefghijklm") | inventory("VWXYZ", in_service=False), of_late=keys("UVWXYZ"))
    assert found.problem == "take out, with what went of late, 7 of 20 (35%), more than the 20% allowed"


def test_what_comes_back_was_not_lost_of_late() -> None:
    known, published = inventory("abcdefghijklmnopqrst"), inventory("abcdefghijklmnopqrsUVWXYZ")
    assert answered(known, published, of_late=keys("UVWXYZ")).excesses == ()


def test_what_turned_out_to_be_another_element_was_not_lost_of_late() -> None:
    merged = element("t", source="cs", elsewhere=frozenset(("osg", name) for name in "UVWXYZ"))
    known, published = inventory("abcdefghijklmnopqrs") | {merged.key: merged}, inventory("abcdefghijklmnopqr")
    assert answered(known, published, of_late=keys("UVWXYZ")).excesses == ()


# --- What is taken from VOs


def test_a_vo_that_loses_most_of_what_it_has_is_told_of_by_name() -> None:
    known = inventory("abcdefghij", offered=("cms",)) | inventory(
        "klmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", offered=("atlas",)
    )
    published = {key: one for key, one in known.items() if key.name not in "abcdef"}
    assert answered(known, published).problem == "take from cms 6 of 10 (60%), more than the 20% allowed"


def test_what_is_offered_to_everyone_is_a_vos_as_well() -> None:
    known = inventory("abcdefghij", offered=("cms",)) | inventory("klmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert answered(known, {key: one for key, one in known.items() if key.name not in "abcdef"}).excesses == ()


def test_what_is_offered_to_some_where_it_was_to_everyone_is_taken_from_the_others() -> None:
    known = inventory()
    found = answered(known, otherwise(known, 10, offered=frozenset({"cms"})))
    assert "take from VOs that no offer names" in problems(found)
    assert "take from cms" not in problems(found)


def test_a_few_may_always_be_taken_from_a_vo() -> None:
    known = inventory("abcde", offered=("cms",)) | inventory("fghijklmnopqrstuvwxyzABCDEFGHIJ", offered=("atlas",))
    assert answered(known, {key: one for key, one in known.items() if "cms" not in one.offered}).excesses == ()


# --- What is said otherwise


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"offered": frozenset()}, ["change the offer or the names of"]),
        ({"offered": frozenset({"cms", "atlas"})}, ["change the offer or the names of"]),
        ({"hosts": ()}, ["change the offer or the names of"]),
        ({"hosts": ("ce.example.org", "other.example.org")}, []),
        ({"services": frozenset({"webdav"})}, ["change the offer or the names of"]),
        ({"services": frozenset({"webdav", "arc-ce"})}, []),
        ({"services": frozenset()}, []),
        ({"site": "Elsewhere"}, ["move or file otherwise"]),
        ({"category": "storage"}, ["move or file otherwise"]),
        ({"tags": frozenset({"tier2"})}, []),
        ({"facts": {"contact": "somebody else"}}, []),
    ],
)
def test_many_that_are_said_otherwise_are_too_much(attributes: dict[str, Any], expected: list[str]) -> None:
    known = inventory(**ONE)
    assert problems(answered(known, otherwise(known, 10, **attributes))) == expected


def test_what_comes_back_into_service_is_said_otherwise() -> None:
    known = inventory(in_service=False) | inventory("klmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    found = answered(known, otherwise(known, 6, in_service=True))
    assert found.problem == "put back into service 6 of 10 (60%), more than the 50% allowed"
    assert answered(known, otherwise(known, 5, in_service=True)).excesses == ()


def test_who_is_at_a_site_that_has_another_name_has_not_moved() -> None:
    before, after = (element(name, SITE, family=SITE, site=name, identity="1", source="osg") for name in ("Old", "New"))
    known, published = inventory(site="Old") | {before.key: before}, inventory(site="New") | {after.key: after}
    assert answered(known, published).excesses == ()


def test_a_few_are_news() -> None:
    known = inventory(**ONE)
    assert answered(known, otherwise(known, 5, offered=frozenset())).excesses == ()


def test_what_heard_everything_and_hears_one_service_from_now_on_loses_something() -> None:
    known = inventory(**(ONE | {"services": frozenset()}))
    assert answered(known, otherwise(known, 10, services=frozenset({"arc-ce"}))).excesses != ()


def test_what_a_source_calls_the_elements_of_another_counts_as_well() -> None:
    known = inventory(**(ONE | {"source": "cs", "hosts": (), "elsewhere": frozenset({("osg", "ce.example.org")})}))
    found = answered(known, {}, order="cs osg")
    assert found.problem == "change the offer or the names of 10 of 10 (100%), more than the 20% allowed"


def test_what_another_source_has_the_say_of_from_now_on_is_as_that_says() -> None:
    known = inventory(**(ONE | {"source": "cs"}))
    published = inventory(**(ONE | {"offered": ("cms", "atlas")}))
    assert answered(known, published, order="osg cs").excesses == ()


# --- Whatever comes

elements = st.builds(
    element,
    st.sampled_from("abcdefghijklmnopqrst"),
    source=st.just("osg"),
    site=st.sampled_from("AB"),
    in_service=st.sampled_from([True, True, True, False]),
    offered=st.frozensets(st.sampled_from(["cms", "atlas"])),
)
inventories = st.lists(elements, max_size=40).map(lambda listed: {one.key: one for one in listed})
shares = st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.9])


def usable(inventory: Known, vo: str) -> set[ElementKey]:
    return {key for key, one in inventory.items() if one.in_service and one.is_offered_to(vo)}


@given(inventories, inventories, shares)
def test_what_is_believed_takes_no_more_than_the_share_from_anybody(known: Known, published: Known, share: float) -> None:
    if answered(known, published, Allowed(share, 1)).excesses:
        return
    after = reconcile(known, Publication(published), "osg").applied_to(known)
    for vo in ("cms", "atlas", "lhcb", "all"):
        lost = usable(known, vo) - usable(after, vo)
        assert len(lost) <= max(FEW, share * len(usable(known, vo)))


@given(inventories, inventories)
def test_what_is_not_believed_is_told_item_by_item(known: Known, published: Known) -> None:
    found = answered(known, published, Allowed(0, 0))
    if found.excesses:
        assert (found.added, found.removed) == (len(published.keys() - known.keys()), len(known.keys() - published.keys()))
        assert len(found.items) == found.added + found.changed + found.removed


@given(st.lists(st.frozensets(st.sampled_from(NAMES)), max_size=8), shares)
def test_in_however_many_slices_no_more_than_the_share_is_lost_in_a_day(slices: list[frozenset[str]], share: float) -> None:
    known, gone = inventory(), frozenset[ElementKey]()
    for listed in slices:
        published = inventory("".join(sorted(listed)))
        if not answered(known, published, Allowed(share, 1), of_late=gone - known.keys()).excesses:
            gone |= known.keys() - published.keys()
            known = published
    assert len(inventory().keys() - known.keys()) <= max(FEW, share * len(NAMES))

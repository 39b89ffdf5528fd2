"""DIRAC's configuration and OSG's registry together, where a developer has both: of thousands of records, none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.collectors.osg import downtimes
from gridmask.domain.naming import names
from gridmask.inventory import osg
from gridmask.inventory.dirac.resources import read as read_cs
from gridmask.inventory.reconcile import reconcile

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.domain.downtime import Announcement
    from gridmask.domain.element import Element, ElementKey
    from gridmask.inventory.publication import Publication

Known = dict["ElementKey", "Element"]
Published = dict[str, "Publication"]

ORDERS = pytest.mark.parametrize("order", [("cs", "osg"), ("osg", "cs")], ids="-".join)


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Published:
    return {
        "cs": read_cs((shared_data / "dirac-cs" / "resources.cfg").read_bytes(), "cs"),
        "osg": osg.read((shared_data / "osg-topology" / "served_rgsummary.xml").read_bytes(), "osg"),
    }


@pytest.fixture(scope="module")
def announced(shared_data: Path) -> Announcement:
    feed = shared_data / "osg-topology" / "served_rgdowntime_45d_prod_active.xml"
    return downtimes.read(feed.read_bytes(), "osg-downtimes")


def read_all(published: Published, read: tuple[str, ...], precedence: tuple[str, ...]) -> Known:
    """What is known after reading sources one after the other."""
    known: Known = {}
    for source in read:
        known = reconcile(known, published[source], source, precedence).applied_to(known)
    return known


@ORDERS
def test_every_record_is_accounted_for(published: Published, order: tuple[str, str]) -> None:
    known = read_all(published, order[:1], order)
    change = reconcile(known, published[order[1]], order[1], order)
    listed = published[order[1]].elements
    parts = [{element.key for element in change.added}, {*change.recognised}, {*change.conflicts} & listed.keys()]
    assert sum(map(len, parts)) == len(listed)
    assert set().union(*parts) == listed.keys()
    assert (change.taken_out, change.lost, change.merged) == ((), (), {})
    assert min(map(len, parts[:2])) > 0
    assert len(change.applied_to(known)) == len(known) + len(change.added)


@ORDERS
def test_a_second_reading_changes_nothing(published: Published, order: tuple[str, str]) -> None:
    known = read_all(published, order, order)
    assert not any(reconcile(known, published[source], source, order) for source in order)


@ORDERS
def test_it_does_not_matter_who_was_read_first(published: Published, order: tuple[str, str]) -> None:
    last, first = order[::-1]
    assert read_all(published, (last, first, last, first), order) == read_all(published, (first, last), order)


@ORDERS
def test_what_both_list_is_there_once_and_osgs_downtimes_find_it(
    published: Published, announced: Announcement, order: tuple[str, str]
) -> None:
    known = read_all(published, order, order)
    targets = {target for downtime in announced.downtimes.values() for target in downtime.targets}
    found = {target: [key for key, element in known.items() if names(target, element)] for target in targets}
    conflicts = reconcile(known, published["osg"], "osg", order).conflicts
    assert {target for target, keys in found.items() if not keys} <= set(conflicts)
    if order[0] == "cs":
        assert any(known[key].source == "cs" for keys in found.values() for key in keys)


def test_other_precedence_takes_over_and_back_again(published: Published) -> None:
    known = read_all(published, ("cs", "osg"), ("cs", "osg"))
    flipped = reconcile(known, published["osg"], "osg", ("osg", "cs"))
    assert flipped.taken_over
    assert not flipped.lost
    known = flipped.applied_to(known)
    back = reconcile(known, published["cs"], "cs", ("cs", "osg"))
    assert len(back.taken_over) == len(flipped.taken_over)
    assert not back.lost

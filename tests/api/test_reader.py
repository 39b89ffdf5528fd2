"""What pages leave out for who reads about one VO alone."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.element import Element, ElementKey
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.guard import Batch, Cause
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import ALL
from gridmask.portal.element.page import chronicle_for, for_reader
from gridmask.portal.frame.reader import HERE, Reader
from gridmask.portal.overview.landing import held_for
from gridmask.service.chronicles import Chronicle, Course
from gridmask.service.portrait import Portrait, View
from gridmask.store.downtimes import Version
from gridmask.testing import downtime, element
from tests.clocks import NOW

CE = ElementKey("Resource", "ComputingElement", "CE1")
OF_CMS = Reader(Actor("1234@iam", grants=frozenset({Grant(Role.OPERATOR, "cms")})))
OF_ALL = Reader(Actor("1234@iam", grants=frozenset({Grant(Role.READER, ALL)})))


def portrait() -> Portrait:
    views = (View((ALL,), {}, own=True), View(("atlas",), {}, own=True), View(("cms", "lhcb"), {}, own=False))
    measured = tuple(Evidence(EvidenceKey("s", vo, CE), "jobs", None, NOW, vo=vo) for vo in (ALL, "atlas", "cms"))
    return Portrait("cms", Element(CE, "A"), None, MappingProxyType({}), (), views, (), (), measured, ())


def test_who_reads_about_one_vo_is_told_what_is_its_own_or_everyones() -> None:
    shown = for_reader(portrait(), OF_CMS)
    assert [view.vos for view in shown.views] == [("cms",)]
    assert [item.vo for item in shown.measured] == [ALL, "cms"]


def test_what_was_announced_or_recorded_for_another_vo_is_left_out_of_a_chronicle() -> None:
    downs = [downtime("10:00", "11:00", element(), record=vo, vo=vo) for vo in (ALL, "atlas", "cms")]
    courses = tuple(Course((Version(down, NOW),)) for down in downs)
    known = portrait().measured
    told = Chronicle(NOW, NOW, courses=courses, recorded={known[0].key: tuple(known)})
    shown = chronicle_for(told, OF_CMS)
    assert [course.last.vo for course in shown.courses] == [ALL, "cms"]
    assert [[one.vo for one in versions] for versions in shown.recorded.values()] == [[ALL, "cms"]]


@pytest.mark.parametrize("reader", [HERE, OF_ALL])
def test_who_reads_about_all_is_told_all(reader: Reader) -> None:
    assert for_reader(portrait(), reader) == portrait()


def test_what_is_held_of_several_vos_is_told_to_who_reads_about_all_of_them() -> None:
    batches = [
        Batch(name, Cause("source", "osg"), NOW, NOW, 7, frozenset(vos))
        for name, vos in {"a": ("cms",), "b": ("cms", "atlas")}.items()
    ]
    assert [batch.id for batch in held_for(OF_CMS, batches)] == ["a"]
    assert [batch.id for batch in held_for(OF_ALL, batches)] == ["a", "b"]

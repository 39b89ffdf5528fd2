"""Rules that say of themselves that they find the same for all VOs do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.domain.measurements import Jobs, Metric, Pilots, Point, Probe, Series, Space, State, Tickets, Transfers
from gridmask.domain.policy import Rule
from gridmask.domain.status import Status
from gridmask.rules import BUILT_IN, Always, Cel, DeclaredDowntime, TransferQuality, WindowedCount
from gridmask.rules.cel import When
from gridmask.rules.transfers import Ways
from gridmask.testing import case, downtime, element, measured, moment

CE = element("ce")
OUTAGE = downtime("11:00", "13:00", CE)
EVIDENCE = [
    *OUTAGE.evidence(moment("10:00")),
    *(
        measured(value, CE)
        for value in (
            Jobs(done=1, failed=9),
            Metric("load", 9.0),
            Pilots(10, 9),
            Probe("submit", "CRITICAL"),
            Series("status", (Point(moment("09:00"), "bad"),)),
            Space(10.0, 1.0),
            State("closed"),
            Tickets(3),
            Transfers("source", 10, 9),
        )
    ),
]
ACCESS = ("ReadAccess", "WriteAccess")
OF_THEIR_OWN = {"propagation"}
"""They look at what is around as a row's VO sees it."""


def made(kind: str) -> Rule:
    """A rule of that kind, with as few arguments as it takes."""
    if kind == "always":
        return Always(Status.BANNED)
    if kind == "cel":
        return Cel((When("jobs.failed > jobs.done", Status.BANNED),), ("jobs",))
    return WindowedCount(points=5, bad_count=1) if kind == "windowed-count" else BUILT_IN[kind]()


@pytest.mark.parametrize("kind", sorted(BUILT_IN.keys() - OF_THEIR_OWN))
def test_whose_a_row_is_makes_no_difference_to_it(kind: str) -> None:
    rule = made(kind)
    assert getattr(rule, "same_for_all_rows", False) or getattr(rule, "same_for_all_vos", False)
    general, own = (rule.assess(case(CE, at="12:00", vo=vo, evidence=EVIDENCE)) for vo in ("all", "cms"))
    assert general == own
    assert general.status is not None


@pytest.mark.parametrize("kind", sorted(BUILT_IN.keys() - OF_THEIR_OWN))
def test_nor_does_which_of_its_status_types_it_is_where_a_rule_says_so(kind: str) -> None:
    rule = made(kind)
    one, other = (rule.assess(case(CE, at="12:00", status_type=which, evidence=EVIDENCE)) for which in ACCESS)
    assert one == other or not getattr(rule, "same_for_all_rows", False)


def test_rules_that_know_accesses_are_asked_for_each() -> None:
    by_access = TransferQuality(direction=Ways.BY_ACCESS)
    assert not by_access.same_for_all_rows
    assert not DeclaredDowntime(lead={"WriteAccess": timedelta(hours=1)}).same_for_all_rows


@pytest.mark.parametrize("kind", sorted(OF_THEIR_OWN))
def test_what_sees_through_the_eyes_of_a_vo_is_asked_for_each(kind: str) -> None:
    assert not hasattr(made(kind), "same_for_all_vos")
    assert not hasattr(made(kind), "same_for_all_rows")


def test_a_condition_that_asks_for_the_vo_is_tried_for_each() -> None:
    rule = Cel((When("row.vo == 'cms'", Status.BANNED),))
    assert rule.same_for_all_rows is False
    general, own = (rule.assess(case(CE, at="12:00", vo=vo)).status for vo in ("all", "cms"))
    assert (general, own) == (Status.ACTIVE, Status.BANNED)

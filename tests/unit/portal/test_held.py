"""What waits in a batch, put so that somebody can decide about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gridmask.domain.actor import Actor
from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.guard import Batch, BatchState, Cause
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.portal.guard.held import LATELY, held, lately
from gridmask.testing import moment

NOW = moment("17:00")
BATCH = Batch("b", Cause("source", "feed"), NOW, NOW + timedelta(days=1), 3, frozenset({"cms"}))
ADMIN, CMS = Actor.administrator("admin"), Actor.operator("shifter", "cms")


def row(name: str, aspect: str, opinion: Status, why: str, vo: str = "cms") -> Row:
    key = RowKey(ElementKey("Resource", "StorageElement", name), aspect, vo)
    verdict = Verdict("space", "all", opinion, (Reason(ReasonKind.MEASUREMENT, why),))
    return Row(key, Standing(Status.ACTIVE, NOW), verdicts=(verdict,), opinion=opinion)


ROWS = (
    row("se1", "ReadAccess", Status.BANNED, "full"),
    row("se1", "WriteAccess", Status.BANNED, "full"),
    row("se2", "ReadAccess", Status.ERROR, "broken"),
)
SITES = {ROWS[0].key.element: "A", ROWS[2].key.element: "B"}


def test_rows_are_told_by_site_and_type_the_most_first_and_alike_ones_together() -> None:
    found = held(BATCH, ROWS, SITES, CMS)
    assert [(group.site, group.rows, [item.aspects for item in group.items]) for group in found.groups] == [
        ("A", 2, [("ReadAccess", "WriteAccess")]),
        ("B", 1, [("ReadAccess",)]),
    ]
    assert found.becoming == ((Status.ERROR, 1), (Status.BANNED, 2))


def test_what_holds_for_the_most_rows_is_told_first_and_not_all_of_it() -> None:
    many = [row(f"se{n}", "ReadAccess", Status.BANNED, f"why {n}") for n in range(9)]
    found = held(BATCH, [*many, row("se9", "ReadAccess", Status.BANNED, "why 3")], {}, CMS)
    assert (found.whys[0].rows, found.whys[0].reason and found.whys[0].reason.text) == (2, "why 3")
    assert (len(found.whys), found.more) == (5, 4)


def test_it_takes_whoever_may_for_all_whose_rows_are_held() -> None:
    of_all = (*ROWS, row("se3", "ReadAccess", Status.BANNED, "full", "all"))
    assert [held(BATCH, rows, SITES, CMS).decides for rows in (ROWS, of_all)] == [True, False]
    assert held(BATCH, of_all, SITES, ADMIN).decides


def test_of_what_is_over_it_is_told_what_became_of_it_the_last_first() -> None:
    later = NOW + timedelta(days=2)
    dropped = replace(BATCH, id="d", state=BatchState.DROPPED, decided_at=NOW + timedelta(hours=3))
    emptied = replace(BATCH, id="e", state=BatchState.EMPTIED)
    told = lately([dropped, emptied, BATCH], later)
    assert [(batch.id, fate) for batch, fate, _ in told] == [
        ("b", "expired"),
        ("d", "dropped"),
        ("e", "nothing asks for it any more"),
    ]
    assert lately([BATCH], NOW) == lately([BATCH], later + LATELY) == []

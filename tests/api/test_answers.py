from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.guard import Hold
from gridmask.domain.measurements import Tickets
from gridmask.domain.outlook import Way, WayKind
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.portal.element.answers import Answer, answers, contacts, hands, tickets
from gridmask.portal.frame.reader import Reader
from gridmask.service.statuses import Explanation, Seen
from gridmask.testing import element, measured, moment, row

NOON = moment("12:00")
SE = element("se", "StorageElement")
DOWN = Reason(ReasonKind.DOWNTIME, "In downtime 7", "gocdb", "7", "https://goc.example.org/7", until=NOON + timedelta(hours=3))
BANNED = Verdict("declared-downtimes", "cms", Status.BANNED, (DOWN,))
OF_CMS = Reader(Actor.operator("shifter", "cms"))
NOBODY = Reader(Actor("nobody"))


def explained(one: Row, *ways: Way, mode: Mode = Mode.FULL) -> Explanation:
    return Explanation(Seen("cms", one, SE), NOON, "", {}, (), mode, None, ways)


def of(status: Status = Status.BANNED, **more: Any) -> Answer:  # noqa: ANN401 - as the row has it
    told = {"reasons": (DOWN,), "verdicts": (BANNED,), **more}
    return Answer(("all",), explained(row(SE, status, vo="cms", **told)))


def lines(answer: Answer, reader: Reader = NOBODY, **more: Any) -> list[str]:  # noqa: ANN401 - as above
    return [f"{one.what}: {'you, ' if one.you else ''}{one.who}" for one in hands(answer, "cms", reader, **more)]


def test_what_policies_decided_is_in_the_hands_of_operators_announcers_and_authors() -> None:
    assert lines(of()) == [
        "set it for cms: an operator of cms",
        "end the downtime in gocdb: whoever announced it",
        "change policy declared-downtimes of cms: whoever keeps the policy files",
    ]


def test_whoever_reads_is_told_what_they_can_do() -> None:
    told = lines(of(), OF_CMS, by_api=frozenset({"cms"}))
    assert "set it for cms: you, an operator of cms" in told
    assert "change policy declared-downtimes of cms: you, an author of cms" in told


def test_what_a_person_holds_is_in_that_persons_hands() -> None:
    held = of(token=Token("maria", None), opinion=Status.ACTIVE)
    assert lines(held)[:2] == ["release it: maria", "release it or take it over: an operator of cms"]
    assert held.deciding == ()


def test_what_is_held_can_be_confirmed_or_dropped() -> None:
    held = of(Status.ACTIVE, hold=Hold("b7", NOON), opinion=Status.BANNED)
    assert lines(held)[0] == "confirm or drop batch b7: an operator of cms"


def test_what_binds_every_vo_only_the_installation_can_lift() -> None:
    assert lines(of(binding=True)) == ["lift what binds every VO: an administrator of the installation"]


@pytest.mark.parametrize(
    ("answer", "hours"),
    [
        (of(), 3),
        (of(token=Token("maria", NOON + timedelta(hours=5))), 5),
        (of(token=Token("maria", None)), None),
        (of(reasons=(DOWN, replace(DOWN, until=None))), None),
        (of(reasons=()), None),
    ],
)
def test_it_lasts_as_long_as_somebody_announced(answer: Answer, hours: int | None) -> None:
    assert answer.lasts_until == (None if hours is None else NOON + timedelta(hours=hours))


def test_what_it_becomes_by_itself_is_told() -> None:
    way = Way(WayKind.TIME, Status.ACTIVE, at=NOON)
    assert Answer(("all",), explained(row(SE), way)).next == way
    assert of().next is None


def test_there_is_nothing_to_do_about_what_automation_has_active() -> None:
    fine = of(Status.ACTIVE)
    assert fine.is_fine
    assert not of(Status.DEGRADED).is_fine
    assert not of(Status.ACTIVE, token=Token("maria", None)).is_fine
    assert not Answer(("all",), explained(row(SE), mode=Mode.OFF)).is_fine


def test_the_worst_comes_first_and_the_same_is_said_once() -> None:
    given = {"a": Status.ACTIVE, "b": Status.BANNED, "c": Status.ACTIVE}
    rows = [row(SE, status, status_type=name) for name, status in given.items()]
    assert [answer.aspects for answer in answers([explained(one) for one in rows])] == [("b",), ("a", "c")]


def test_whom_to_ask_is_what_the_inventory_names_the_element_itself_first() -> None:
    se = replace(SE, facts={"support_center": "GGUS", "home_url": "javascript:alert(1)"})
    site = element("X", "Site", facts={"support_center": "Community", "roc": "NGI_IT", "home_url": "https://x.example.org"})
    told = [("support centre", "GGUS"), ("operations centre", "NGI_IT"), ("home page", "https://x.example.org")]
    assert [(one.what, one.who) for one in contacts(se, site)] == told
    assert contacts(SE, None) == ()


def test_open_tickets_are_linked_to_while_they_count() -> None:
    known = measured(Tickets(1, ("https://desk.example.org/1", "javascript:alert(1)")), SE, valid_until="13:00")
    assert tickets([known, known], NOON) == ("https://desk.example.org/1",)
    assert tickets([known], NOON + timedelta(hours=2)) == ()

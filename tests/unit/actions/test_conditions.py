"""What actions are told of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gridmask.actions.conditions import ALWAYS, Chosen
from gridmask.actions.settings import Conditions
from gridmask.documents import validated
from gridmask.domain.decision import Verdict
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.news import HeldBatch, News, Notice, Reminder
from gridmask.domain.severity import Severity, severity
from gridmask.domain.status import Status
from tests.clocks import NOW
from tests.news import BAN, change, news

FULL = Verdict("free-space", "all", Status.BANNED, (BAN,))
SLOW = Verdict("transfers", "all", Status.DEGRADED, (BAN,), advisory=True)


def refusal(what: Any, **on: Any) -> str | None:  # noqa: ANN401 - as people write it
    return validated(Conditions, on, "on").condition().refusal(what)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ({}, None),
        ({"match": {"name": "ce*", "site": ["SITE", "X"], "tags": "tier2"}}, None),
        ({"match": {"before": "Active", "after": ["Ban*", "Error"]}}, None),
        ({"match": {"vo": "cms"}}, "vo is all, not cms"),
        ({"match": {"after": "!Banned"}}, "after is Banned, not !Banned"),
        ({"match": {"tags": "tier1"}}, "tags is tier2, not tier1"),
        ({"match": {"actor": "alice"}}, "actor is gridmask, not alice"),
        ({"severity": ["regained"]}, "it is lost, not regained"),
        ({"verdicts": {"free-*": "Banned", "transfers": "Degraded"}}, None),
        ({"verdicts": {"free-space": "Degraded"}}, "free-space has not said Degraded"),
        ({"combined": ["Banned"]}, None),
        ({"combined": "Active"}, "the verdicts add up to Banned, not Active"),
        ({"when": "change.after == 'Banned' && element.tags.exists(t, t == 'tier2') && row.vo == 'all'"}, None),
        ({"when": "change.verdicts.exists(v, v.policy == 'free-space' && !v.advisory)"}, None),
        ({"when": "change.severity == 'better'"}, "this does not hold: change.severity == 'better'"),
        ({"topics": ["batch"]}, "it is told of no changes"),
    ],
)
def test_all_that_is_asked_must_hold(on: dict[str, Any], said: str | None) -> None:
    assert refusal(change(verdicts=(FULL, SLOW)), **on) == said


@pytest.mark.parametrize(
    ("one", "seen"),
    [
        (change(vo="cms"), True),
        (change(vo="atlas"), False),
        (change(), True),
        (change(apart=["cms"]), False),
        (change(apart=["cms"], binding=True), True),
        (change(offered=["atlas"]), False),
    ],
)
def test_a_change_of_all_shows_where_it_counts(one: Any, seen: bool) -> None:  # noqa: ANN401, FBT001
    assert (refusal(one, seen_by=["CMS"]) is None) is seen


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (Status.ACTIVE, Status.BANNED, Severity.LOST),
        (Status.DEGRADED, Status.UNKNOWN, Severity.LOST),
        (Status.ACTIVE, Status.DEGRADED, Severity.WORSE),
        (Status.UNKNOWN, Status.PROBING, Severity.WORSE),
        (Status.BANNED, Status.PROBING, Severity.BETTER),
        (Status.PROBING, Status.ACTIVE, Severity.REGAINED),
        (None, Status.ACTIVE, Severity.OTHER),
        (Status.BANNED, Status.BANNED, Severity.OTHER),
    ],
)
def test_severity_goes_by_what_can_be_used(before: Status | None, after: Status | None, told: Severity) -> None:
    assert severity(before, after) is told


def test_of_a_revision_what_holds_is_told_and_nothing_if_there_is_none() -> None:
    on = Conditions(match={"name": ("ce02",)}).condition()
    both = news(change("ce01"), change("ce02", number=2), number=7)
    told = on.chosen(both).news
    assert told is not None
    assert ([one.row.element.name for one in told.changes], told.key) == (["ce02"], "revision-7")
    assert on.chosen(news(change("ce01"))) == Chosen(None)
    assert ALWAYS.chosen(both).news is both


def test_what_cannot_be_evaluated_does_not_hold_and_is_told() -> None:
    on = Conditions(when="change.sources[3] == 'gocdb'").condition()
    told, troubles = on.chosen(news(change()))
    assert told is None
    assert troubles == ("change.sources[3] == 'gocdb': Index error: index=3 size=1",)


def test_batches_and_reminders_concern_the_vos_that_they_name() -> None:
    on = Conditions(seen_by=frozenset({"cms"}), topics=("batch", "reminder", "other")).condition()
    batch = HeldBatch("1", "held", "source osg", 12, ("atlas",))
    reminder = Reminder("alice", NOW, NOW, ("ComputingElement ce01 for cms",))
    assert [on.chosen(News("x", 1, NOW, about)).news is None for about in (batch, reminder, Notice("x", {}))] == [
        True,
        False,
        False,
    ]


def test_who_asks_something_of_changes_is_told_of_nothing_else_unless_it_says_so() -> None:
    held = News("x", 1, NOW, HeldBatch("1", "held", "source osg", 12, ("atlas",)))
    assert Conditions().condition().chosen(held).news is held
    assert Conditions(severity=(Severity.LOST,)).condition().chosen(held).news is None
    assert Conditions(severity=(Severity.LOST,), topics=("changes", "batch")).condition().chosen(held).news is held


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ({"match": {"nam": "x"}}, "on: match: there is no 'nam'; did you mean 'name'?"),
        ({"match": {"after": "Baned"}}, "on: match: no status agrees with 'Baned'; did you mean 'Banned'?"),
        ({"match": {"name": []}}, "an empty list agrees with nothing"),
        ({"verdicts": {"x": "Good"}}, "no status agrees with 'Good'"),
        ({"when": "change.aftr == 'x'"}, "on: when: line 1, column 7: change has no 'aftr'; did you mean 'after'?"),
        ({"when": "now > change.at"}, "there is no 'now'"),
        ({"when": "change.after"}, "gives a string, and must be true or false"),
        ({"severity": ["bad"]}, "on: severity[0]: "),
        ({"wen": "true"}, "there is no such key; did you mean 'when'?"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_with_its_place(on: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        validated(Conditions, on, "on")
    assert said in str(caught.value)


def test_a_row_of_a_vo_that_begins_is_compared_with_what_was_seen_before() -> None:
    one = replace(change(vo="cms", before=None), kind="opened", inherited=Status.ACTIVE)
    on = {"severity": ["lost"], "match": {"before": "Active", "after": "Banned"}, "when": "change.before == 'Active'"}
    assert refusal(one, **on) is None
    assert refusal(replace(one, inherited=None), severity=["lost"]) == "it is other, not lost"

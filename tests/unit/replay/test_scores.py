"""Scores keep their laws, and are what somebody counts who looks at every moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from gridmask.domain.downtime import Impact
from gridmask.domain.events import StatusSet
from gridmask.domain.mask import Entry, entry
from gridmask.domain.naming import names
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from gridmask.replay.capacity import Unit
from gridmask.replay.scores import Reading, Scores, scores
from gridmask.replay.tally import LOST, Count, Overlay, Part
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.downtime import impact_of
from gridmask.testing import element, policies
from tests.unit.domain import strategies
from tests.unit.replay.lives import (
    CE,
    FRESH,
    SINCE,
    UNTIL,
    announced,
    by_hand,
    few,
    fives,
    grid,
    life,
    lives,
    outage,
    policy_sets,
    withdrawn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gridmask.domain.policy import PolicySet
    from gridmask.domain.state import State
    from gridmask.replay.outcome import Outcome
    from tests.unit.replay.lives import Life

FIVE = timedelta(minutes=5)


def lead(hours: float) -> PolicySet:
    return policies(Policy("declared-downtimes", DeclaredDowntime(lead={"default": timedelta(hours=hours)})))


def told(lived: Life, under: PolicySet = FRESH) -> Scores:
    return scores(lived.outcome(under))


# --- Against somebody who looks at every moment


def declared(outcome: Outcome, state: State, name: tuple[object, str], at: datetime, known: datetime) -> bool:
    key, vo = name
    return any(
        one.known_from <= known
        and (one.known_to is None or known < one.known_to)
        and one.downtime.interval.contains(at)
        and impact_of(one.downtime.severity) is Impact.OUTAGE
        and one.downtime.vo in (ALL, vo)
        and any(names(target, state.elements[key]) for target in one.downtime.targets)  # type: ignore[index]  # it is an element's
        for one in outcome.versions
    )


def looked(lived: Life, under: PolicySet) -> Iterator[tuple[str, tuple[object, str], str, datetime]]:
    """What somebody notes who looks at every moment: what it is, of which element and VO, and when."""
    played, outcome = lived.played(under), lived.outcome(under)
    for at in grid():
        state = [one.after for one in played if one.at <= at][-1]
        for key in state.elements:
            for vo in (ALL, *strategies.VOS):
                holding = state.holding(key)
                assert holding
                said = entry(holding, vo)
                for _, status in said.statuses if isinstance(said, Entry) else ():
                    can = usable(status)
                    now = declared(outcome, state, (key, vo), at, at)
                    later = declared(outcome, state, (key, vo), at, UNTIL)
                    yield "usable" if can else "unusable", (key, vo), "", at
                    yield from (("declared", (key, vo), "known", at),) if now else ()
                    yield from (("missed", (key, vo), "known", at),) if now and can else ()
                    yield from (("declared", (key, vo), "hindsight", at),) if later else ()
                    yield from (("missed", (key, vo), "hindsight", at),) if later and can else ()
                    yield from (("late", (key, vo), "hindsight", at),) if later and can and not now else ()


@few
@given(lives(), policy_sets)
def test_scores_are_what_is_counted_by_looking_at_every_moment(lived: Life, under: PolicySet) -> None:
    counted = Counter((what, vo, reading) for what, (_, vo), reading, _ in looked(lived, under))
    found = scores(lived.outcome(under))
    for vo in (ALL, *strategies.VOS):
        for reading in Reading:
            times = Counter[str]()
            for line in found.lines:
                if vo in line.vos:
                    one = line.tallies[reading]
                    times["declared"] += one.time(Part.LATE, Part.GUARD, Part.PERSON, Part.POLICIES, Part.COVERED) // FIVE
                    times["missed"] += one.time(Part.LATE, Part.GUARD, Part.PERSON, Part.POLICIES) // FIVE
                    times["late"] += one.time(Part.LATE) // FIVE
                    times["unusable"] += one.time(*LOST, Part.COVERED, Part.EVIDENCE, Part.BY_HAND) // FIVE
            assert times["unusable"] == counted["unusable", vo, ""]
            for what in ("declared", "missed", "late"):
                assert (what, times[what]) == (what, counted[what, vo, reading.value])


# --- Laws


def left_alone(lived: Life) -> Life:
    """The same without people."""
    return replace(lived, happenings=tuple(one for one in lived.happenings if not isinstance(one.event, StatusSet)))


@few
@given(lives(), policy_sets, fives)
def test_scores_of_parts_of_the_time_add_up(lived: Life, under: PolicySet, cut: datetime) -> None:
    outcome = lived.outcome(under)
    whole, first, second = scores(outcome), scores(outcome, until=cut), scores(outcome, since=cut)
    for line in whole.lines:
        parts = [one for some in (first, second) for one in some.lines if (one.element, one.vos) == (line.element, line.vos)]
        for reading in Reading:
            sums = [one.tallies[reading] for one in parts]
            assert {k: sum((t.time(k) for t in sums), timedelta()) for k in (*Part, *Overlay)} == {
                k: line.tallies[reading].time(k) for k in (*Part, *Overlay)
            }
            assert sum((Counter(t.counts) for t in sums), Counter()) == line.tallies[reading].counts


@few
@given(lives(), policy_sets)
def test_what_is_missed_was_known_late_or_not_acted_upon(lived: Life, under: PolicySet) -> None:
    found = told(lived, under)
    for reading in Reading:
        total = found.total(reading, None)
        assert total.missed == pytest.approx(total.late + total.not_acted)
    assert found.total(Reading.KNOWN, None).late == 0


@few
@given(lives())
def test_policies_that_never_ban_miss_every_outage(lived: Life) -> None:
    total = told(left_alone(lived), policies(Policy("always", Always(Status.ACTIVE)))).total(Reading.HINDSIGHT, None)
    assert total.missed == pytest.approx(total.declared)
    assert total.lost == 0
    assert not total.reactions


@few
@given(lives())
def test_nothing_is_lost_where_declared_outages_alone_ban(lived: Life) -> None:
    total = told(left_alone(lived)).total(Reading.KNOWN, None)
    assert (total.lost, total.missed) == (0, 0)


@few
@given(lives())
def test_to_act_ahead_loses_no_less_and_cuts_off_no_more(lived: Life) -> None:
    late, early = told(left_alone(lived)), told(left_alone(lived), lead(1))
    for reading in Reading:
        assert early.total(reading, None).lost >= late.total(reading, None).lost
        assert early.total(reading, None).cut_off <= late.total(reading, None).cut_off


# --- Single scores


def test_a_late_publication_is_known_late_up_to_when_it_was_published() -> None:
    total = told(life(announced("12:00", outage("10:00", "14:00")))).total(Reading.HINDSIGHT)
    assert (total.declared, total.late, total.not_acted) == (4, 2, 0)


def test_what_a_person_keeps_usable_is_not_acted_upon_by_a_person() -> None:
    total = told(life(by_hand("08:00", Status.ACTIVE), announced("09:00", outage("10:00", "14:00")))).total()
    assert (total.of(Part.PERSON), total.missed, total.of(Overlay.OWNED)) == (4, 4, 16)
    assert total.counts[Count.IGNORED] == 1


def test_a_downtime_that_is_withdrawn_is_none_in_hindsight() -> None:
    one = outage("10:00", "14:00")
    found = told(life(announced("09:00", one), withdrawn("12:00", one)))
    assert (found.total().declared, found.total().lost) == (2, 0)
    assert (found.total(Reading.HINDSIGHT).declared, found.total(Reading.HINDSIGHT).of(Part.TAKEN_BACK)) == (0, 2)


def test_acting_ahead_costs_the_time_ahead_and_cuts_nothing_off() -> None:
    lived = life(announced("08:00", outage("10:00", "12:00")))
    assert (told(lived).total().of(Part.AHEAD), told(lived).total().cut_off) == (0, 1)
    assert (told(lived, lead(1)).total().of(Part.AHEAD), told(lived, lead(1)).total().cut_off) == (1, 0)


def test_hours_are_weighed_by_capacity_where_it_is_known() -> None:
    small = element("small", site="North")
    lived = life(announced("08:00", outage("10:00", "12:00")), elements=(CE, small))
    assert told(lived).total().weighed(Unit.CORES).of(Part.COVERED) == 200
    assert Unit.HS23 not in told(lived).total().weighted


def test_a_reaction_is_counted_from_when_the_outage_could_be_known() -> None:
    lived = life(by_hand("10:00", Status.ACTIVE, until="10:40"), announced("10:30", outage("10:00", "12:00")))
    total = told(lived).total()
    assert total.reaction(0.5) == timedelta(minutes=10)


def test_each_resource_counts_once_for_all_and_for_each_vo_that_may_use_it() -> None:
    shut = replace(CE, offered=frozenset({"cms"}))
    found = told(life(announced("08:00", outage("10:00", "12:00")), elements=(shut,), vos=("atlas", "cms")))
    assert {vo: score.declared for vo, score in found.by_vo().items()} == {ALL: 2, "atlas": 0, "cms": 2}
    assert found.total(vo=None).declared == 2


def test_a_return_within_the_hour_is_a_flap() -> None:
    one, two = outage("10:00", "11:00"), outage("11:30", "13:00", "2")
    assert told(life(announced("08:00", one, two))).total().counts[Count.FLAPS] == 1
    assert told(life(announced("08:00", one))).total().counts == {Count.CHANGES: 2, Count.TAKEN: 1, Count.OUTAGES: 1}


def test_sites_and_types_add_up_to_the_total() -> None:
    lived = life(announced("08:00", outage("10:00", "12:00")), elements=(CE, *strategies.ELEMENTS[:2]))
    found = told(lived)
    for parts in (found.by_site(), found.by_type()):
        assert sum(one.shown for one in parts.values()) == pytest.approx(found.total().shown)
    assert SINCE < UNTIL

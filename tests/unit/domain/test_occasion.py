"""What an event is not about is left alone, and is what it would be had all been judged anew."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.downtime import Difference, Downtime
from gridmask.domain.evaluation import evaluate
from gridmask.domain.events import DowntimesChanged, Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.evidence import DOWNTIME, Coverage, Evidence
from gridmask.domain.matching import Match
from gridmask.domain.measurements import PROBE, Probe, Space
from gridmask.domain.occasion import ANY, Occasion, occasion_of
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.state import State
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from gridmask.rules import DeclaredDowntime, FreeSpace, ProbeResults
from gridmask.testing import downtime, measured, policies, state
from tests.unit.domain import oracles
from tests.unit.domain.strategies import CE, NOON, SE, TYPES, VOS, downtimes, guarded_sets, minutes, probes

WRITING = Policy("space", FreeSpace(), Match.of(status_type="Write"))
FULL = measured(Space(1e15, 1.0), SE)


def judged(before: State, event: Event) -> int:
    with patch("gridmask.domain.settling.evaluate", wraps=evaluate) as asked:
        step(before, event, NOON)
    return asked.call_count


def about(topics: set[tuple[str, str]]) -> Occasion:
    return Occasion(topics=frozenset(topics))


def world(*made: Policy) -> State:
    return step(state(SE, by=policies(*made), vos=VOS, types=TYPES), TimePassed(), NOON)[0]


def test_rows_that_no_rule_about_the_news_is_for_are_left_alone() -> None:
    assert judged(world(WRITING, Policy("declared", DeclaredDowntime())), EvidenceChanged((FULL,))) == 1


def test_a_rule_that_does_not_say_what_it_reads_is_asked_about_everything() -> None:
    class Anything(ProbeResults):
        reads = None  # type: ignore[assignment]  # as where a plug-in says nothing

    assert judged(world(Policy("any", Anything())), EvidenceChanged((FULL,))) == 2


def test_a_downtime_concerns_those_who_look_at_downtimes() -> None:
    event = DowntimesChanged("feed", Difference((downtime("11:00", "13:00", SE),)))
    assert (judged(world(WRITING), event), judged(world(Policy("declared", DeclaredDowntime())), event)) == (0, 2)


def test_what_was_known_before_counts_as_well() -> None:
    before = step(world(WRITING), EvidenceChanged((FULL,)), NOON)[0]
    other = Evidence(FULL.key, PROBE, Probe("submit", "OK"), NOON)
    assert occasion_of(EvidenceChanged((other,)), before) == about({("space", ALL), ("probe", ALL)})
    assert occasion_of(EvidenceChanged(gone=(FULL.key,)), before) == about({("space", ALL)})


def test_time_is_about_everything() -> None:
    assert occasion_of(TimePassed(), world(WRITING)) is ANY


coverages = st.none() | st.builds(
    lambda lasts: Coverage("feed", DOWNTIME, NOON - timedelta(hours=1), NOON + lasts), minutes(-30, 240)
)


@given(guarded_sets, st.lists(downtimes(NOON), max_size=2), probes(NOON), probes(NOON), minutes(0, 240), coverages)
def test_however_late_it_is_nothing_is_overlooked(
    by: PolicySet,
    announced: list[Downtime],
    known: tuple[Evidence, ...],
    news: tuple[Evidence, ...],
    later: timedelta,
    covered: Coverage | None,
) -> None:
    before = state(CE, SE, vos=VOS, types=TYPES, downtimes=announced, covered_by=[covered] if covered else [])
    before = step(step(before, EvidenceChanged(known), NOON)[0], PoliciesLoaded(by), NOON)[0]
    for event in (EvidenceChanged(news), DowntimesChanged("feed", Difference(tuple(announced[:1])))):
        oracles.check_nothing_is_overlooked(oracles.take(before, event, NOON + later))

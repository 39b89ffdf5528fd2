"""Rules that go by words and bare counts: tickets, probes and availability."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.decision import ReasonKind
from gridmask.domain.measurements import Probe, ProbeResult, State
from gridmask.domain.measurements import Tickets as Counted
from gridmask.domain.policy import Rule
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules import BUILT_IN, Availability, ProbeResults, Tickets
from gridmask.rules.reading import Several
from tests.unit.rules.trying import known, told, tried

A, D, B, U = Status.ACTIVE, Status.DEGRADED, Status.BANNED, Status.UNKNOWN


# --- Tickets


@pytest.mark.parametrize(("count", "status"), [(0, A), (1, D), (7, D)])
def test_an_open_ticket_degrades(count: int, status: Status) -> None:
    assert tried(Tickets(), *known(Counted(count))).status is status


@pytest.mark.parametrize(("counts", "status"), [((2, 0), A), ((2, 1), B)])
def test_it_can_take_more_of_them(counts: tuple[int, int], status: Status) -> None:
    assert tried(Tickets(3, B), *known(*map(Counted, counts))).status is status


def test_a_ticket_can_be_read() -> None:
    (reason,) = tried(Tickets(), *known(Counted(1, ("https://tickets.example.org/1",)))).reasons
    assert (reason.text, reason.url) == ("1 ticket is open.", "https://tickets.example.org/1")
    assert told(Tickets(3), Counted(2)) == "2 tickets are open: fewer than 3."


# --- Probes


def probes(*results: ProbeResult) -> list[Probe]:
    return [Probe(f"probe-{n}", result) for n, result in enumerate(results)]


@pytest.mark.parametrize(
    ("results", "at_least", "status"),
    [
        (["OK"], 1, A),
        (["WARNING"], 1, D),
        (["CRITICAL"], 1, B),
        (["OK", "WARNING", "CRITICAL"], 1, B),
        (["OK", "OK", "CRITICAL"], 2, A),
        (["OK", "WARNING", "CRITICAL"], 2, D),
        (["CRITICAL", "OK", "CRITICAL"], 2, B),
        (["CRITICAL"], 2, A),
        # what has no result could have had any
        (["UNKNOWN"], 1, None),
        (["MISSING"], 1, None),
        (["OK", "UNKNOWN"], 1, None),
        (["WARNING", "MISSING"], 1, None),
        (["CRITICAL", "MISSING"], 1, B),
        (["OK", "OK", "UNKNOWN"], 2, A),
        (["CRITICAL", "OK", "UNKNOWN"], 2, None),
    ],
)
def test_so_many_bad_probes_do(results: list[ProbeResult], at_least: int, status: Status | None) -> None:
    assert tried(ProbeResults(at_least=at_least), *known(*probes(*results))).status is status


@pytest.mark.parametrize(
    ("results", "share", "status"),
    [
        (["CRITICAL", "OK"], 0.5, B),
        (["CRITICAL", "OK", "OK"], 0.5, A),
        (["CRITICAL", "WARNING", "OK"], 0.5, D),
        (["CRITICAL", "CRITICAL"], 1.0, B),
        (["CRITICAL", "OK"], 1.0, A),
        (["CRITICAL"] * 3 + ["OK"] * 7, 0.3, B),
        (["CRITICAL"] * 2 + ["OK"] * 8, 0.3, A),
        (["CRITICAL", "OK", "UNKNOWN"], 0.5, None),
    ],
)
def test_such_a_part_of_them_being_bad_can_be_asked_for(
    results: list[ProbeResult], share: float, status: Status | None
) -> None:
    assert tried(ProbeResults(share=Share(share)), *known(*probes(*results))).status is status


def test_only_the_probes_that_are_named_count() -> None:
    found = known(Probe("cvmfs", "OK"), Probe("squid", "CRITICAL"), Probe("other", "UNKNOWN"))
    assert tried(ProbeResults(("cv*",)), *found).status is A
    assert tried(ProbeResults(("cv*", "squid")), *found).status is B
    assert tried(ProbeResults(("none",)), *found).status is None


def test_what_a_probe_asks_for_can_be_chosen() -> None:
    rule = ProbeResults(critical=D, warning=A)
    assert [tried(rule, *known(*probes(result))).status for result in ("WARNING", "CRITICAL")] == [A, D]


def test_a_probe_tells_what_it_found() -> None:
    (reason,) = tried(ProbeResults(), *known(Probe("cvmfs", "CRITICAL", "not mounted"), Probe("squid", "OK"))).reasons
    assert (reason.kind, reason.text) == (ReasonKind.PROBE, "cvmfs is CRITICAL: not mounted")
    assert told(ProbeResults(), Probe("cvmfs", "MISSING")) == "Nothing follows from 1 of feed: cvmfs has no result (MISSING)."


results = st.lists(st.sampled_from(get_args(ProbeResult)), min_size=1, max_size=5)


@given(results, st.integers(1, 3))
def test_one_more_bad_probe_is_never_better(told: list[ProbeResult], at_least: int) -> None:
    rule = ProbeResults(at_least=at_least)
    before, after = (tried(rule, *known(*probes(*each))).status for each in (told, [*told, "CRITICAL"]))
    # without a verdict, the one before stands
    assert before is None or after is None or after <= before


# --- Availability


@pytest.mark.parametrize(
    ("word", "status"),
    [("Production", A), ("production", A), ("Draining", B), ("Queueing", D), ("Closed", B), ("Sleeping", None)],
)
def test_a_word_asks_for_a_status(word: str, status: Status | None) -> None:
    assert tried(Availability(), *known(State(word))).status is status


def test_from_a_word_that_nobody_knows_nothing_follows_unless_told_otherwise() -> None:
    (reason,) = tried(Availability(), *known(State("Sleeping"))).reasons
    assert (reason.kind, reason.text) == (
        ReasonKind.MISSING,
        "Nothing follows from 1 of feed: nobody knows what the state 'Sleeping' means.",
    )
    assert tried(Availability(unknown_state=U), *known(State("Sleeping"))).status is U


@pytest.mark.parametrize(("several", "beside"), [(Several.BEST, "Closed"), (Several.WORST, "Production")])
def test_where_such_a_word_could_make_a_difference_there_is_no_verdict(several: Several, beside: str) -> None:
    assert tried(Availability(several=several), *known(State(beside), State("?"))).status is None


def test_other_words_can_be_taught_and_those_known_changed() -> None:
    rule = Availability({"draining": D, "Sleeping": B}, unknown_state=B)
    words = {"Draining": D, "sleeping": B, "Production": A, "Meteorite": B}
    assert {word: tried(rule, *known(State(word))).status for word in words} == words


@pytest.mark.parametrize(("several", "status"), [(Several.BEST, A), (Several.WORST, B)])
def test_of_several_queues_the_best_decides_or_the_worst(several: Several, status: Status) -> None:
    assert tried(Availability(several=several), *known(State("Closed"), State("Production"), State("?"))).status is status


def test_it_says_the_word() -> None:
    assert told(Availability(), State("Draining")) == "It says that its state is Draining."
    assert told(Availability(), State("Draining", "new disks")) == "It says that its state is Draining: new disks"


# --- Arguments


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda: Tickets(at_least=0), "at_least: must be 1 or more"),
        (lambda: ProbeResults(at_least=0), "at_least: must be 1 or more"),
        (lambda: ProbeResults(critical=A), r"critical \(Active\) must not be better than warning \(Degraded\)"),
    ],
)
def test_arguments_without_sense_are_refused(made: type[Tickets], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        made()


@pytest.mark.parametrize(("name", "rule"), [("tickets", Tickets), ("probe", ProbeResults), ("availability", Availability)])
def test_policies_call_them_by_these_names(name: str, rule: type[Rule]) -> None:
    assert BUILT_IN[name] is rule

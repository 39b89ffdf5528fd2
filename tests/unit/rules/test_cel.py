from __future__ import annotations

import pickle
from datetime import timedelta
from itertools import permutations
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmask.domain.decision import ReasonKind
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.measurements import VALUES, Jobs, Metric, Point, Probe, Series, Space
from gridmask.domain.status import Status
from gridmask.rules.cel import Cel, When
from gridmask.testing import case, coverage, element, measured, moment

if TYPE_CHECKING:
    from random import Random

    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import Finding

SE = element("EXAMPLE-DISK", "StorageElement", tags=frozenset({"disk", "tape"}), category="storage")
FULL = measured(Space(100e12, 5e9), SE, record="space")
ROOMY = measured(Space(100e12, 50e12), SE, record="space")
CRITICAL = measured(Probe("put", "CRITICAL", "no route"), SE, record="put")
FINE = measured(Probe("get", "OK"), SE, record="get")


def banning(*conditions: str, needs: tuple[str, ...] = ("space",), **more: object) -> Cel:
    return Cel(tuple(When(condition, Status.BANNED) for condition in conditions), needs, **more)  # type: ignore[arg-type]  # those of the rule


def found(rule: Cel, *evidence: Evidence, at: str = "10:00", **more: object) -> Finding:
    return rule.assess(case(SE, at=at, evidence=evidence, **more))  # type: ignore[arg-type]  # those of a case


def holds(condition: str, *evidence: Evidence, needs: tuple[str, ...] = (), **more: str) -> bool:
    status = found(banning(condition, needs=needs), *evidence, **more).status
    assert status is not None
    return status is Status.BANNED


def flaws(*conditions: str, needs: tuple[str, ...] = ("space",)) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(InvalidConfiguration) as caught:
        banning(*conditions, needs=needs)
    return list(caught.value.details)


def refusal(condition: str, needs: tuple[str, ...] = ("space",)) -> str:
    ((place, text),) = flaws(condition, needs=needs)
    assert place == ("cases", 0, "when")
    return text


# --- What it decides

LITTLE = Cel(
    (
        When("space.free < volume('100 GB')", Status.BANNED, "next to no space"),
        When("ratio(space.free, space.total) < 0.6", Status.DEGRADED),
    ),
    ("space",),
)


@pytest.mark.parametrize(
    ("free", "status"), [(5e9, Status.BANNED), (100e9, Status.DEGRADED), (60e12, Status.ACTIVE), (100e12, Status.ACTIVE)]
)
def test_the_first_case_that_holds_decides(free: float, status: Status) -> None:
    assert found(LITTLE, measured(Space(100e12, free), SE)).status is status


def test_the_reason_is_what_was_written_with_the_values_and_where_they_are_from() -> None:
    (reason,) = found(LITTLE, FULL).reasons
    assert reason.text == "next to no space (space.free is 5 GB, space.total is 100 TB)."
    assert (reason.kind, reason.source, reason.record) == (ReasonKind.MEASUREMENT, "feed", "space")


def test_without_a_text_the_reason_is_the_condition() -> None:
    assert found(LITTLE, ROOMY).reasons[0].text.startswith("ratio(space.free, space.total) < 0.6 (space.free is 50 TB")


def test_where_no_condition_holds_the_status_is_what_it_is_told() -> None:
    assert found(banning("space.free < 1.0", otherwise=Status.UNKNOWN), ROOMY).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "condition",
    [
        "row.family == 'Resource' && row.type == 'StorageElement' && row.name == 'EXAMPLE-DISK'",
        "row.status_type == 'WriteAccess' && row.vo == 'cms' && row.site == 'Example'",
        "'tape' in element.tags && element.category == 'storage' && element.source == 'inventory'",
        "size(element.offered) == 0 && element.tags.exists(tag, tag.startsWith('dis'))",
        "row.name.matches('^EXAMPLE-[A-Z]+$')",
        "now > timestamp('2026-01-01T00:00:00Z') && now.getHours() == 10",
        "volume('0.5 TiB') == 549755813888.0 && ratio(1, 2) == 0.5 && ratio(1.0, 4) == 0.25",
    ],
)
def test_a_condition_knows_the_row_and_the_element(condition: str) -> None:
    assert holds(condition, status_type="WriteAccess", vo="cms")


def test_the_list_of_records_is_there_beside_the_newest() -> None:
    newer = measured(Probe("get", "OK"), SE, record="get", at="09:00")
    condition = "probe.result == 'OK' && all_probe.exists(p, p.result == 'CRITICAL' && p.summary.contains('route'))"
    assert holds(condition, CRITICAL, newer, needs=("probe",))


def test_evidence_tells_where_and_when_it_was_observed() -> None:
    known = measured(Metric("load", 3.0), SE, source="nagios", record="load", at="08:00")
    condition = "metric.source == 'nagios' && metric.record == 'load' && now - metric.observed_at == duration('2h')"
    assert holds(condition, known, needs=("metric",))


def test_points_of_a_series_are_numbers_or_words() -> None:
    series = measured(Series("daily", (Point(moment("08:00"), 0.5), Point(moment("09:00"), "bad"))), SE)
    assert holds("series.points.exists(p, p.number < 0.6 && p.text == '')", series, needs=("series",))
    assert not holds("series.points.exists(p, p.text == 'bad' && p.number < 0.6)", series, needs=("series",))


@pytest.mark.parametrize("kind", VALUES)
def test_every_kind_of_evidence_can_be_declared(kind: str) -> None:
    assert found(banning(f"size(all_{kind}) > 0 && {kind}.source == ''", needs=(kind,))).status is None


# --- When it has no verdict


def test_missing_evidence_is_no_verdict() -> None:
    missing = found(LITTLE)
    assert (missing.status, missing.reasons[0].kind) == (None, ReasonKind.MISSING)
    silent = coverage("feed", kind="space", answered_at="07:00", valid_until="09:00")
    assert "last answered at" in found(LITTLE, covered_by=[silent]).reasons[0].text


def test_expired_evidence_is_no_verdict_from_the_moment_on_at_which_it_expires() -> None:
    known = measured(Space(100e12, 5e9), SE, valid_until="10:00")
    before = found(LITTLE, known, at="09:59")
    assert (before.status, before.until) == (Status.BANNED, moment("10:00"))
    assert found(LITTLE, known, at="10:00").status is None


def test_evidence_that_cannot_be_true_is_no_verdict() -> None:
    assert "free is less than nothing" in found(LITTLE, measured(Space(1.0, -2.0), SE, record="space")).reasons[0].text


def test_an_expired_record_matters_to_the_list_alone() -> None:
    old = measured(Probe("put", "CRITICAL"), SE, record="put", valid_until="09:00")
    newest = measured(Probe("get", "OK"), SE, record="get", at="08:00")
    assert found(banning("all_probe.exists(p, p.result == 'CRITICAL')", needs=("probe",)), old, newest).status is None
    assert found(banning("probe.result == 'CRITICAL'", needs=("probe",)), old, newest).status is Status.ACTIVE


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("ratio(space.free, 0.0) > 0.5", "a ratio to 0 is none"),
        ("jobs.done % (jobs.done - jobs.done) == 0", "modulus by zero"),
        ("jobs.done * 9223372036854775807 > 0", "integer overflow"),
        ("int(row.name) > 0", "cannot convert string to int"),
        ("all_probe[7].result == 'OK'", "index"),
        ("volume(row.name) > 1.0", "'EXAMPLE-DISK' is not a size"),
    ],
)
def test_a_condition_that_cannot_be_evaluated_is_no_verdict_and_says_why(condition: str, said: str) -> None:
    jobs = measured(Jobs(done=5), SE, record="jobs")
    rule = Cel((When(condition, Status.BANNED), When("true", Status.ACTIVE)), ("space", "jobs", "probe"))
    finding = found(rule, FULL, jobs, CRITICAL)
    assert (finding.status, finding.reasons[0].kind) == (None, ReasonKind.ERROR)
    assert said in finding.reasons[0].text
    assert condition in finding.reasons[0].text


def test_what_decides_before_it_makes_a_failing_part_harmless() -> None:
    assert holds("true || ratio(space.free, 0.0) > 0.5", FULL, needs=("space",))


@pytest.mark.parametrize("value", [Jobs(done=2**63), Probe("x", "OK", "\ud800")])
def test_evidence_that_the_library_cannot_take_is_no_verdict(value: Jobs | Probe) -> None:
    kind = next(kind for kind, known in VALUES.items() if type(value) is known)
    finding = found(banning(f"{kind}.source == 'x'", needs=(kind,)), measured(value, SE))
    assert (finding.status, finding.reasons[0].kind) == (None, ReasonKind.ERROR)


def test_conditions_that_know_the_time_are_tried_again() -> None:
    rule = banning("now.getHours() >= 22", recheck=timedelta(minutes=5))
    assert found(rule, ROOMY, at="21:58").until == moment("22:03")
    assert found(banning("space.free < 1.0"), ROOMY).until is None


# --- What is refused, and where it says that it is


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("space.fre < 1.0", "line 1, column 6: space has no 'fre'; did you mean 'free'? (near 'space.fre <')"),
        ("spce.free < 1.0", "there is no 'spce'; did you mean 'space'?"),
        ("row.vo.startsWth('a')", "there is no 'startsWth'; did you mean 'startsWith'?"),
        ("jobs.done > 1", '\'jobs\' is not declared; write needs = ["space", "jobs"]'),
        ("all_jobs.all(j, j.done > 1)", '\'all_jobs\' is not declared; write needs = ["space", "jobs"]'),
        ("space.free < 5", "column 12: '<' does not take (double, int); a whole number beside"),
        ("space.free < '5 TB'", "a size is written volume('5 TB')"),
        ("size('5 TB') > space.free", "'>' does not take (int, double)"),
        ("space.free / space.total < 0.1", "column 12: write ratio(part, whole)"),
        ("row.vo + 'x' == 'y'", "texts and lists cannot be put together here"),
        ("row.vo", "gives a string, and must be true or false"),
        ("space.free <", "column 13: mismatched input the end"),
        ("true &&\n   space.total > space.fee", "line 2, column 23: space has no 'fee'; did you mean 'free'?"),
        ("'é' == row.vo && row.site > 1", "line 1, column 27: '>' does not take (string, int)"),
        ("volume('5 TX') < 1.0", "column 8: volume('5 TX'): '5 TX' is not a size: there is no unit 'TX'"),
        ("now - space.observed_at > duration('5 days')", "duration('5 days')"),
        ("row.name.matches('(')", "matches('('): invalid regular expression"),
        ("'abc", "line 1, column 1: this text has no end"),
        ("  ", "is empty"),
        ("row.name == 'a\\'b'", "backslashes have no place here"),
        ("row.name == '''a'''", "triple quotes have no place here"),
        ("{'a': 1}.size() > 0", "'{' has no place here"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_with_place_and_suggestion(condition: str, said: str) -> None:
    assert said in refusal(condition)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert [place for place, _ in flaws("space.fre < 1.0", "true", "nothing")] == [("cases", 0, "when"), ("cases", 2, "when")]


def test_a_kind_of_evidence_that_there_is_not_is_refused() -> None:
    assert flaws("true", needs=("space", "spaces")) == [
        (("needs", 1), "there is no kind of evidence 'spaces'; did you mean 'space'?")
    ]


def test_there_must_be_a_case_and_some_time_between_checks() -> None:
    assert flaws() == [(("cases",), "there must be one at least")]
    with pytest.raises(InvalidConfiguration, match="no time at all"):
        banning("true", recheck=timedelta())


# --- What it may cost


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("true" + " && true" * 200, "may have 1,000"),
        ("(" * 13 + "true" + ")" * 13, "brackets may be nested 12 deep"),
        ("1" + " + 1" * 100 + " > 0", "nested too deep"),
        ("[row].exists(r, true)", "may hold constants only"),
        ("[['a'], ['b']].exists(r, true)", "may hold constants only"),
        ("all_space.map(s, s).size() > 0", "map() makes new lists"),
        ("dyn(1) == 2", "dyn() would hide mistakes"),
        ("all_space.all(a, all_space.all(b, all_space.all(c, true)))", "may be nested 2 deep"),
        ("all_space.exists(s, s.source.matches('(a|b)*'))", "matches() takes too long for each of a list"),
        (" || ".join(["all_space.exists(s, true)"] * 9), "may stand in it 8 times at most"),
        ("row.name.matches('((a{100}){100}){100}')", "invalid repetition size"),
    ],
)
def test_what_would_cost_too_much_is_refused(condition: str, said: str) -> None:
    assert said in " ".join(text for _, text in flaws(condition))


def test_going_through_too_much_is_no_verdict_and_takes_no_time() -> None:
    many = [measured(Metric("m", float(n)), SE, record=str(n)) for n in range(900)]
    nested = "all_metric.all(a, all_metric.all(b, a.value + b.value >= 0.0))"
    rule = banning(" && ".join([nested] * 4), needs=("metric",))
    asked = case(SE, at="10:00", evidence=many)
    rule.assess(asked)
    begun = perf_counter()
    finding = rule.assess(asked)
    assert perf_counter() - begun < 0.5
    assert finding.reasons[0].text.partition("evaluated: ")[2] == "it goes through too many values."


def test_more_records_than_make_sense_are_no_verdict() -> None:
    many = [measured(Metric("m", float(n)), SE, record=str(n)) for n in range(1001)]
    assert "more than 1,000 records" in found(banning("metric.value > 0.0", needs=("metric",)), *many).reasons[0].text


def test_texts_of_sources_are_cut() -> None:
    assert holds("size(probe.summary) == 1000", measured(Probe("x", "OK", "y" * 10**6), SE), needs=("probe",))


# --- Determinism

WORST = banning("space.free < 1.0 || all_probe.exists(p, p.result == 'CRITICAL')", needs=("space", "probe"))


def test_the_order_of_evidence_does_not_matter() -> None:
    twin = measured(Space(1e12, 1e9), SE, record="twin")
    every = permutations([FULL, twin, CRITICAL, FINE])
    assert len({found(WORST, *order) for order in every}) == 1


results = st.sampled_from(["OK", "WARNING", "CRITICAL"])


@given(st.lists(results, min_size=1, max_size=6), st.floats(0, 1e15), st.randoms(use_true_random=False))
def test_a_condition_says_what_it_says_in_python(told: list[str], free: float, random: Random) -> None:
    probes = [measured(Probe(f"p{n}", result), SE, record=f"p{n}") for n, result in enumerate(told)]  # type: ignore[arg-type]  # results are told by their words
    evidence = [measured(Space(0.0, free), SE, record="space"), *probes]
    random.shuffle(evidence)
    expected = Status.BANNED if free < 1.0 or "CRITICAL" in told else Status.ACTIVE
    assert found(WORST, *evidence).status is expected


def test_a_rule_is_the_same_again_after_a_journey() -> None:
    again = pickle.loads(pickle.dumps(LITTLE))
    assert again == LITTLE
    assert hash(again) == hash(LITTLE)
    assert found(again, FULL) == found(LITTLE, FULL)


# --- Whatever is written

PIECES = [
    "space",
    ".",
    "free",
    "<",
    "1.0",
    "(",
    ")",
    "[",
    "]",
    "'a'",
    "&&",
    "!",
    "all_space",
    "exists",
    "s",
    ",",
    "?",
    ":",
    "in",
    "-",
]
anything = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))


@given(anything)
@example("//")
@example("\n'")
@example("true // so it is")
def test_whatever_is_written_is_a_rule_or_is_refused_with_its_place(condition: str) -> None:
    try:
        told = [reason.text for reason in found(banning(condition), FULL).reasons]
    except InvalidConfiguration as error:
        told = [text for _, text in error.details if text.startswith("line ")]
    assert told

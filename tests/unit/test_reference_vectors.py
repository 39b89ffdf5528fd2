"""What DIRAC decides, case by case, in the reading without its faults; the numbers are those of its vectors.

Where DIRAC's own reading is another, the docstring of the test says so, and which argument or which choice of the import
gives it. Vector 21, about history, needs a database: ``tests/contract/test_reference_history.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.decision import ReasonKind, combine
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import SITE, WHOLE
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.mask import Mask, mask_of
from gridmask.domain.matching import Match
from gridmask.domain.measurements import Jobs, Measurement, Pilots, Space, State, Tickets, Transfers
from gridmask.domain.naming import HostedService
from gridmask.domain.policy import Policy
from gridmask.domain.quantities import Size
from gridmask.domain.state import State as World
from gridmask.domain.status import Purpose, Status, most_restrictive, usable
from gridmask.policies.files import compiled, rule
from gridmask.policy_import.catalogue import KINDS
from gridmask.rules import Always, FreeSpace, JobDoneRatio, JobEfficiency, JobRunningWaiting, PilotEfficiency, Propagation
from gridmask.testing import Trial, case, downtime, element, moment, policies, row, state
from tests.resource_status import RESOURCE, of_policies, remarks
from tests.unit.rules.trying import known, tried

if TYPE_CHECKING:
    from gridmask.domain.policy import Rule
    from gridmask.domain.row import Row

A, D, P, B, E, U = Status.ACTIVE, Status.DEGRADED, Status.PROBING, Status.BANNED, Status.ERROR, Status.UNKNOWN
CE = element()
TB, TIB = 10**12, 2**40


def always(*said: Status | tuple[Status, str], advisory: bool = False) -> list[Policy]:
    """A policy for each of these, perhaps with what it says to people."""
    both = [one if isinstance(one, tuple) else (one, "") for one in said]
    return [Policy(f"{s.label}-{n}-{advisory}", Always(s, text), advisory=advisory) for n, (s, text) in enumerate(both)]


def decided(*made: Policy, before: Row | None = None) -> Row:
    """The row of CE under these policies."""
    trial = Trial(state(CE, by=policies(*made), rows=[before] if before else []))
    found = trial.row(CE)
    assert found is not None
    return found


# --- Vectors 1 to 8: what verdicts add up to


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        pytest.param((), U, id="vector 1: none"),
        pytest.param((A, U), A, id="vector 2: Unknown is neutral"),
        pytest.param((U,), U, id="vector 3: nothing but Unknown"),
        pytest.param((A, D, B), B, id="vector 4: the most restrictive wins"),
        pytest.param((B, E), E, id="vector 5: Error outranks Banned"),
    ],
)
def test_vectors_1_to_5_the_most_restrictive_verdict_wins(verdicts: tuple[Status, ...], status: Status) -> None:
    assert decided(*always(*verdicts)).status is status


def test_vector_1_says_that_no_policy_applies() -> None:
    assert [reason.kind for reason in decided().reasons] == [ReasonKind.NO_POLICY]


def test_vector_6_the_reasons_of_the_winners_are_kept_and_those_of_the_others_are_not() -> None:
    """DIRAC joins them with ``###``; here they stay apart."""
    found = decided(*always((D, "a"), (D, "b"), (A, "c")))
    assert found.status is D
    assert [reason.text for reason in found.reasons] == ["Always Degraded: a", "Always Degraded: b"]


def test_vector_7_an_advisory_verdict_is_kept_and_decides_nothing() -> None:
    found = decided(*always(A), *always(B, advisory=True))
    assert found.status is A
    assert {verdict.status for verdict in found.verdicts} == {A, B}


def test_vector_8_nothing_but_advisory_verdicts_is_unknown() -> None:
    """DIRAC crashes."""
    assert decided(*always(B, advisory=True)).status is U


def test_the_order_of_statuses_is_diracs() -> None:
    assert sorted(Status) == [E, B, P, D, A, U]
    assert most_restrictive([]) is U


# --- Vectors 9 and 10: from where a row stands


def test_vector_9_what_is_banned_becomes_probing_before_it_is_active() -> None:
    """DIRAC's rule says so; its program lets it become Active at once, as a ban that is not lasting does here."""
    assert decided(*always(A), before=row(CE, B, owes_probing=True)).status is P
    assert decided(*always(A), before=row(CE, B)).status is A


def test_vector_10_what_a_person_holds_is_not_touched() -> None:
    """DIRAC does not evaluate it; here it is known what automation would do."""
    trial = Trial(state(CE, by=policies(*always(B))))
    trial.set(A, CE, until="12:00")
    trial.wait("11:00")
    found = trial.row(CE)
    assert found is not None
    assert (found.status, found.opinion) == (A, B)


# --- Vectors 11 and 12: what policies are about


@pytest.mark.parametrize(("name", "agrees"), [("CERN-DST", True), ("cern-dst", False)])
def test_vector_11_patterns_are_globs_and_case_counts(name: str, *, agrees: bool) -> None:
    assert Match.of(name="CERN-*").accepts({"name": name}) is agrees


def test_vector_12_a_key_that_is_none_is_refused_with_what_is_meant() -> None:
    """DIRAC ignores it, and so does the import, aloud; ``--as-meant`` takes it for ``vO``."""
    table = {"x": {"type": "tickets", "match": {"vO": "lhcb"}}}
    with pytest.raises(InvalidConfiguration, match="there is no such match key; did you mean 'vo'"):
        compiled({"all": {"policy": table}}, {"all": "all.toml"})
    imported = of_policies({"DTOngoing": {"matchParams": {"VO": "lhcb", **RESOURCE["matchParams"]}}})
    assert imported.tables["DTOngoing"]["match"] == {"family": ["Resource"]}
    assert "VO" in remarks(imported, "DTOngoing")


# --- Vectors 13 to 16: thresholds


@pytest.mark.parametrize(
    ("free", "status"),
    [pytest.param(free, status, id=f"vector 13: {free} TB") for free, status in ((0.0999, B), (0.1, D), (4.999, D), (5, A))],
)
def test_vector_13_free_space(free: float, status: Status) -> None:
    """DIRAC's terabytes are binary; the import writes ``TiB``."""
    assert tried(FreeSpace(), *known(Space(0, free * TB))).status is status
    binary = FreeSpace(Size(TIB // 10), Size(5 * TIB))
    assert tried(binary, *known(Space(0, free * TIB))).status is status


@pytest.mark.parametrize(
    ("percent", "status"),
    [pytest.param(percent, status, id=f"vector 14: {percent} %") for percent, status in ((50.0, B), (90.0, D), (90.01, A))],
)
def test_vector_14_pilot_efficiency(percent: float, status: Status) -> None:
    """DIRAC decides from a single pilot: ``minimum = 1``, which the import writes."""
    assert tried(PilotEfficiency(), *known(Pilots(10_000, 10_000 - round(percent * 100)))).status is status


@pytest.mark.parametrize(
    ("made", "jobs", "status"),
    [
        pytest.param(JobEfficiency(), Jobs(done=50, failed=50), D, id="vector 15: JobEfficiency 0.5"),
        pytest.param(JobEfficiency(), Jobs(done=90, failed=10), A, id="vector 15: JobEfficiency 0.9"),
        pytest.param(JobDoneRatio(), Jobs(done=50, completed=50), B, id="vector 15: JobDoneRatio 0.5"),
        pytest.param(JobDoneRatio(), Jobs(done=90, completed=10), D, id="vector 15: JobDoneRatio 0.9"),
        pytest.param(JobRunningWaiting(), Jobs(running=40, waiting=60), B, id="vector 16: RunningWaiting 0.4"),
        pytest.param(JobRunningWaiting(), Jobs(running=65, waiting=35), D, id="vector 16: RunningWaiting 0.65"),
    ],
)
def test_vectors_15_and_16_job_ratios(made: Rule, jobs: Jobs, status: Status) -> None:
    assert tried(made, *known(jobs)).status is status


# --- Vectors 17 and 18: downtimes

OUTAGE = downtime("10:00", "12:00", CE)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param("DTOngoing", A, id="vector 17: 0 hours"),
        pytest.param("DTScheduled1", B, id="vector 17: 1 hour"),
        pytest.param("DTScheduled3", B, id="vector 17: 3 hours"),
        pytest.param("DTScheduled", B, id="vector 17: 12 hours"),
    ],
)
def test_vector_17_an_outage_counts_from_so_many_hours_ahead(kind: str, status: Status) -> None:
    """DIRAC looks at one moment ahead, and misses with 3 hours what is over by then. No argument does that."""
    assert of_dirac(kind).assess(case(CE, OUTAGE, at="09:30")).status is status


def test_vector_18_an_outage_of_one_host_is_not_hidden_by_a_warning_of_another() -> None:
    """DIRAC takes the first by name. No argument does that."""
    store = element("store", "StorageElement", hosts=("a.example.org", "b.example.org"))
    trial = Trial(state(store), at="09:00")
    for host, severity in (("a.example.org", "WARNING"), ("b.example.org", "OUTAGE")):
        interval = Interval(moment("10:00"), moment("12:00"))
        trial.announce(Downtime(DowntimeKey("feed", host), frozenset({HostedService(host)}), interval, severity))
    trial.wait("11:00")
    assert trial.status(store, status_type="ReadAccess") is B


# --- Vector 19: masks


@pytest.mark.parametrize(
    ("rows", "asked", "status"),
    [
        pytest.param({"all": A, "lhcb": B}, "lhcb", B, id="vector 19: its own row first"),
        pytest.param({"all": A, "lhcb": B}, "cta", A, id="vector 19: else that of all"),
        pytest.param({"lhcb": B}, "lhcb", B, id="its own row alone"),
        pytest.param({"lhcb": B}, "all", None, id="a row of another VO is no answer"),
        pytest.param({"all": A}, "lhcb", A, id="all alone"),
    ],
)
def test_vector_19_a_vo_reads_its_own_row_and_else_that_of_all(
    rows: dict[str, Status], asked: str, status: Status | None
) -> None:
    """DIRAC tries ``all`` first."""
    world = World(rows=state(rows=[row(CE, said, vo=vo) for vo, said in rows.items()]).rows, elements=state(CE).elements)
    assert mask(world, asked).status(CE.key, WHOLE) is status


def mask(world: World, vo: str) -> Mask:
    """The mask of ``vo``."""
    return mask_of(vo, 0, [holding for key in world.elements if (holding := world.holding(key))])


@pytest.mark.parametrize("status", Status)
def test_active_and_degraded_are_usable_and_probing_for_tests(status: Status) -> None:
    assert usable(status) is (status in {A, D})
    assert usable(status, Purpose.TEST) is (status in {A, D, P})


# --- Vector 20: propagation

PLACE = element("PLACE", SITE, family=SITE, site="PLACE")


def of_site(*statuses: Status, by: Rule | None = None) -> Status | None:
    """What a site is with resources of these statuses."""
    resources = [element(f"ce{n}", site="PLACE") for n in range(len(statuses))]
    made = [Policy("site", by or Propagation(), Match.of(family=SITE))]
    made += [Policy(f"ce{n}", Always(status), Match.of(name=f"ce{n}")) for n, status in enumerate(statuses)]
    return Trial(state(PLACE, *resources, by=policies(*made))).status(PLACE)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        pytest.param((), U, id="vector 20: no element"),
        pytest.param((A, B), A, id="any Active"),
        pytest.param((D, B), D, id="any Degraded"),
        pytest.param((B, B), B, id="none usable"),
        pytest.param((P, P), B, id="nothing but Probing"),
        pytest.param((U, U), U, id="nothing known"),
    ],
)
def test_vector_20_a_site_follows_its_elements_and_without_any_nothing_is_known(
    statuses: tuple[Status, ...], status: Status
) -> None:
    """DIRAC bans a site without elements. Nothing here does that: what is not known bans nothing."""
    assert of_site(*statuses) is status
    assert of_site(*statuses, by=of_dirac("Propagation")) is status


# --- The catalogue: every type of policy of DIRAC's, as the import makes it


def of_dirac(kind: str, **options: str) -> Rule:
    """The rule that the import makes of DIRAC's ``kind``."""
    told = KINDS[kind]
    return rule(told.rule, told.make({**told.options, **options}))


def jobs(**counts: int) -> Jobs:
    """Counts of jobs."""
    return Jobs(**counts)


def transfers(percent: float, direction: Any = "source") -> Transfers:  # noqa: ANN401 - one of two words
    """Ten thousand transfers, of which so many per cent did not fail."""
    return Transfers(direction, 10_000, 10_000 - round(percent * 100))


CATALOGUE: list[tuple[str, Measurement, Status]] = [
    ("FreeDiskSpaceTB", Space(0, 0.0999 * TIB), B),
    ("FreeDiskSpaceTB", Space(0, round(0.1 * TIB)), D),
    ("FreeDiskSpaceTB", Space(0, 4.999 * TIB), D),
    ("FreeDiskSpaceTB", Space(0, 5 * TIB), A),
    ("FreeDiskSpaceGB", Space(0, 0.0999 * 2**30), B),
    ("FreeDiskSpaceGB", Space(0, 0.1001 * 2**30), D),
    ("FreeDiskSpaceGB", Space(0, 5 * 2**30), A),
    ("FreeDiskSpaceMB", Space(0, 0.0999 * 2**20), B),
    ("FreeDiskSpaceMB", Space(0, 4.999 * 2**20), D),
    ("FreeDiskSpaceMB", Space(0, 5 * 2**20), A),
    ("FreeDiskSpace", Space(1000 * TIB, 9.9 * TIB), B),
    ("FreeDiskSpace", Space(1000 * TIB, 49 * TIB), D),
    ("FreeDiskSpace", Space(1000 * TIB, 50 * TIB), A),
    ("GGUSTickets", Tickets(0), A),
    ("GGUSTickets", Tickets(1), D),
    ("JobDoneRatio", jobs(done=9), U),
    ("JobDoneRatio", jobs(done=5, completed=5), B),
    ("JobDoneRatio", jobs(done=51, completed=49), D),
    ("JobDoneRatio", jobs(done=9, completed=1), D),
    ("JobDoneRatio", jobs(done=91, completed=9), A),
    ("JobEfficiency", jobs(done=9), U),
    ("JobEfficiency", jobs(done=49, failed=51), B),
    ("JobEfficiency", jobs(completed=5, failed=5), D),
    ("JobEfficiency", jobs(done=89, failed=11), D),
    ("JobEfficiency", jobs(done=5, completed=4, failed=1), A),
    ("JobRunningMatchedRatio", jobs(running=9), U),
    ("JobRunningMatchedRatio", jobs(running=50, matched=20, received=20, checking=10), B),
    ("JobRunningMatchedRatio", jobs(running=51, matched=49), D),
    ("JobRunningMatchedRatio", jobs(running=90, checking=10), D),
    ("JobRunningMatchedRatio", jobs(running=91, received=9), A),
    ("JobRunningWaitingRatio", jobs(running=9), U),
    ("JobRunningWaitingRatio", jobs(running=40, waiting=30, staging=30), B),
    ("JobRunningWaitingRatio", jobs(running=41, waiting=59), D),
    ("JobRunningWaitingRatio", jobs(running=65, staging=35), D),
    ("JobRunningWaitingRatio", jobs(running=66, waiting=34), A),
    ("PilotInstantEfficiency", Pilots(0, 0), U),
    ("PilotInstantEfficiency", Pilots(1, 1), B),
    ("PilotInstantEfficiency", Pilots(2, 1), B),
    ("PilotInstantEfficiency", Pilots(10, 1), D),
    ("PilotInstantEfficiency", Pilots(1, 0), A),
    ("CEAvailability", State("Production"), A),
    ("CEAvailability", State("Draining"), B),
    ("CEAvailability", State("Queueing"), B),
    ("CEAvailability", State("anything"), B),
    ("TransferQualitySource", transfers(59.99), D),
    ("TransferQualitySource", transfers(89.99), D),
    ("TransferQualitySource", transfers(90), A),
    ("TransferQualityDestination", transfers(89.99, "destination"), D),
    ("TransferQualityDestination", transfers(90, "destination"), A),
]


@pytest.mark.parametrize(("kind", "measured", "status"), CATALOGUE, ids=lambda one: one if isinstance(one, str) else None)
def test_every_type_decides_at_its_thresholds_as_at_dirac(kind: str, measured: Measurement, status: Status) -> None:
    assert tried(of_dirac(kind), *known(measured)).status is status


@pytest.mark.parametrize(
    ("severity", "status"), [("OUTAGE", B), ("WARNING", D), (None, A), pytest.param("other", B, id="DIRAC: Error")]
)
def test_downtimes_decide_as_at_dirac(severity: str | None, status: Status) -> None:
    announced = () if severity is None else (downtime("10:00", "12:00", CE, severity=severity),)
    assert of_dirac("DTOngoing").assess(case(CE, *announced, at="11:00")).status is status


@pytest.mark.parametrize("status", [A, D, P, B])
def test_constant_policies_say_their_status(status: Status) -> None:
    assert tried(of_dirac(f"Always{status.label}")).status is status


@pytest.mark.parametrize("kind", sorted({kind for kind, *_ in CATALOGUE}))
def test_without_evidence_there_is_no_verdict(kind: str) -> None:
    """DIRAC says Unknown where nothing is known, and Error where asking failed; here the last verdict stands, else Unknown."""
    assert tried(of_dirac(kind)).status is None
    assert decided(Policy("only", of_dirac(kind))).status is U


def test_every_type_of_dirac_is_in_the_catalogue() -> None:
    constant = {f"Always{status.label}" for status in (A, D, P, B)}
    by_time = {"DTOngoing", "DTScheduled1", "DTScheduled3", "DTScheduled", "Downtime"}
    assert {kind for kind, *_ in CATALOGUE} | constant | by_time | {"Propagation", "PropagationPolicy"} == set(KINDS)


# --- The certification's configuration: a ban beats a baseline


def test_always_banned_beats_always_active_and_each_ban_gives_its_reason() -> None:
    found = decided(*always(A, (B, "one"), (B, "two")))
    assert [verdict.status for verdict in combine(found.verdicts).winners] == [B, B]
    assert [reason.text for reason in found.reasons] == ["Always Banned: one", "Always Banned: two"]

"""What the laws of the domain are tried on: a small universe in which everything meets everything soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from gridmask.domain.confirmation import AT_ONCE, Confirmation, Quorum
from gridmask.domain.damping import UNDAMPED, Damping
from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import WHOLE, Element, ElementType, TypeRegistry
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.guard import UNGUARDED, Cap, Guard
from gridmask.domain.mask import Entry, Holding, Mask
from gridmask.domain.matching import Match
from gridmask.domain.measurements import PROBE, Probe
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.policy import OnMissing, Policy, PolicySet, Rule
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.transition import ProbingExit
from gridmask.domain.vo import ALL
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.downtime import After
from gridmask.rules.probes import ProbeResults
from gridmask.testing import element, moment, policies, row

NOON = moment("12:00")
VOS = ("atlas", "cms")
WHOM = (ALL, *VOS)

STORE = ElementType("Store", status_types=("Read", "Write"))
TYPES = TypeRegistry().with_types(STORE)
CE, SE, LATER = element("ce"), element("se", STORE.name, site="Other"), element("later", source="other")
ELEMENTS = (CE, SE, LATER)
ASPECTS = {one.key: TYPES.status_types(one.key) for one in ELEMENTS}

statuses = st.sampled_from(Status)
whom = st.sampled_from(WHOM)
elements = st.sampled_from(ELEMENTS)
some_vos = st.frozensets(st.sampled_from(VOS))


def minutes(first: int, last: int) -> st.SearchStrategy[timedelta]:
    return st.integers(first // 5, last // 5).map(lambda fives: timedelta(minutes=5 * fives))


# --- Verdicts, rows, masks

verdicts = st.builds(
    Verdict,
    policy=st.sampled_from("pqrs"),
    layer=st.just(ALL),
    status=statuses,
    reasons=st.sampled_from("abc").map(lambda text: (Reason(ReasonKind.CONSTANT, text),)),
    advisory=st.booleans(),
    lasting=st.booleans(),
)


@st.composite
def rows_of(draw: st.DrawFn, one: Element) -> dict[tuple[str, str], Row]:
    """Rows of ``one``: those of ``all``, maybe binding, and any of VOs."""
    rows = [row(one, draw(statuses), status_type=t, binding=draw(st.booleans())) for t in ASPECTS[one.key]]
    rows += [row(one, draw(statuses), status_type=t, vo=vo) for t in ASPECTS[one.key] for vo in draw(some_vos)]
    return {(r.key.status_type, r.key.vo): r for r in rows}


@st.composite
def holdings(draw: st.DrawFn) -> Holding:
    changed = {"offered": draw(some_vos), "in_service": draw(st.booleans())}
    one = draw(elements)
    edited = element(one.key.name, one.key.type, site=draw(st.sampled_from(["Example", "Moved"])), **changed)
    return Holding(edited, draw(rows_of(edited)))


entries = st.builds(Entry, st.sampled_from(["Example", "Other"]), st.tuples(st.tuples(st.just(WHOLE), statuses)))
masks = st.builds(Mask, st.just("cms"), st.integers(0, 9), st.dictionaries(elements.map(lambda one: one.key), entries))


# --- Downtimes

HOSTS = ("a.example.org", "b.example.org")
targets: st.SearchStrategy[Target] = st.one_of(
    elements.map(lambda one: one.key),
    elements.map(lambda one: one.key),
    st.builds(HostedService, st.sampled_from(HOSTS), st.sampled_from(["", "webdav"])),
)


def intervals(now: datetime, *, ended: bool = True) -> st.SearchStrategy[Interval]:
    starts = minutes(-120, 120).map(lambda ahead: now + ahead)
    lengths = st.none() | minutes(-30 if ended else 5, 240)
    return st.builds(lambda start, length: Interval(start, length if length is None else start + length), starts, lengths)


def downtimes(now: datetime, sources: tuple[str, ...] = ("feed", "other", "manual")) -> st.SearchStrategy[Downtime]:
    return st.builds(
        Downtime,
        key=st.builds(DowntimeKey, st.sampled_from(sources), st.sampled_from("12")),
        targets=st.frozensets(targets, min_size=1),
        interval=intervals(now),
        severity=st.sampled_from(["OUTAGE", "OUTAGE", "WARNING", "No Significant Outage Expected"]),
        vo=whom,
    )


# --- Measurements


def probes(now: datetime) -> st.SearchStrategy[tuple[Evidence, ...]]:
    """Probe results around ``now``, one of each record."""
    one = st.builds(
        lambda record, about, result, age, lasts, vo: Evidence(
            EvidenceKey("probes", f"{record} for {vo}", about), PROBE, Probe("submit", result), now - age, now + lasts, vo
        ),
        st.sampled_from("12"),
        targets,
        st.sampled_from(["OK", "WARNING", "CRITICAL", "UNKNOWN"]),
        minutes(0, 20),
        minutes(0, 60),
        whom,
    )
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda e: e.key).map(tuple)


# --- Policies

leads = st.sampled_from([{}, {"default": timedelta(minutes=30)}, {"Write": timedelta(hours=1)}])
rules: st.SearchStrategy[Rule] = st.builds(Always, statuses) | st.builds(
    DeclaredDowntime, lead=leads, after=st.sampled_from(After), warning=st.sampled_from([Status.DEGRADED, Status.PROBING])
)
measuring: st.SearchStrategy[Rule] = rules | st.just(ProbeResults())
quorums = st.sampled_from([Quorum(), Quorum(2, 2), Quorum(2, 3)])
matches = st.sampled_from(
    [
        *[Match()] * 4,
        Match.of(type="Store"),
        Match.of(status_type="Re*"),
        Match.of(vo="cms"),
        Match.of(vo="[!c]*"),
        Match.of(vo=ALL, type="Store"),
    ]
)
single_policies = st.builds(
    Policy,
    name=st.sampled_from(["declared", "declared", "one", "two"]),
    rule=rules,
    match=matches,
    layer=whom,
    advisory=st.sampled_from([False, False, False, True]),
    enabled=st.sampled_from([True, True, True, False]),
    on_missing=st.sampled_from(OnMissing),
)
measuring_policies = st.builds(
    replace, single_policies, rule=measuring, confirm=st.just(AT_ONCE) | st.builds(Confirmation, quorums, quorums)
)
exits = st.builds(ProbingExit, dwell=minutes(0, 60), checks=st.integers(1, 3), spacing=minutes(0, 20))
policy_sets: st.SearchStrategy[PolicySet] = st.builds(
    lambda made, exit_: policies(*made, probing=exit_),
    st.lists(single_policies, max_size=4, unique_by=lambda p: (p.name, p.layer)),
    exits,
)


# --- Safeguards

caps = st.builds(Cap, st.sampled_from([0.0, 0.0, 0.5]), st.integers(0, 3))
guards = st.just(UNGUARDED) | st.builds(Guard, caps, caps, expires=minutes(30, 240))
dampings = st.just(UNDAMPED) | st.builds(
    Damping, minutes(10, 60), st.sampled_from([1.0, 2.0]), st.sampled_from([0.5, 1.0]), st.sampled_from([2.0, 4.0])
)
guarded_sets: st.SearchStrategy[PolicySet] = st.builds(
    lambda made, exit_, guard, damping, revision: replace(
        policies(*made, probing=exit_), guard=guard, damping=damping, revision=revision
    ),
    st.lists(measuring_policies, max_size=4, unique_by=lambda p: (p.name, p.layer)),
    exits,
    guards,
    dampings,
    st.sampled_from(["r1", "r2", "r3"]),
)

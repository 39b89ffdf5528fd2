from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.downtime import Difference, Downtime
from gridmask.domain.element import SITE, WHOLE, Element, RowKey
from gridmask.domain.events import DowntimesChanged, Event, EvidenceChanged, PoliciesLoaded, StatusSet, TimePassed
from gridmask.domain.evidence import Evidence
from gridmask.domain.instructions import EndRow, Instruction, SaveRow
from gridmask.domain.matching import ANY_ROW, Match
from gridmask.domain.policy import OwnEvidence, Policy, PolicySet, Rule
from gridmask.domain.policy_changes import PolicyChange
from gridmask.domain.row import Row
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.token import Custom
from gridmask.domain.transition import ProbingExit
from gridmask.domain.vo import ALL
from gridmask.rules import Always, Propagation
from gridmask.testing import element, policies, state
from tests.unit.domain import oracles
from tests.unit.domain.strategies import CE, NOON, SE, TYPES, VOS, downtimes, guarded_sets, probes, single_policies

MINE = element("mine", offered={"cms"})
PLACE = element("Example", SITE, family=SITE)


def policy(name: str, status: Status = Status.ACTIVE, match: Match = ANY_ROW, layer: str = ALL) -> Policy:
    return Policy(name, Always(status), match, layer)


def concerned(before: PolicySet, after: PolicySet, *among: Element) -> set[str]:
    found = PolicyChange(before, after).elements(among or (CE, SE, MINE), TYPES, frozenset(VOS))
    return {key.name for key in found}


def judged(before: PolicySet, after: PolicySet, *among: Element) -> tuple[State, tuple[Instruction, ...]]:
    """The world after a change of policies, and what that wants remembered."""
    world, _ = step(state(*(among or (CE, SE)), vos=VOS, types=TYPES, by=before), TimePassed(), NOON)
    return step(world, PoliciesLoaded(after, before=before), NOON)


def saved(instructions: tuple[Instruction, ...]) -> set[tuple[str, str, str]]:
    keys = (i.after.key for i in instructions if isinstance(i, SaveRow))
    return {(key.element.name, key.status_type, key.vo) for key in keys}


# --- Which elements


def test_policies_that_say_the_same_concern_nothing() -> None:
    assert concerned(policies(policy("a")), replace(policies(policy("a")), revision="other")) == set()


def test_a_policy_that_is_another_concerns_what_it_matches() -> None:
    before, after = (
        policies(policy("a"), policy("b", status, Match.of(type="Store"))) for status in (Status.ACTIVE, Status.BANNED)
    )
    assert concerned(before, after) == {"se"}


def test_a_policy_that_comes_or_goes_concerns_what_it_matches() -> None:
    few, more = policies(policy("a")), policies(policy("a"), policy("b", match=Match.of(type="Store")))
    assert concerned(few, more) == concerned(more, few) == {"se"}


def test_a_policy_that_matches_something_else_concerns_what_it_left_and_what_it_took_up() -> None:
    before, after = (policies(policy("a", match=Match.of(name=name))) for name in ("ce", "mine"))
    assert concerned(before, after) == {"ce", "mine"}


def test_a_policy_of_a_vo_concerns_only_what_the_vo_may_use() -> None:
    assert concerned(policies(), policies(policy("a", layer="atlas"))) == {"ce", "se"}
    assert concerned(policies(), policies(policy("a", layer="cms"))) == {"ce", "se", "mine"}


def test_a_policy_that_is_overridden_by_everyone_whom_it_matches_concerns_nothing() -> None:
    own = policy("a", layer="cms", match=Match.of(vo="cms"))
    before, after = (policies(policy("a", status, Match.of(vo="cms")), own) for status in (Status.ACTIVE, Status.BANNED))
    assert concerned(before, after) == set()


def test_policies_in_another_order_concern_what_they_match_since_reasons_are_told_in_it() -> None:
    a, b = policy("a", match=Match.of(type="Store")), policy("b", match=Match.of(type="Store"))
    assert concerned(policies(a, b), policies(b, a)) == {"se"}


def test_what_holds_for_the_whole_set_concerns_everything() -> None:
    before = policies(policy("a"))
    for told in ({"probing": ProbingExit(timedelta())}, {"automation": {"cms": Mode.OFF}}):
        assert concerned(before, replace(before, **told)) == {"ce", "se", "mine"}


def test_what_is_customary_for_tokens_concerns_no_row() -> None:
    before = policies(policy("a"))
    assert concerned(before, replace(before, tokens=Custom(timedelta(hours=1)))) == set()


def test_evidence_of_a_vos_own_concerns_where_it_is_declared() -> None:
    after = replace(policies(), own=(OwnEvidence("cms", "own", Match.of(type="Store")),))
    assert concerned(policies(), after) == concerned(after, policies()) == {"se"}


def test_without_the_policies_before_everything_is_concerned() -> None:
    assert set(PolicyChange(None, policies()).elements((CE, SE), TYPES, frozenset())) == {CE.key, SE.key}


# --- Which rows


def test_only_rows_that_are_concerned_are_judged_anew() -> None:
    reading = policy("a", Status.BANNED, Match.of(status_type="Read"))
    after, instructions = judged(policies(), policies(reading))
    assert saved(instructions) == {("se", "Read", ALL)}
    revisions = {row.key.status_type: row.policy_revision for row in after.rows[SE.key].values()}
    assert revisions == {"Read": policies(reading).revision, "Write": policies().revision}


def test_what_a_vo_changes_for_itself_leaves_the_rows_of_all_others_alone() -> None:
    mine, theirs = policy("a", layer="cms"), policy("a", layer="atlas")
    changed = replace(mine, rule=Always(Status.DEGRADED))
    _, instructions = judged(policies(mine, theirs), policies(changed, theirs))
    assert saved(instructions) == {("ce", WHOLE, "cms"), ("se", "Read", "cms"), ("se", "Write", "cms")}


def test_a_vos_rows_begin_and_end_with_its_policies() -> None:
    own = policies(policy("a", layer="cms"))
    begun, instructions = judged(policies(), own, CE)
    assert saved(instructions) == {("ce", WHOLE, "cms")}
    _, instructions = step(begun, PoliciesLoaded(policies(), before=own), NOON)
    assert [i.row.key for i in instructions if isinstance(i, EndRow)] == [RowKey(CE.key, WHOLE, "cms")]


def test_a_row_that_is_concerned_is_a_decision_though_nothing_else_about_it_is_new() -> None:
    before = policies(policy("a"))
    after = policies(replace(policy("a"), match=Match.of(name="*")))
    _, instructions = judged(before, after, CE)
    assert [i.is_decision for i in instructions if isinstance(i, SaveRow)] == [True]


def test_a_later_look_does_not_touch_rows_that_earlier_policies_judged() -> None:
    after, _ = judged(policies(), policies(policy("a", match=Match.of(type="Store"))))
    _, instructions = step(after, TimePassed(), NOON + timedelta(minutes=1))
    assert instructions == ()


def test_a_site_follows_its_resources_where_these_alone_are_concerned() -> None:
    follows = Policy("follows", Propagation(), Match.of(family=SITE))
    before, after = (policies(follows, policy("a", status, Match.of(name="ce"))) for status in (Status.ACTIVE, Status.BANNED))
    assert {PLACE.key.name, "ce"} == {name for name, _, _ in saved(judged(before, after, PLACE, CE)[1])}


# --- Nothing else comes of it than if all rows were judged

reaches: st.SearchStrategy[Rule] = st.builds(Propagation, of=st.just("resources"), active_share=st.sampled_from([0.0, 1.0]))
following = st.builds(
    lambda rule, status, layer: Policy("follows", rule, Match.of(family=SITE, **({"status": status} if status else {})), layer),
    reaches,
    st.sampled_from(["", "Active", "!Banned"]),
    st.sampled_from([ALL, "cms"]),
)
one_more = single_policies | following


@st.composite
def changes(draw: st.DrawFn) -> tuple[PolicySet, PolicySet]:
    """Two sets of policies that have much in common."""
    before = draw(guarded_sets)
    kept = draw(st.permutations(before.policies)) if draw(st.booleans()) else list(before.policies)
    both = [*kept, *draw(st.lists(one_more, max_size=1))]
    few, more = ({(p.layer, p.name): p for p in one} for one in ([*both, *draw(st.lists(one_more, max_size=2))], both))
    gone = draw(st.sampled_from([None, *more]))
    revised = {key: p for key, p in more.items() if key != gone}
    other = draw(guarded_sets) if draw(st.sampled_from([False, False, False, True])) else before
    after = replace(
        other,
        policies=tuple(revised.values()),
        revision="after",
        _effective={},
        _by_vo={},
        _apart_by_vo={},
        _panels={},
        _called_for={},
    )
    first = replace(
        before,
        policies=tuple(few.values()),
        revision="before",
        _effective={},
        _by_vo={},
        _apart_by_vo={},
        _panels={},
        _called_for={},
    )
    return first, after


@given(
    both=changes(),
    announced=st.lists(downtimes(NOON), max_size=3, unique_by=lambda d: d.key),
    measured=probes(NOON),
    statuses=st.lists(
        st.tuples(st.sampled_from([CE, MINE]), st.sampled_from([ALL, *VOS]), st.sampled_from(Status)), max_size=2
    ),
)
def test_to_leave_alone_what_is_not_concerned_leads_to_the_same_rows(
    both: tuple[PolicySet, PolicySet],
    announced: list[Downtime],
    measured: tuple[Evidence, ...],
    statuses: list[tuple[Element, str, Status]],
) -> None:
    before, after = both
    world = state(CE, SE, MINE, PLACE, vos=VOS, types=TYPES, by=before)
    person = Actor("operator")
    told: tuple[Instruction, ...] = ()
    events: list[Event] = [
        TimePassed(),
        DowntimesChanged("feed", Difference(tuple(announced))),
        EvidenceChanged(measured),
        *(StatusSet(person, (RowKey(one.key, WHOLE, vo),), status, "Because.") for one, vo, status in statuses),
        *[TimePassed()] * 3,
    ]
    for event in events:
        world, told = step(world, event, NOON)
    assume(not told)  # a row whose status decides which policies match it can go to and fro for ever
    narrow, instructions = step(world, PoliciesLoaded(after, before=before), NOON)
    whole, _ = step(world, PoliciesLoaded(after), NOON)
    assert unstamped(narrow) == unstamped(whole)
    assert narrow.watch == whole.watch
    oracles.check_instructions(oracles.Taken(world, PoliciesLoaded(after, before=before), narrow, instructions, NOON))


def unstamped(world: State) -> dict[RowKey, Row]:
    return {key: replace(row, policy_revision="") for key, row in oracles.all_rows(world).items()}

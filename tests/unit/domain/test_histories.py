"""Long histories, in which people, sources, policies and the clock do what they like, and every promise must hold all along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey
from gridmask.domain.element import Element, RowKey
from gridmask.domain.errors import Conflict
from gridmask.domain.events import (
    AutomationRuled,
    BatchDecided,
    DowntimesChanged,
    Event,
    EvidenceChanged,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenExtended,
    TokenReleased,
    TokenTaken,
    VosChanged,
)
from gridmask.domain.evidence import DOWNTIME, Coverage, Evidence
from gridmask.domain.policy import PolicySet
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.token import Term
from gridmask.domain.vo import ALL
from gridmask.testing import element, state
from tests.unit.domain import oracles
from tests.unit.domain.strategies import (
    ASPECTS,
    CE,
    ELEMENTS,
    HOSTS,
    NOON,
    SE,
    TYPES,
    VOS,
    downtimes,
    guarded_sets,
    minutes,
    policy_sets,
    probes,
    some_vos,
    statuses,
    whom,
)

PERSON, COLLEAGUE = Actor("operator"), Actor("colleague")
terms = st.builds(Term, st.none() | minutes(5, 120).map(lambda time: NOON + time), st.booleans())

some_hosts = st.frozensets(st.sampled_from(HOSTS))
anything = st.sampled_from(ELEMENTS).flatmap(lambda one: st.tuples(st.just(one), st.sampled_from(ASPECTS[one.key])))


class History(RuleBasedStateMachine):
    """Any history of two VOs and three elements."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.state = state(CE, SE, vos=VOS, types=TYPES)
        self.announced: dict[DowntimeKey, Downtime] = {}
        self.watch = oracles.Watch()
        self.worlds = oracles.TwoWorlds(self.state, "cms")
        self.takings = oracles.Takings()

    @initialize(policies=policy_sets)
    def begin(self, policies: PolicySet) -> None:
        self.happen(PoliciesLoaded(policies))

    # --- What can happen

    @rule(downtime=downtimes(NOON), ahead=minutes(-60, 60), valid_for=st.none() | minutes(5, 120))
    def announce(self, downtime: Downtime, ahead: timedelta, valid_for: timedelta | None) -> None:
        shift = self.now - NOON + ahead
        end = downtime.interval.end
        moved = type(downtime.interval)(downtime.interval.start + shift, end and end + shift)
        made = Downtime(downtime.key, downtime.targets, moved, downtime.severity, vo=downtime.vo)
        before = {key: old for key, old in self.announced.items() if key == made.key}
        difference = Difference(edited=(made,)) if before else Difference(added=(made,))
        self.announced[made.key] = made
        self.publish(made.key.source, difference, before, valid_for)

    @precondition(lambda self: self.announced)
    @rule(data=st.data(), valid_for=st.none() | minutes(5, 120))
    def withdraw(self, data: st.DataObject, valid_for: timedelta | None) -> None:
        key = data.draw(st.sampled_from(sorted(self.announced)))
        self.publish(key.source, Difference(withdrawn=(key,)), {key: self.announced.pop(key)}, valid_for)

    @rule(source=st.sampled_from(["feed", "other"]), valid_for=minutes(5, 240))
    def say_nothing_new(self, source: str, valid_for: timedelta) -> None:
        self.publish(source, Difference(), {}, valid_for)

    @rule(policies=policy_sets)
    def adopt(self, policies: PolicySet) -> None:
        self.happen(PoliciesLoaded(policies, before=self.state.policies))

    @rule(which=anything, vo=whom, status=statuses, held=terms, binding=st.booleans())
    def decide(self, which: tuple[Element, str], vo: str, status: Status, held: Term, *, binding: bool) -> None:
        for row in self.row(which, vo):
            self.happen(StatusSet(PERSON, (row,), status, "Because.", self.from_now(held), binding))

    @rule(which=anything, vo=whom, held=terms, who=st.sampled_from([PERSON, COLLEAGUE]))
    def take(self, which: tuple[Element, str], vo: str, held: Term, who: Actor) -> None:
        for row in self.row(which, vo):
            self.happen(TokenTaken(who, (row,), "Because.", self.from_now(held)))

    @rule(which=anything, vo=whom, held=terms, who=st.sampled_from([PERSON, COLLEAGUE]))
    def extend(self, which: tuple[Element, str], vo: str, held: Term, who: Actor) -> None:
        for row in self.row(which, vo):
            known = self.state.rows[row.element].get((row.status_type, vo))
            event = TokenExtended(who, (row,), "", self.from_now(held))
            if known is not None and known.held(self.now) and known.token is not None and known.token.owner == who.name:
                self.happen(event)
            elif known is not None:
                with pytest.raises(Conflict):
                    step(self.state, event, self.now)

    @rule(which=anything, vo=whom)
    def release(self, which: tuple[Element, str], vo: str) -> None:
        for row in self.row(which, vo):
            self.happen(TokenReleased(PERSON, (row,)))

    @rule(one=st.sampled_from(ELEMENTS), offered=some_vos, in_service=st.booleans(), hosts=some_hosts)
    def edit(self, one: Element, offered: frozenset[str], hosts: frozenset[str], *, in_service: bool) -> None:
        said = {"site": one.site, "source": one.source, "hosts": tuple(sorted(hosts)), "services": frozenset({"webdav"})}
        made = element(one.key.name, one.key.type, offered=offered, in_service=in_service, **said)
        known = one.key in self.state.elements
        self.happen(InventoryChanged("inventory", edited=(made,)) if known else InventoryChanged("inventory", added=(made,)))

    @rule(one=st.sampled_from(ELEMENTS))
    def take_out(self, one: Element) -> None:
        if one.key in self.state.elements:
            self.happen(InventoryChanged("inventory", taken_out=(one.key,)))

    @rule(vo=st.just("atlas"))
    def let_a_vo_come_or_go(self, vo: str) -> None:
        one = frozenset({vo})
        self.happen(VosChanged(retired=one) if vo in self.state.vos else VosChanged(added=one))

    @rule(time=minutes(5, 240))
    def wait_in_time(self, time: timedelta) -> None:
        """All that is due is looked at when it is due."""
        until = self.now + time
        while (due := oracles.due_at(self.state)) and due <= until:
            self.now = max(due, self.now + timedelta(microseconds=1))
            self.happen(TimePassed())
        self.now = until
        self.happen(TimePassed())

    @rule(time=minutes(5, 240))
    def wait_and_be_late(self, time: timedelta) -> None:
        """All that is due is looked at once, long after it was due."""
        self.now += time
        self.happen(TimePassed())

    def row(self, which: tuple[Element, str], vo: str) -> Iterator[RowKey]:
        """The row, if there can be one."""
        one, aspect = which
        if one.key in self.state.elements and vo in {ALL, *self.state.vos}:
            yield RowKey(one.key, aspect, vo)

    def from_now(self, held: Term) -> Term:
        return replace(held, until=held.until and held.until + (self.now - NOON))

    # --- What must be true

    def publish(
        self, source: str, difference: Difference, before: dict[DowntimeKey, Downtime], valid_for: timedelta | None
    ) -> None:
        coverage = Coverage(source, DOWNTIME, self.now, self.now + valid_for) if valid_for and source != "manual" else None
        self.happen(DowntimesChanged(source, difference, before, coverage))

    def teardown(self) -> None:
        oracles.check_a_world_is_written_down_whole(self.state, self.now)

    def happen(self, event: Event) -> None:
        oracles.check_it_is_written_down_whole(event)
        taken = oracles.take(self.state, event, self.now)
        self.state = taken.after
        self.watch.look(taken)
        oracles.check_nothing_is_overlooked(taken)
        oracles.check_instructions(taken)
        oracles.check_moved_masks(taken)
        oracles.check_a_second_look_changes_nothing(taken)
        oracles.check_due(taken)
        oracles.check_nothing_happens_before_it_is_due(taken)
        oracles.check_people_keep_what_they_hold(taken)
        oracles.check_people_get_what_they_decide(taken)
        oracles.check_opinions(taken)
        oracles.check_followers(taken)
        oracles.check_automation_goes_no_further(taken)
        oracles.check_existence(taken)
        oracles.check_a_part_gives_the_same(taken)
        oracles.check_holds(taken)
        self.takings.look(taken)
        self.worlds.check(event, self.now)


class GuardedHistory(History):
    """Any history in which things are measured as well, mass changes are held, flapping is damped, and verdicts confirmed."""

    @rule(policies=guarded_sets)
    def adopt_safeguards(self, policies: PolicySet) -> None:
        self.happen(PoliciesLoaded(policies, before=self.state.policies))

    @rule(measured=probes(NOON))
    def measure(self, measured: tuple[Evidence, ...]) -> None:
        shift = self.now - NOON
        put = tuple(
            replace(e, observed_at=e.observed_at + shift, valid_until=e.valid_until and e.valid_until + shift) for e in measured
        )
        oracles.check_the_order_of_evidence_does_not_matter(self.state, put, self.now)
        self.happen(EvidenceChanged(put))

    @precondition(lambda self: any(key.source == "probes" for key in oracles.known(self.state)))
    @rule(data=st.data())
    def hear_of_it_no_more(self, data: st.DataObject) -> None:
        known = sorted(key for key in oracles.known(self.state) if key.source == "probes")
        self.happen(EvidenceChanged(gone=(data.draw(st.sampled_from(known)),)))

    @precondition(lambda self: bool(oracles.waiting(self.state, self.now)))
    @rule(data=st.data(), confirmed=st.booleans())
    def look_at_a_batch(self, data: st.DataObject, *, confirmed: bool) -> None:
        batch = data.draw(st.sampled_from(oracles.waiting(self.state, self.now)))
        self.happen(BatchDecided(PERSON, batch, confirmed))


class RuledHistory(GuardedHistory):
    """Any history in which people also decide how far automation goes."""

    @rule(which=anything, vo=whom, mode=st.none() | st.sampled_from(Mode))
    def decide_on_automation(self, which: tuple[Element, str], vo: str, mode: Mode | None) -> None:
        for row in self.row(which, vo):
            self.happen(AutomationRuled(PERSON, frozenset({row.element}), vo, mode))


TestHistory = History.TestCase
TestGuardedHistory = GuardedHistory.TestCase
TestRuledHistory = RuledHistory.TestCase

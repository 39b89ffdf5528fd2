"""Steps that take much at once: what is held, what becomes of it, and what is not held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gridmask.domain.downtime import Difference
from gridmask.domain.element import WHOLE, ElementType, RowKey, TypeRegistry
from gridmask.domain.errors import NotKnown
from gridmask.domain.events import (
    BatchDecided,
    DowntimesChanged,
    Event,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
)
from gridmask.domain.guard import BatchState, Cap, Guard, Watch
from gridmask.domain.guarding import CensusNeeded, RecallNeeded, census
from gridmask.domain.instructions import Instruction, SaveBatch, SaveRow
from gridmask.domain.matching import Match
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.row import seen_by
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from gridmask.rules.always import Always
from gridmask.rules.propagation import Propagation
from gridmask.testing import coverage, downtime, element, moment, policies, state
from gridmask.testing.trial import OPERATOR
from gridmask.testing.values import DECLARED_DOWNTIMES

NOON = moment("12:00")
CES = [element(f"ce{number}") for number in range(30)]
GUARD = Guard(general=Cap(0.2, 3), declared=Cap(0.5, 3), expires=timedelta(hours=24))


def world(*, by: PolicySet | None = None) -> State:
    """Thirty elements that are fine."""
    made = by or policies(DECLARED_DOWNTIMES)
    begun = state(*CES, by=replace(made, guard=GUARD), vos=["cms", "atlas"], covered_by=[coverage(valid_until="23:00")])
    return step(begun, TimePassed(None), NOON)[0]


def outage(count: int, record: str = "1", start: str = "11:00") -> Event:
    return DowntimesChanged("feed", Difference(added=(downtime(start, "20:00", *CES[:count], record=record),)))


def happened(before: State, event: Event, minutes: int = 0) -> tuple[State, tuple[Instruction, ...]]:
    return step(before, event, NOON + timedelta(minutes=minutes))


def down(after: State) -> int:
    return sum(row.status is Status.BANNED for rows in after.rows.values() for row in rows.values())


def batch_of(after: State) -> str:
    [found] = [batch.id for batch in after.watch.batches.values() if batch.state is BatchState.HELD]
    return found


def decided(after: State, *, confirmed: bool, minutes: int = 5) -> State:
    return happened(after, BatchDecided(OPERATOR, batch_of(after), confirmed), minutes)[0]


def test_a_feed_that_bans_everything_is_held_as_one_batch() -> None:
    after, learnt = happened(world(), outage(30))
    assert down(after) == 0
    [batch] = [instruction.batch for instruction in learnt if isinstance(instruction, SaveBatch)]
    assert (str(batch.cause), batch.rows, sorted(batch.vos)) == ("source feed", 30, ["all", "atlas", "cms"])


def test_a_row_that_is_held_tells_what_automation_would_make_of_it() -> None:
    row = happened(world(), outage(30))[0].rows[CES[0].key][WHOLE, ALL]
    assert (row.status, row.opinion, row.hold and row.hold.until) == (Status.ACTIVE, Status.BANNED, NOON + timedelta(hours=24))


def test_what_is_not_too_much_goes_through() -> None:
    assert down(happened(world(), outage(15))[0]) == 15


def test_too_much_in_small_portions_is_held_from_where_it_becomes_too_much() -> None:
    after = world()
    for number in range(6):
        listed = (downtime("11:00", "20:00", *CES[number * 4 : number * 4 + 4], record=str(number)),)
        after, _ = happened(after, DowntimesChanged("feed", Difference(added=listed)), number)
    assert down(after) == 12


def test_what_is_confirmed_goes_through_and_is_not_held_against_the_next() -> None:
    after = decided(happened(world(), outage(30))[0], confirmed=True)
    assert down(after) == 30
    assert all(row.hold is None for rows in after.rows.values() for row in rows.values())


def test_what_is_dropped_stays_as_it_is_and_is_asked_for_anew_a_day_later() -> None:
    dropped = decided(happened(world(), outage(30, start="11:00"))[0], confirmed=False)
    assert down(happened(dropped, TimePassed(None), 60)[0]) == 0
    later, learnt = happened(dropped, TimePassed(None), 24 * 60 + 5)
    assert down(later) == 0
    del learnt


def test_what_nobody_looked_at_is_held_anew() -> None:
    long = downtime("11:00", None, *CES, record="1")
    held, _ = happened(world(), DowntimesChanged("feed", Difference(added=(long,))))
    later, learnt = happened(held, TimePassed(None), 24 * 60)
    assert down(later) == 0
    assert [instruction.batch.rows for instruction in learnt if isinstance(instruction, SaveBatch)] == [30]


def test_when_it_is_not_asked_for_any_more_nothing_holds() -> None:
    announced = downtime("11:00", "20:00", *CES, record="1")
    held, _ = happened(world(), DowntimesChanged("feed", Difference(added=(announced,))))
    gone = DowntimesChanged("feed", Difference(withdrawn=(announced.key,)), {announced.key: announced})
    after, _ = happened(held, gone, 1)
    assert all(row.hold is None for rows in after.rows.values() for row in rows.values())


def test_what_joins_later_joins_the_batch_however_little_it_is() -> None:
    held, _ = happened(world(), outage(29))
    listed = (downtime("11:00", "20:00", CES[29], record="2"),)
    after, learnt = happened(held, DowntimesChanged("feed", Difference(added=listed)), 1)
    assert down(after) == 0
    assert [instruction.batch.rows for instruction in learnt if isinstance(instruction, SaveBatch)] == [30]


def test_a_new_set_of_policies_that_bans_much_is_held_as_such() -> None:
    banning = replace(policies(Policy("off", Always(Status.BANNED))), guard=GUARD, revision="r2")
    after, learnt = happened(world(), PoliciesLoaded(banning))
    assert down(after) == 0
    assert [str(i.batch.cause) for i in learnt if isinstance(i, SaveBatch)] == ["policies r2"]


def test_a_person_is_not_held() -> None:
    rows = tuple(RowKey(ce.key, WHOLE, ALL) for ce in CES)
    assert down(happened(world(), StatusSet(OPERATOR, rows, Status.BANNED, "Storm."))[0]) == 30


def test_what_frees_is_never_held() -> None:
    after = decided(happened(world(), outage(30))[0], confirmed=True)
    assert down(happened(after, TimePassed(None), 8 * 60)[0]) == 0


def test_a_part_of_the_world_asks_for_the_census_of_the_whole() -> None:
    whole = world()
    part = replace(whole, is_whole=False)
    with pytest.raises(CensusNeeded):
        happened(part, outage(30))
    told = replace(part, census=census(map(whole.holding, whole.elements), whole.vos))  # type: ignore[arg-type]  # each of its elements is in the inventory
    assert happened(told, outage(30))[0].rows == happened(whole, outage(30))[0].rows
    assert down(happened(part, outage(3))[0]) == 3


def test_only_a_step_that_takes_something_asks_what_was_taken_of_late() -> None:
    forgetful = replace(world(), watch=Watch(is_complete=False))
    assert not happened(forgetful, TimePassed(None))[0].watch.is_complete
    with pytest.raises(RecallNeeded):
        happened(forgetful, outage(1))


def test_a_batch_that_does_not_wait_cannot_be_decided() -> None:
    with pytest.raises(NotKnown, match="There is no batch that waits called 'x'"):
        happened(world(), BatchDecided(OPERATOR, "x", confirmed=True))


def test_the_census_counts_what_each_vo_sees() -> None:
    mine = element("mine", offered=["cms"])
    made = step(
        state(*CES[:2], mine, vos=["cms", "atlas"], covered_by=[coverage(valid_until="23:00")]), TimePassed(None), NOON
    )[0]
    counted = census(map(made.holding, made.elements), made.vos)  # type: ignore[arg-type]  # likewise
    assert {vo: count for (vo, _), count in counted.items()} == {"all": 3, "cms": 3, "atlas": 2}


def closed_to_cms() -> PolicySet:
    made = policies(DECLARED_DOWNTIMES, Policy("closed", Always(Status.BANNED), layer="cms"))
    return replace(made, guard=GUARD, revision="r2")


def up_for(after: State, vo: str) -> int:
    rows = (seen_by(vo, WHOLE, rows) for rows in after.rows.values())
    return sum(row is not None and row.status is Status.ACTIVE for row in rows)


def test_rows_of_a_vo_that_begin_unusable_are_held_like_others() -> None:
    after, learnt = happened(world(), PoliciesLoaded(closed_to_cms()))
    assert up_for(after, "cms") == 30
    assert [str(i.batch.cause) for i in learnt if isinstance(i, SaveBatch)] == ["policies r2"]
    assert up_for(decided(after, confirmed=True), "cms") == 0


def test_rows_of_a_vo_whose_end_would_take_much_are_held() -> None:
    follows = Policy("declared-downtimes", Always(Status.ACTIVE), layer="cms")
    begun = world(by=policies(DECLARED_DOWNTIMES, follows))
    for minutes in (0, 5):
        begun = step(begun, outage(30), NOON + timedelta(minutes=minutes))[0]
        if not minutes:
            begun = decided(begun, confirmed=True, minutes=1)
    assert (up_for(begun, "atlas"), up_for(begun, "cms")) == (0, 30)
    after, _ = happened(begun, PoliciesLoaded(replace(policies(DECLARED_DOWNTIMES), guard=GUARD, revision="r2")), 10)
    assert up_for(after, "cms") == 30
    again, learnt = happened(after, TimePassed(None), 11)
    assert (up_for(again, "cms"), [i for i in learnt if not isinstance(i, SaveRow)]) == (30, [])
    assert up_for(decided(again, confirmed=True, minutes=15), "cms") == 0


def test_a_status_type_that_is_no_more_ends_for_everyone() -> None:
    begun = world(by=policies(DECLARED_DOWNTIMES, Policy("own", Always(Status.ACTIVE), layer="cms")))
    other = replace(begun, types=TypeRegistry().with_types(ElementType("ComputingElement", status_types=("Run",))))
    after, _ = happened(other, TimePassed(None))
    assert {key for rows in after.rows.values() for key in rows} == {("Run", "all"), ("Run", "cms")}


def test_what_is_held_because_of_one_cause_is_taken_for_another() -> None:
    held, _ = happened(world(), outage(30))
    smoke = Policy("smoke", Always(Status.ERROR), Match.of(name="ce7"))
    after, _ = happened(held, PoliciesLoaded(replace(policies(DECLARED_DOWNTIMES, smoke), guard=GUARD)), 1)
    assert [row.status for row in after.rows[CES[7].key].values()] == [Status.ERROR]
    assert up_for(after, "cms") == 29


def test_what_goes_through_after_its_hold_is_held_no_more() -> None:
    held, _ = happened(world(), DowntimesChanged("feed", Difference(added=(downtime("11:00", None, *CES, record="1"),))))
    wide = replace(held.policies, guard=replace(GUARD, declared=Cap(1, 99)))
    after, _ = happened(replace(held, policies=wide), TimePassed(None), 24 * 60)
    assert {(row.status, row.hold) for rows in after.rows.values() for row in rows.values()} == {(Status.BANNED, None)}


def test_what_is_put_out_of_service_is_held_no_more() -> None:
    held, _ = happened(world(), outage(30))
    away = replace(CES[0], in_service=False)
    after, _ = happened(held, InventoryChanged("inventory", edited=(away,)), 1)
    assert {row.hold for row in after.rows[away.key].values()} == {None}


def test_batches_of_one_moment_have_names_of_their_own_however_long_their_causes_are() -> None:
    long = "x" * 80
    made = [Policy(f"{long} {number}", Always(Status.BANNED), Match.of(name=f"ce{number}*")) for number in (1, 2)]
    begun = replace(world(), policies=replace(policies(DECLARED_DOWNTIMES, *made), guard=GUARD))
    after, learnt = happened(begun, TimePassed(None))
    names = [instruction.batch.id for instruction in learnt if isinstance(instruction, SaveBatch)]
    assert (len(set(names)), len(after.watch.batches), max(map(len, names))) == (2, 2, 64)


def test_a_batch_that_is_opened_again_in_the_moment_of_the_decision_is_another() -> None:
    strict = world()
    strict = replace(strict, policies=replace(strict.policies, guard=replace(GUARD, declared=Cap(0.2, 3))))
    held, _ = happened(strict, outage(15))
    again, _ = happened(decided(held, confirmed=False, minutes=0), outage(30, "2"))
    assert len(again.watch.batches) == 2


def test_shares_are_of_what_was_there_before_the_step() -> None:
    loose = [element(f"loose{number}", site="") for number in range(4)]
    follows = Policy("follows", Propagation(of="site"))
    made = replace(policies(DECLARED_DOWNTIMES, follows), guard=replace(GUARD, declared=Cap(0.5, 0)))
    whole = step(state(*CES[:4], *loose, by=made, covered_by=[coverage(valid_until="23:00")]), TimePassed(None), NOON)[0]
    some = (downtime("11:00", "20:00", *CES[:2], *loose[:2], record="1"),)
    assert down(happened(whole, DowntimesChanged("feed", Difference(added=some)))[0]) == 4


def test_a_vos_own_ban_does_not_end_while_what_it_would_fall_back_to_is_held() -> None:
    own = Policy("mistrust", Always(Status.BANNED), layer="cms")
    before = world(by=policies(DECLARED_DOWNTIMES, own))
    probing = replace(policies(Policy("declared-downtimes", Always(Status.PROBING))), guard=GUARD, revision="2")
    after, _ = happened(before, PoliciesLoaded(probing, before=before.policies))
    rows = after.rows[CES[0].key]
    assert (rows[WHOLE, ALL].status, rows[WHOLE, ALL].opinion) == (Status.ACTIVE, Status.PROBING)
    assert rows[WHOLE, "cms"].status is Status.PROBING

"""Steps that take much at once: what is held, what becomes of it, and what is not held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gridmask.domain.downtime import Difference
from gridmask.domain.element import WHOLE, RowKey
from gridmask.domain.errors import NotKnown
from gridmask.domain.events import BatchDecided, DowntimesChanged, Event, PoliciesLoaded, StatusSet, TimePassed
from gridmask.domain.guard import BatchState, Cap, Guard
from gridmask.domain.guarding import CensusNeeded, census
from gridmask.domain.instructions import Instruction, SaveBatch
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from gridmask.rules.always import Always
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
    assert down(happened(world(), StatusSet(OPERATOR, rows, Status.BANNED, "Storm.", None))[0]) == 30


def test_what_frees_is_never_held() -> None:
    after = decided(happened(world(), outage(30))[0], confirmed=True)
    assert down(happened(after, TimePassed(None), 8 * 60)[0]) == 0


def test_a_part_of_the_world_asks_for_the_census_of_the_whole() -> None:
    whole = world()
    part = replace(whole, is_whole=False)
    with pytest.raises(CensusNeeded):
        happened(part, outage(30))
    told = replace(part, census=census(map(whole.holding, whole.elements), whole.vos))  # type: ignore[arg-type]
    assert happened(told, outage(30))[0].rows == happened(whole, outage(30))[0].rows
    assert down(happened(part, outage(3))[0]) == 3


def test_a_batch_that_does_not_wait_cannot_be_decided() -> None:
    with pytest.raises(NotKnown, match="There is no batch that waits called 'x'"):
        happened(world(), BatchDecided(OPERATOR, "x", confirmed=True))


def test_the_census_counts_what_each_vo_sees() -> None:
    mine = element("mine", offered=["cms"])
    made = step(
        state(*CES[:2], mine, vos=["cms", "atlas"], covered_by=[coverage(valid_until="23:00")]), TimePassed(None), NOON
    )[0]
    counted = census(map(made.holding, made.elements), made.vos)  # type: ignore[arg-type]
    assert {vo: count for (vo, _), count in counted.items()} == {"all": 3, "cms": 3, "atlas": 2}

"""How what happens becomes messages: nothing is lost, nothing is told twice, and nobody is told too often."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gridmask.actions.conditions import Condition
from gridmask.actions.notify import grouping
from gridmask.actions.notify.grouping import Message, State, wake_at
from gridmask.actions.notify.hours import Hours, Span, clock_time
from gridmask.actions.notify.piles import Piles, bounded
from gridmask.actions.notify.plans import Cap, Plan, Plans
from gridmask.domain.matching import Match
from gridmask.domain.status import Status
from tests.clocks import NOW
from tests.news import change, news

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.actions.notify.items import Item
    from gridmask.actions.notify.piles import Pile
    from gridmask.domain.news import News

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
A, B, C = "alice@example.org", "bob@example.org", "carol@example.org"
ONE = Plans((Plan("ops", (A,)),))


def steps(messages: list[Message]) -> list[str]:
    return [step.id for m in messages for part in m.parts for item in part.items for step in item.steps]


class Keeper:
    """Has at hand what is asked for, as far as that is ``at_once`` at most, and keeps what waits."""

    def __init__(self, at_once: int = 10**9) -> None:
        self.at_once = at_once
        self.kept: dict[int, tuple[Item, ...]] = {}

    def absorb(self, state: State, what: Iterable[News], plans: Plans, now: datetime) -> State:
        came = list(what)
        additions = grouping.assigned(came, plans, state.position)
        piles = self._at_hand(state, grouping.gathering(state, additions))
        upto = max((one.number for one in came), default=0)
        return self._keep(grouping.absorb(state, additions, upto, plans, now, piles), piles)

    def mature(
        self, state: State, plans: Plans, now: datetime, busy: frozenset[str] = frozenset()
    ) -> tuple[State, list[Message]]:
        piles = self._at_hand(state, bounded(grouping.due(state, plans, now, busy), self.at_once))
        after, messages = grouping.mature(state, plans, now, busy, piles)
        return self._keep(after, piles), messages

    def _at_hand(self, state: State, wanted: Iterable[Pile]) -> Piles:
        return Piles({pile.number: self.kept[pile.number] for pile in wanted}, max(state.piles(), default=0))

    def _keep(self, state: State, piles: Piles) -> State:
        numbers = set(state.piles())
        self.kept = {number: items for number, items in self.kept.items() if number in numbers} | piles.made(numbers)
        assert self.kept.keys() == numbers
        return state


WHOLE = Keeper()
absorb, mature = WHOLE.absorb, WHOLE.mature


def first(plans: Plans, *what: News, now: datetime = NOW) -> State:
    return absorb(State(), what, plans, now)


def test_what_belongs_together_is_gathered_for_a_while_and_told_at_once() -> None:
    state = first(ONE, news(change("ce01", number=1)))
    state = absorb(state, [news(change("ce02", number=2))], ONE, NOW + MINUTE)
    assert mature(state, ONE, NOW + MINUTE) == (state, [])
    assert wake_at(state, ONE, NOW) == NOW + 2 * MINUTE
    state, (message,) = mature(state, ONE, NOW + 2 * MINUTE)
    assert (message.to, steps([message])) == (A, ["1", "2"])


def test_sites_are_told_of_apart() -> None:
    state = first(ONE, news(change("ce01", site="X"), change("ce02", site="Y", number=2), number=1))
    _, messages = mature(state, ONE, NOW + HOUR)
    assert [(m.parts[0].group, steps([m])) for m in messages] == [("X", ["1"]), ("Y", ["2"])]


def test_what_comes_again_is_taken_in_once() -> None:
    one = news(change(number=1))
    state = first(ONE, one)
    assert absorb(state, [one], ONE, NOW) == state
    told, _ = mature(state, ONE, NOW + HOUR)
    assert absorb(told, [one], ONE, NOW + HOUR) == told


def test_what_is_back_as_before_is_told_as_that_or_not_at_all() -> None:
    back = [news(change(number=1)), news(change(before=Status.BANNED, after=Status.ACTIVE, number=2))]
    _, (message,) = mature(first(ONE, *back), ONE, NOW + HOUR)
    assert message.parts[0].items[0].is_back
    dropping = Plans((replace(ONE.plans[0], drop_flaps=True),))
    assert mature(first(dropping, *back), dropping, NOW + HOUR) == (State(position=2), [])


def test_of_two_plans_the_first_tells_somebody_of_something_and_the_other_whoever_is_left() -> None:
    plans = Plans((Plan("sites", (A,)), Plan("all", (A, B), group_by=())))
    _, messages = mature(first(plans, news(change())), plans, NOW + HOUR)
    assert {(m.to, m.plans) for m in messages} == {(A, ("sites",)), (B, ("all",))}


def test_what_is_over_the_cap_comes_in_one_digest_once_there_is_room() -> None:
    plans = Plans(ONE.plans, {A: Cap(most=2, per=HOUR)})
    state = first(plans, *(news(change(f"ce{n}", site=f"S{n}", number=n)) for n in (1, 2)))
    state, messages = mature(state, plans, NOW + 2 * MINUTE)
    assert len(messages) == 2
    state = absorb(state, [news(change(f"ce{n}", site=f"S{n}", number=n)) for n in (3, 4, 5)], plans, NOW + 3 * MINUTE)
    state, messages = mature(state, plans, NOW + 5 * MINUTE)
    assert (messages, wake_at(state, plans, NOW + 5 * MINUTE)) == ([], NOW + 5 * MINUTE + HOUR)
    assert mature(state, plans, NOW + 5 * MINUTE + HOUR - SECOND)[1] == []
    _, (digest,) = mature(state, plans, NOW + 5 * MINUTE + HOUR)
    assert steps([digest]) == ["3", "4", "5"]


def test_more_than_somebody_may_be_told_at_once_comes_in_one() -> None:
    plans = Plans(ONE.plans, {A: Cap(most=2, per=HOUR)})
    three = news(*(change(f"ce{n}", site=f"S{n}", number=n) for n in (1, 2, 3)))
    _, (digest,) = mature(first(plans, three), plans, NOW + HOUR)
    assert steps([digest]) == ["1", "2", "3"]


def test_who_was_not_told_yet_what_they_were_sent_is_sent_no_more_meanwhile() -> None:
    plans = Plans(ONE.plans, {A: Cap(most=2, per=HOUR)})
    state, _ = mature(first(plans, news(change(number=1))), plans, NOW + HOUR)
    state = absorb(state, [news(change("ce02", number=2))], plans, NOW + HOUR)
    state, messages = mature(state, plans, NOW + 5 * HOUR, frozenset({A}))
    assert messages == []
    # what went late counts from when it went
    state, messages = mature(state, plans, NOW + 6 * HOUR)
    assert (len(messages), state.boxes[A].sent) == (1, (NOW + 6 * HOUR, NOW + 6 * HOUR))


def test_a_message_has_no_more_than_it_may_and_the_rest_comes_in_the_next() -> None:
    plans = Plans((Plan("ops", (A,), group_by=()),), {A: Cap(most=2, per=HOUR, largest=2)})
    state, messages = mature(first(plans, *(news(change(f"ce{n}", number=n)) for n in range(1, 6))), plans, NOW + HOUR)
    assert [steps([m]) for m in messages] == [["1", "2"], ["3", "4"]]
    _, (last,) = mature(mature(state, plans, NOW + HOUR)[0], plans, NOW + 2 * HOUR)
    assert steps([last]) == ["5"]


def test_digests_come_at_their_time_and_nothing_comes_in_quiet_hours() -> None:
    daily = Plans((Plan("ops", (A,), hours=Hours(digests=(clock_time("08:00"),))),))
    state, messages = mature(first(daily, news(change())), daily, NOW + HOUR)
    assert (messages, wake_at(state, daily, NOW + HOUR)) == ([], NOW + 15 * HOUR)
    nightly = Plans((Plan("ops", (A,), hours=Hours(quiet=(Span.parse("17:00-07:00"),))),))
    state, messages = mature(first(nightly, news(change())), nightly, NOW + HOUR)
    assert (messages, wake_at(state, nightly, NOW + HOUR)) == ([], NOW + 14 * HOUR)


def test_what_waited_for_a_digest_comes_in_one() -> None:
    daily = Plans((Plan("ops", (A,), hours=Hours(digests=(clock_time("08:00"),))),))
    state = first(daily, *(news(change(f"ce{n}", site=f"S{n}", number=n)) for n in (1, 2, 3)))
    state, _ = mature(state, daily, NOW + HOUR)
    _, (digest,) = mature(state, daily, NOW + 15 * HOUR)
    assert steps([digest]) == ["1", "2", "3"]


def test_what_waits_for_somebody_who_is_told_no_more_is_given_up() -> None:
    state = first(ONE, news(change()))
    others = Plans((Plan("ops", (B,)),))
    assert mature(state, others, NOW + HOUR) == (State(position=1), [])


def test_ten_thousand_changes_in_a_minute_flood_nobody_and_all_of_them_are_told() -> None:
    plans = Plans((Plan("sites", (A, B)), Plan("all", (B, C), group_by=())), {A: Cap(3), B: Cap(2), C: Cap(5, largest=2500)})
    state, now, told = State(), NOW, list[tuple[datetime, Message]]()
    for batch in range(100):
        came = [news(change(f"ce{n % 997}", number=n + 1, site=f"S{n % 97}")) for n in range(batch * 100, batch * 100 + 100)]
        state = absorb(state, came, plans, now)
        now += timedelta(seconds=0.6)
    while (at := wake_at(state, plans, now)) is not None:
        now = max(now, at)
        state, messages = mature(state, plans, now)
        told += [(now, message) for message in messages]
    for who in (A, B, C):
        times, heard = [at for at, m in told if m.to == who], steps([m for _, m in told if m.to == who])
        assert sorted(map(int, heard)) == list(range(1, 10_001))
        assert all(sum(start <= at < start + HOUR for at in times) <= plans.cap(who).most for start in times)


# --- Whatever happens

NAMES, STATUSES = ("ce1", "ce2", "ce3", "ce4"), (Status.ACTIVE, Status.BANNED, Status.DEGRADED)
HOURS = (Hours(), Hours(quiet=(Span.parse("17:02-17:20"),)), Hours(digests=(clock_time("17:30"), clock_time("18:00"))))


@st.composite
def many_plans(draw: st.DrawFn) -> Plans:
    plans = []
    for number in range(draw(st.integers(1, 3))):
        to = tuple(draw(st.lists(st.sampled_from((A, B)), min_size=1, max_size=2, unique=True)))
        about = Condition(match=Match.of(name=draw(st.sampled_from(("*", "ce[12]", "ce3")))))
        group_by = draw(st.sampled_from(((), ("site",), ("element",))))
        wait = draw(st.sampled_from((SECOND, MINUTE, 10 * MINUTE)))
        plans.append(Plan(f"plan{number}", to, about, group_by, wait, draw(st.sampled_from(HOURS))))
    spans, sizes = st.sampled_from((MINUTE, HOUR)), st.sampled_from((0, 1, 3))
    return Plans(tuple(plans), {who: Cap(draw(st.integers(1, 3)), draw(spans), draw(sizes)) for who in (A, B)})


moments = st.lists(
    st.tuples(
        st.integers(0, 400), st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(STATUSES)), max_size=6), st.booleans()
    ),
    max_size=12,
)


@given(many_plans(), moments, st.sampled_from((1, 2, 5, 1000)))
def test_nothing_is_lost_nothing_is_told_twice_and_caps_are_kept(
    plans: Plans, what: list[tuple[int, list[tuple[str, Status]], bool]], at_once: int
) -> None:
    state, now, number = State(), NOW, 0
    keeper = Keeper(at_once)
    told: list[tuple[datetime, Message]] = []
    expected: Counter[tuple[str, str]] = Counter()
    current = dict.fromkeys(NAMES, Status.ACTIVE)
    for seconds, changed, busy in what:
        now += seconds * SECOND
        came = []
        for name, status in changed:
            number += 1
            one = change(name, current[name], status, number=number, at=now, site=f"S{name[-1] in '12'}")
            current[name] = status
            came.append(news(one))
            expected.update({(to, str(number)): 1 for p in plans.plans if p.condition.refusal(one) is None for to in p.to})
        state = keeper.absorb(state, came, plans, now)
        state = keeper.absorb(state, came, plans, now)  # as after a crash
        state, messages = keeper.mature(state, plans, now, frozenset({A}) if busy else frozenset())
        told += [(now, message) for message in messages]
    for _ in range(1000):
        at = wake_at(state, plans, now)
        if at is None:
            break
        now = max(now, at)
        state, messages = keeper.mature(state, plans, now)
        told += [(now, message) for message in messages]
    assert wake_at(state, plans, now) is None
    heard = Counter((message.to, step) for _, message in told for step in steps([message]))
    assert heard == Counter(dict.fromkeys(expected, 1))
    for who in (A, B):
        cap, times = plans.cap(who), [at for at, message in told if message.to == who]
        assert all(sum(start <= at < start + cap.per for at in times) <= cap.most for start in times)
        sizes = [m for _, m in told if m.to == who and cap.largest and sum(p.size for p in m.parts) > cap.largest]
        assert all(len(m.parts) == len(m.parts[0].items) == 1 for m in sizes)

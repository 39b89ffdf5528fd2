"""When targets have their turn."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.probes.schedule import JITTER, Job, Key, Room, Schedule

START = 1_700_000_000.0
ROOMY = Room(most=1000, per_host=1000, spacing=0.0)


def job(number: int, host: str = "", every: float = 60.0) -> Job:
    return Job(Key("p", f"e{number}", "all", ""), host or f"h{number}", every)


class Run:
    """Plays a schedule: each job takes as long as ``takes`` says of its host."""

    def __init__(self, jobs: list[Job], room: Room, takes: dict[str, float] | None = None) -> None:
        self.schedule = Schedule(room)
        self.jobs = jobs
        self.takes = takes or {}
        self.began: dict[Key, list[float]] = defaultdict(list)
        self.late: dict[Key, list[float]] = defaultdict(list)
        self.at_host: dict[str, list[float]] = defaultdict(list)
        self.most: dict[str, int] = defaultdict(int)
        self.most_of_all = 0
        self.ends: list[tuple[float, Key, str]] = []

    def play(self, seconds: float) -> Run:
        now = START
        self.schedule.replace(self.jobs, now)
        while now < START + seconds:
            self._end(now)
            for turn in self.schedule.begin(now):
                self._begin(turn.job, turn.due, now)
            following = [at for at in (self.schedule.next_at(), self.ends[0][0] if self.ends else None) if at is not None]
            now = max(min(following, default=START + seconds), now + 1e-6)
        return self

    def _begin(self, job: Job, due: float, now: float) -> None:
        self.began[job.key].append(now)
        self.late[job.key].append(now - due)
        self.at_host[job.host].append(now)
        heapq.heappush(self.ends, (now + self.takes.get(job.host, 0.1), job.key, job.host))
        self.most[job.host] = max(self.most[job.host], sum(host == job.host for _, _, host in self.ends))
        self.most_of_all = max(self.most_of_all, len(self.ends))

    def _end(self, now: float) -> None:
        while self.ends and self.ends[0][0] <= now:
            _, key, host = heapq.heappop(self.ends)
            self.schedule.end(key, timed_out=self.takes.get(host, 0) >= 5)


JOBS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([10.0, 30.0, 60.0])), min_size=1, max_size=30).map(
    lambda drawn: [job(n, f"h{host}", every) for n, (host, every) in enumerate(drawn)]
)
ROOMS = st.builds(Room, st.integers(1, 8), st.integers(1, 3), st.sampled_from([0.0, 0.5, 2.0]))
TAKES = st.dictionaries(st.sampled_from([f"h{n}" for n in range(6)]), st.sampled_from([0.0, 0.3, 5.0]))


@given(JOBS, ROOMS, TAKES)
def test_nothing_is_probed_more_often_than_asked(jobs: list[Job], room: Room, takes: dict[str, float]) -> None:
    run = Run(jobs, room, takes).play(200)
    for one in jobs:
        moments = run.began[one.key]
        assert all(after - before >= one.every for before, after in itertools.pairwise(moments))


@given(JOBS, ROOMS, TAKES)
def test_the_limits_hold_whatever_happens(jobs: list[Job], room: Room, takes: dict[str, float]) -> None:
    run = Run(jobs, room, takes).play(200)
    assert run.most_of_all <= room.most
    assert max(run.most.values(), default=0) <= room.per_host
    for moments in run.at_host.values():
        assert all(after - before >= room.spacing - 1e-6 for before, after in itertools.pairwise(moments))


@given(JOBS)
def test_every_target_comes_in_its_period(jobs: list[Job]) -> None:
    run = Run(jobs, ROOMY).play(200)
    for one in jobs:
        assert len(run.began[one.key]) in {int(200 / (one.every * (1 + JITTER))) + extra for extra in (0, 1)}
        assert max(run.late[one.key]) < 0.001


@given(JOBS, TAKES)
def test_nobody_waits_for_ever(jobs: list[Job], takes: dict[str, float]) -> None:
    run = Run(jobs, Room(most=2, per_host=1, spacing=0.5), takes).play(900)
    assert {one.key for one in jobs} == run.began.keys()


def test_thousands_are_spread_over_their_period() -> None:
    run = Run([job(number) for number in range(3000)], ROOMY).play(60)
    began = sorted(moments[0] - START for moments in run.began.values())
    by_second = [sum(second <= at < second + 1 for at in began) for second in range(60)]
    assert len(began) == 3000
    assert max(by_second) < 100


def test_a_restart_finds_the_same_order() -> None:
    first, second = (Run([job(n) for n in range(50)], ROOMY).play(60) for _ in range(2))
    assert first.began == second.began


def test_hosts_that_hang_delay_no_other() -> None:
    hanging, quick = [job(n, f"slow{n}") for n in range(100)], [job(1000 + n) for n in range(100)]
    run = Run([*hanging, *quick], Room(most=20, per_host=1, spacing=0.0), {f"slow{n}": 10.0 for n in range(100)}).play(600)
    later = [late for one in quick for late in run.late[one.key][1:]]
    assert max(later) < 2.0
    assert min(len(run.began[one.key]) for one in quick) >= 8


def test_what_was_probed_before_the_restart_waits_for_its_period() -> None:
    schedule, one = Schedule(ROOMY), job(1)
    schedule.replace([one], START, {one.key: START - 1})
    due = schedule.due_at(one.key)
    assert due is not None
    assert due >= START - 1 + 60


def test_one_that_is_still_under_way_is_not_begun_again() -> None:
    schedule, one = Schedule(ROOMY), job(1, every=10)
    schedule.replace([one], START)
    [turn] = schedule.begin(START + 10)
    assert schedule.begin(START + 25) == []
    schedule.end(turn.job.key)
    assert len(schedule.begin(START + 40)) == 1


def test_what_is_gone_is_not_probed_any_more_though_it_waited() -> None:
    schedule = Schedule(Room(most=1, per_host=1, spacing=0.0))
    schedule.replace([job(1), job(2)], START)
    [turn] = schedule.begin(START + 60)
    schedule.replace([job(1)] if turn.job == job(1) else [job(2)], START + 61)
    schedule.end(turn.job.key)
    assert schedule.begin(START + 62) == []


def test_another_period_counts_from_the_last_beginning() -> None:
    schedule = Schedule(ROOMY)
    schedule.replace([job(1)], START)
    [turn] = schedule.begin(START + 60)
    schedule.end(turn.job.key)
    schedule.replace([job(1, every=600)], START + 61)
    due = schedule.due_at(turn.job.key)
    assert due is not None
    assert due >= START + 60 + 600


@pytest.mark.parametrize("room", [Room(0, 1, 0), Room(1, 0, 0)])
def test_without_room_nothing_begins(room: Room) -> None:
    schedule = Schedule(room)
    schedule.replace([job(1)], START)
    assert schedule.begin(START + 100) == []


def test_what_was_abandoned_has_its_turn_again() -> None:
    schedule = Schedule(Room(most=1, per_host=1, spacing=0.0))
    schedule.replace([job(1), job(2)], START)
    assert len(schedule.begin(START + 60)) == 1
    schedule.abandon()
    assert len(schedule.begin(START + 61)) == 1
    assert schedule.running == 1

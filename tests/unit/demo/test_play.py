from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gridmask.demo.play import HOUR
from gridmask.demo.script import WEEK, Mischief

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.demo.play import Play

    Running = dict[datetime, frozenset[int]]

LOOP = WEEK * HOUR


def half_hours(play: Play, start: float, end: float) -> list[datetime]:
    """The half hours of the grid from ``start`` up to ``end``; the script knows no shorter ones."""
    return [play.moment(half / 2) for half in range(int(start * 2), int(end * 2))]


@pytest.fixture(scope="module")
def running(play: Play) -> Running:
    """What is running at each half hour of a week and of the first hours of the next one."""
    return {moment: play.running(moment) for moment in half_hours(play, 0, WEEK + 5)}


def test_a_week_takes_ten_minutes() -> None:
    assert timedelta(minutes=10) == LOOP


def test_the_play_begins_at_the_full_minute_before(play: Play) -> None:
    assert play.moment(0) == play.began_at.replace(second=0)


def test_at_every_moment_several_incidents_are_running(running: Running) -> None:
    assert min(map(len, running.values())) >= 2


def test_in_every_twenty_seconds_something_begins_or_ends(play: Play, running: Running) -> None:
    moments = [after for before, after in pairwise(running) if running[before] != running[after]]
    assert moments[0] <= play.moment(4)
    assert moments[-1] > play.moment(0, week=1)
    assert max(after - before for before, after in pairwise(moments)) <= timedelta(seconds=20)


@pytest.mark.parametrize("hour", range(13))
def test_within_a_minute_of_any_start_something_begins_and_something_ends(play: Play, running: Running, hour: int) -> None:
    pairs = list(pairwise(running[moment] for moment in half_hours(play, hour, hour + 12)))
    assert any(after - before for before, after in pairs)
    assert any(before - after for before, after in pairs)


@pytest.mark.parametrize("hour", range(0, 120, 6))
def test_what_is_told_repeats_week_after_week(play: Play, hour: int) -> None:
    one, other = play.moment(hour), play.moment(hour, week=3)
    assert [s.title for s in play.scenes(one)] == [s.title for s in play.scenes(other)]
    assert [(a.incident, a.end - one) for a in play.announced("osg", one)] == [
        (a.incident, a.end - other) for a in play.announced("osg", other)
    ]


def test_the_same_incident_has_another_number_each_week(play: Play) -> None:
    first = {a.number for week in range(3) for a in play.announced("gocdb", play.moment(20, week * 3))}
    assert len(first) == sum(1 for week in range(3) for _ in play.announced("gocdb", play.moment(20, week * 3)))


def test_an_incident_keeps_its_number_while_it_is_edited(play: Play) -> None:
    title = "Disk servers of LAGUNA-T1, extended while it runs"
    before, after = (
        [(a.number, a.end) for a in play.announced("gocdb", play.moment(hour)) if a.incident.title == title][-1]
        for hour in (11, 13)
    )
    assert before[0] == after[0]
    assert after[1] - before[1] == 15 * HOUR


def test_what_time_it_is_on_the_grid_is_told_to_the_hour(play: Play) -> None:
    assert [play.told_time(play.moment(hour)) for hour in (0, 12.9, 119.5, 120)] == [
        "Monday 00:00",
        "Monday 12:00",
        "Friday 23:00",
        "Monday 00:00",
    ]


def test_times_of_osg_are_full_minutes_whenever_the_play_began(play: Play) -> None:
    times = [t for m in half_hours(play, 0, WEEK)[::12] for a in play.announced("osg", m) for t in (a.start, a.end)]
    assert {(time.second, time.microsecond) for time in times} == {(0, 0)}


def test_a_registry_fails_when_the_script_says_so(play: Play) -> None:
    assert play.mischief("gocdb", play.moment(71.9)) is None
    assert play.mischief("gocdb", play.moment(72)) is Mischief.UNAVAILABLE
    assert play.mischief("gocdb", play.moment(84)) is None
    assert play.mischief("osg", play.moment(72)) is None


def test_scenes_that_are_on_come_before_those_that_are_next(play: Play) -> None:
    now = play.moment(75)
    scenes = play.scenes(now)
    on = [scene.is_on(now) for scene in scenes]
    assert on == sorted(on, reverse=True)
    assert "GOCDB is away" in {scene.title for scene in scenes if scene.is_on(now)}
    assert all(scene.starts_at > now for scene in scenes[-3:])


def test_something_is_always_on_and_something_always_next(play: Play) -> None:
    for moment in half_hours(play, 0, WEEK)[::3]:
        on = [scene.is_on(moment) for scene in play.scenes(moment)]
        assert any(on)
        assert on.count(False) == 3


def free(play: Play, hour: float, week: int = 0) -> float:
    """How much borealis has free on Prairie's storage, by what was measured last, in terabytes."""
    found = (m for m in play.measured(play.moment(hour, week)) if (m.series.kind, m.series.vo) == ("space", "borealis"))
    return float(next(found).reading.value["free"]) / 1e12


def test_what_was_measured_stands_until_it_is_measured_again(play: Play) -> None:
    assert [free(play, hour) for hour in (0, 15.9, 16, 18, 30.9, 31, 119)] == [90, 90, 21, 3, 3, 240, 240]
    assert free(play, 0, week=1) == 90


def test_a_measurement_counts_until_the_next_one_also_over_the_end_of_the_week(play: Play) -> None:
    last = next(m for m in play.measured(play.moment(119)) if m.series.vo == "borealis")
    assert (last.at, last.next_at) == (play.moment(31), play.moment(0, week=1))


def test_people_do_each_thing_once_a_week(play: Play) -> None:
    assert [at for at, _ in play.deeds(play.moment(0), play.moment(0, week=1))] == [play.moment(13), play.moment(27)]
    assert play.deeds(play.moment(13), play.moment(26.9)) == []
    assert [at for at, _ in play.deeds(play.moment(12.9, week=2), play.moment(13, week=2))] == [play.moment(13, week=2)]


def test_never_are_more_than_four_scenes_told_at_once(play: Play) -> None:
    moments = half_hours(play, 0, WEEK)
    assert max(sum(scene.is_on(moment) for scene in play.scenes(moment)) for moment in moments) <= 4

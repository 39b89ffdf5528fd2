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

LOOP = WEEK * HOUR


def half_hours(play: Play, start: float, end: float) -> list[datetime]:
    """The half hours of the grid from ``start`` up to ``end``; the script knows no shorter ones."""
    return [play.moment(half / 2) for half in range(int(start * 2), int(end * 2))]


def changes(play: Play, start: float, end: float) -> list[datetime]:
    """When something begins or ends, by what is published."""
    moments = half_hours(play, start, end)
    running = map(play.running, moments)
    return [moment for moment, (before, after) in zip(moments[1:], pairwise(running), strict=True) if before != after]


def test_a_week_takes_ten_minutes() -> None:
    assert timedelta(minutes=10) == LOOP


def test_the_play_begins_at_the_full_minute_before(play: Play) -> None:
    assert play.moment(0) == play.began_at.replace(second=0)


def test_at_every_moment_several_incidents_are_running(play: Play) -> None:
    assert min(len(play.running(moment)) for moment in half_hours(play, 0, WEEK)) >= 2


def test_in_every_twenty_seconds_something_begins_or_ends(play: Play) -> None:
    moments = changes(play, 0, WEEK + 5)
    assert moments[0] <= play.moment(4)
    assert moments[-1] > play.moment(0, week=1)
    assert max(after - before for before, after in pairwise(moments)) <= timedelta(seconds=20)


@pytest.mark.parametrize("hour", range(13))
def test_within_a_minute_of_any_start_something_begins_and_something_ends(play: Play, hour: int) -> None:
    pairs = list(pairwise(map(play.running, half_hours(play, hour, hour + 12))))
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

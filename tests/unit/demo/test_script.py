from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from gridmask.collectors.measurements.reader import observed
from gridmask.demo.play import HOUR
from gridmask.demo.readings import Measured
from gridmask.demo.script import WEEK, Edit, Incident, Script, the_script
from gridmask.demo.world import the_world
from gridmask.documents import validated
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.demo.readings import Series

SCRIPT = the_script()
INCIDENTS = [pytest.param(incident, id=incident.title) for incident in SCRIPT.incident]
OUTAGE = Incident("gocdb", "t", "t", "d", "OUTAGE", scheduled=True, targets=("x",), announced=1, start=10, end=20)


def test_nothing_is_published_before_it_is_announced() -> None:
    assert OUTAGE.version(0.9) is None
    assert OUTAGE.version(1) is not None


def test_an_edit_replaces_what_it_names_from_its_hour_on() -> None:
    edited = replace(OUTAGE, edits=(Edit(12, end=30), Edit(14, start=11)))
    assert [(v.since, v.start, v.end) for v in edited.versions()] == [(1, 10, 20), (12, 10, 30), (14, 11, 30)]


def test_what_is_withdrawn_is_published_no_longer() -> None:
    withdrawn = replace(OUTAGE, withdrawn=15)
    assert withdrawn.is_on(14.9)
    assert withdrawn.version(15) is None


def test_an_incident_is_watched_for_hours_or_until_it_ends() -> None:
    assert OUTAGE.watched == (10.0, 18.0)
    assert replace(OUTAGE, edits=(Edit(12, end=14),)).watched == (10, 14)
    assert replace(OUTAGE, withdrawn=15).watched == (10, 15)
    assert replace(OUTAGE, scene={"from": 3, "to": 4}).watched == (3, 4)


def test_a_key_that_there_is_not_is_an_error_that_says_where() -> None:
    with pytest.raises(InvalidConfiguration, match=r"script: trouble\[0\]\.colour"):
        validated(Script, {"trouble": [{**_TROUBLE, "colour": "blue"}]}, "script")


_TROUBLE = {"registry": "osg", "kind": "html", "start": 1, "end": 2, "title": "t", "text": "t"}


@pytest.mark.parametrize("incident", INCIDENTS)
def test_every_target_is_something_that_its_registry_lists(incident: Incident) -> None:
    called = the_world().services_called if incident.registry == "gocdb" else the_world().resources_called
    assert [target for target in incident.targets if not called(target)] == []


@pytest.mark.parametrize("incident", [p for p in INCIDENTS if p.values[0].registry == "osg"])  # type: ignore[union-attr]  # parameters are of any type; these, incidents
def test_osg_publishes_full_minutes(incident: Incident) -> None:
    assert [h for v in incident.versions() for h in (v.start, v.end) if h % 12] == []


@pytest.mark.parametrize("incident", INCIDENTS)
def test_an_incident_is_over_before_the_week_after_its_own_ends(incident: Incident) -> None:
    assert all(v.since >= -WEEK and -WEEK <= v.start < v.end <= 2 * WEEK for v in incident.versions())


def test_every_kind_of_incident_is_in_the_script() -> None:
    every = SCRIPT.incident
    assert {i.severity for i in every} == {
        *("OUTAGE", "WARNING"),
        *("Outage", "Severe", "Intermittent Outage", "No Significant Outage Expected"),
    }
    edits = [(i, edit) for i in every for edit in i.edits if edit.end is not None]
    assert any(edit.end > i.end for i, edit in edits if edit.end)  # extended
    assert any(edit.end < i.end for i, edit in edits if edit.end)  # shortened
    assert any(i.withdrawn < i.start for i in every)  # called off
    assert any(i.announced > i.start and not i.scheduled for i in every)  # published after it began


@pytest.mark.parametrize("series", SCRIPT.measured, ids=lambda s: f"{s.kind} {s.vo}")
def test_what_is_measured_can_be_read_and_is_about_something_that_is_listed(series: Series) -> None:
    at = datetime(2026, 8, 21, 17, tzinfo=UTC)
    told = [Measured(series, reading, at, at).document(at + HOUR) for reading in series.readings]
    assert [observed([msgspec.Raw(msgspec.json.encode(item))], series.source).problems for item in told] == [()] * len(told)
    hosts = {s.hostname for s in the_world().services()} | {r.fqdn for r in the_world().resources()}
    assert series.about.get("host") in hosts or the_world().resources_called(series.about["name"])


def test_readings_follow_each_other_within_the_week() -> None:
    for series in SCRIPT.measured:
        hours = [reading.at for reading in series.readings]
        assert hours == sorted(set(hours))
        assert 0 <= hours[0] <= hours[-1] < WEEK


def test_what_people_take_is_listed_and_given_back() -> None:
    for claim in SCRIPT.claim:
        assert the_world().resources_called(claim.element)
        assert (claim.status.upper() in Status.__members__, claim.at < claim.until) == (True, True)


def test_the_storm_is_dropped_while_it_rages_and_nothing_else_of_its_registry_begins_meanwhile() -> None:
    [drop] = SCRIPT.drop
    [storm] = [i for i in SCRIPT.incident if len(i.targets) == 5]
    *_, last = storm.versions()
    assert storm.start < drop.at < last.end
    others = (i for i in SCRIPT.incident if i.registry == "gocdb" and i is not storm)
    assert [i.title for i in others if storm.start <= i.start <= drop.at] == []


def test_gocdb_fails_for_half_a_day() -> None:
    assert any(t.registry == "gocdb" and t.end - t.start == 12 for t in SCRIPT.trouble)

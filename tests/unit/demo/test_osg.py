from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import pytest

from gridmask.collectors.osg import downtimes, topology
from gridmask.demo.osg import Topology, moment

if TYPE_CHECKING:
    from gridmask.demo.play import Play


def test_the_collector_reads_the_whole_inventory(play: Play) -> None:
    listing = topology.read(Topology(play).summary(), "osg")
    expected = len(play.world.osg) + sum(len(r.resource.services) for r in play.world.resources())
    assert (listing.problems, len(listing.elements), listing.conclusive) == ((), expected, True)


def test_the_collector_reads_for_whom_a_resource_is(play: Play) -> None:
    offered = {e.key.name: e.offered for e in topology.read(Topology(play).summary(), "osg").elements}
    assert offered["Bayou-CE2"] == {"astra"}
    assert offered["Bayou-CE1"] == {"astra", "borealis", "dorado"}
    assert offered["Prairie-CE1"] == frozenset()


@pytest.mark.parametrize("hour", range(0, 120, 20))
def test_the_collector_reads_every_downtime(play: Play, hour: int) -> None:
    now = play.moment(hour)
    announcement = downtimes.read(Topology(play).downtimes({"downtime_attrs_showpast": "all"}, now), "osg")
    assert announcement.problems == ()
    read = {(d.interval.start, d.interval.end, d.description, d.severity) for d in announcement.downtimes.values()}
    assert read == {(a.start, a.end, a.incident.description, a.incident.severity) for a in play.announced("osg", now)}


def test_resources_of_one_outage_share_its_identifier(play: Play) -> None:
    document = fromstring(Topology(play).downtimes({}, play.moment(62)))
    named = {d.findtext("ResourceName"): d.findtext("ID") for d in document.iter("Downtime")}
    assert named["Prairie-Submit"] == named["Prairie-Squid"] == named["Prairie-Cache"]


def test_downtimes_are_in_sections_by_time(play: Play) -> None:
    document = fromstring(Topology(play).downtimes({"downtime_attrs_showpast": "all"}, play.moment(50)))
    assert {s.tag: {d.findtext("ResourceName") for d in s} & {"Bayou-SE", "Redwood-CE", "Prairie-Squid"} for s in document} == {
        "PastDowntimes": {"Bayou-SE", "Redwood-CE", "Prairie-Squid"},  # the last two of the week before
        "CurrentDowntimes": {"Redwood-CE"},
        "FutureDowntimes": {"Prairie-Squid"},
    }


def test_what_is_over_is_not_listed_unless_asked_for(play: Play) -> None:
    document = fromstring(Topology(play).downtimes({}, play.moment(50)))
    assert len(document.findall("PastDowntimes/Downtime")) == 0


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (datetime(2026, 8, 7, 19, 0, tzinfo=UTC), "Aug 07, 2026 19:00 PM UTC"),
        (datetime(2026, 8, 7, 0, 30, tzinfo=UTC), "Aug 07, 2026 00:30 AM UTC"),
        (datetime(2026, 8, 7, 12, 5, tzinfo=UTC), "Aug 07, 2026 12:05 PM UTC"),
    ],
)
def test_times_have_24_hours_and_a_half_of_the_day(time: datetime, written: str) -> None:
    assert moment(time) == written

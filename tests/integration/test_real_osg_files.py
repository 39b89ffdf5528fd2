"""The OSG readers on what OSG's server really answered, where a developer has it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from time import process_time
from typing import TYPE_CHECKING

import pytest

from gridmask.collectors.osg import downtimes
from gridmask.collectors.osg.service_types import SERVICE_TYPES
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory import osg
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import reconcile

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.domain.downtime import Announcement, Downtime

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def summary(shared_data: Path) -> bytes:
    return (shared_data / "osg-topology" / "served_rgsummary.xml").read_bytes()


@pytest.fixture(scope="module")
def feed(shared_data: Path) -> bytes:
    return (shared_data / "osg-topology" / "served_rgdowntime_45d_prod_active.xml").read_bytes()


@pytest.fixture(scope="module")
def inventory(summary: bytes) -> Publication:
    return osg.read(summary, "osg")


@pytest.fixture(scope="module")
def announcement(feed: bytes) -> Announcement:
    return downtimes.read(feed, "osg-downtimes")


def test_the_inventory_is_complete(inventory: Publication) -> None:
    services = [element for key, element in inventory.elements.items() if key.family != "Site"]
    assert len(inventory.elements) - len(services) == 429
    assert len(services) == 1215
    assert len({element.key.name for element in services}) == 1100
    assert len({element.key.name for element in services if element.in_service}) == 762


def test_nothing_in_it_is_a_problem(inventory: Publication) -> None:
    assert (inventory.conclusive, inventory.conflicts, inventory.problems) == (True, frozenset(), ())


def test_its_sites_and_vos_are_all_there(inventory: Publication) -> None:
    sites = {key.name for key in inventory.elements if key.family == "Site"}
    assert {element.site for element in inventory.elements.values()} == sites
    assert {"cms", "atlas", "ligo"} <= inventory.vos
    assert len(inventory.vos) == 37


def test_ownership_is_that_of_600_resources(inventory: Publication) -> None:
    owned = {key.name for key, element in inventory.elements.items() if "ownership" in element.facts}
    assert len(owned) == 600


def test_reading_it_takes_well_under_a_second(summary: bytes) -> None:
    started = process_time()
    osg.read(summary, "osg")
    assert process_time() - started < 1


def test_reading_it_twice_changes_nothing(summary: bytes, inventory: Publication) -> None:
    assert not reconcile(inventory.elements, osg.read(summary, "osg"), "osg")


def test_the_downtimes_are_complete(announcement: Announcement) -> None:
    def when(downtime: Downtime) -> str:
        interval = downtime.interval
        return "current" if interval.contains(NOW) else "future" if interval.start > NOW else "past"

    assert Counter(map(when, announcement.downtimes.values())) == {"past": 79, "current": 18, "future": 6}
    assert (announcement.conclusive, announcement.unreadable, announcement.problems) == (True, frozenset(), ())


def test_the_downtimes_name_elements_that_the_inventory_has(announcement: Announcement, inventory: Publication) -> None:
    targets = {target for downtime in announcement.downtimes.values() for target in downtime.targets}
    assert targets <= inventory.elements.keys()


def test_open_ends_are_open(announcement: Announcement) -> None:
    assert sum(downtime.interval.end is None for downtime in announcement.downtimes.values()) == 5


def test_every_service_type_that_osg_lists_is_known(shared_data: Path) -> None:
    listed = (shared_data / "osg-topology" / "service_types.yaml").read_text()
    assert set(re.findall(r"^([^#\n].*): \d+$", listed, re.MULTILINE)) == SERVICE_TYPES.keys()


def test_cut_off_anywhere_neither_is_read(summary: bytes, feed: bytes) -> None:
    cuts = [number / 61 for number in range(61)]
    for share in cuts:
        with pytest.raises(MalformedAnswer):
            downtimes.read(feed[: int(len(feed) * share)], "osg-downtimes")
    for share in cuts[::6]:
        with pytest.raises(MalformedAnswer):
            osg.read(summary[: int(len(summary) * share)], "osg")


def test_the_samples_are_read(shared_data: Path) -> None:
    samples = shared_data / "samples" / "osg-topology"
    assert len(downtimes.read((samples / "rgdowntime.xml").read_bytes(), "feed").downtimes) == 4
    assert len(osg.read((samples / "rgsummary.xml").read_bytes(), "osg").elements) == 4

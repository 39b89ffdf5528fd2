"""Feeds have what samples of what others publish have, in the same places."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from defusedxml.ElementTree import fromstring

from gridmask.domain.mask import Entry, Mask
from gridmask.domain.status import Status
from gridmask.feeds import ssb, usable_sites, vo_feed
from gridmask.feeds.sites import SiteStatus
from gridmask.testing.times import moment
from gridmask.testing.values import element

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element as Tag

WHEN = moment("2026-08-04T10:15:00")
SITES = [
    SiteStatus("T2_YY_Other", Status.BANNED, WHEN, url="https://rss.example.org"),
    SiteStatus("T2_ZZ", Status.ACTIVE, WHEN),
]


@pytest.fixture
def samples(shared_data: Path) -> Path:
    return shared_data / "samples"


def test_usable_sites_have_the_same_fields_of_the_same_types(samples: Path) -> None:
    theirs = json.loads((samples / "cms-sst" / "usable_sites.json").read_bytes())
    ours = json.loads(usable_sites.encode(SITES))
    shapes = [{name: type(value) for name, value in site.items()} for site in (*theirs, *ours)]
    assert shapes == [shapes[0]] * 4
    assert {(site["value"], site["color"]) for site in ours} == {(site["value"], site["color"]) for site in theirs}


def test_lines_of_the_site_status_board_have_the_same_fields(samples: Path) -> None:
    theirs = (samples / "cern-monit-ssb" / "ssb_metric_prodstatus.txt").read_text().splitlines()
    ours = ssb.encode("cms", SITES).decode().splitlines()
    assert ours[0] == theirs[0]
    [their_fields] = [line.split("\t") for line in theirs if "T2_YY_Other" in line]
    [our_fields] = [line.split("\t") for line in ours if "T2_YY_Other" in line]
    assert our_fields[:2] == their_fields[:2]
    assert len(our_fields) == len(their_fields)


def test_a_vo_feed_has_no_other_tags_and_what_readers_need(samples: Path) -> None:
    ce = element("ce", site="S", hosts=("ce",), services=frozenset({"org.opensciencegrid.htcondorce"}))
    mask = Mask("cms", 1, {ce.key: Entry("S", (("all", Status.ACTIVE),))})
    theirs = _shape(fromstring((samples / "cms-sst" / "vofeed.xml").read_bytes()))
    ours = _shape(fromstring(vo_feed.encode(mask, {ce.key: ce}, WHEN)))
    # both are in the common schema, and not in the sample
    assert ours - theirs == {("root", "description"), ("root", "feed_responsible"), ("feed_responsible", "@name")}
    assert theirs - ours == {
        ("service", "@endpoint"),
        ("service", "@production_status"),
        ("service", "@rse"),
        ("service", "ce_resource"),
        ("ce_resource", "@batch_system"),
        ("ce_resource", "@queue"),
        ("service", "se_resource"),
        ("se_resource", "@id"),
        ("se_resource", "@path"),
    }


def _shape(tag: Tag) -> set[tuple[str, str]]:
    inside = {(tag.tag, f"@{name}") for name in tag.attrib} | {(tag.tag, child.tag) for child in tag}
    return inside.union(*map(_shape, tag))

from __future__ import annotations

import json
from typing import Any

import pytest

from gridmask.domain.status import Purpose, Status
from gridmask.feeds.sites import SiteStatus
from gridmask.feeds.usable_sites import encode
from gridmask.testing.times import moment

SINCE = moment("2026-08-04T10:22:30")


def told(*statuses: Status, purpose: Purpose = Purpose.USE) -> list[str]:
    said: list[dict[str, Any]] = json.loads(encode([SiteStatus(s.label, s, SINCE) for s in statuses], purpose))
    return [site["value"] for site in said]


def test_sites_are_written_as_the_site_support_team_of_cms_does() -> None:
    sites = [SiteStatus("T2_XX_Example", Status.ACTIVE, SINCE, url="https://x/1"), SiteStatus("T2_YY", Status.BANNED, SINCE)]
    assert encode(sites).decode() == (
        '[\n{"name": "T2_XX_Example", "nvalue": null, "color": "green", "value": "usable", "url": "https://x/1", '
        '"date": 1785838950},\n'
        '{"name": "T2_YY", "nvalue": null, "color": "red", "value": "not_usable", "url": "", "date": 1785838950}\n]\n'
    )


def test_where_there_is_no_site_the_list_is_empty() -> None:
    assert json.loads(encode([])) == []


@pytest.mark.parametrize("status", Status)
def test_a_site_is_usable_when_its_status_says_so_and_is_never_left_out(status: Status) -> None:
    assert told(status) == ["usable" if status in {Status.ACTIVE, Status.DEGRADED} else "not_usable"]


def test_for_tests_what_is_probing_is_usable_and_nothing_is_left_out() -> None:
    assert told(Status.PROBING, Status.BANNED, purpose=Purpose.TEST) == ["usable", "not_usable"]


def test_what_is_out_of_service_is_told_not_to_be_usable() -> None:
    assert b"not_usable" in encode([SiteStatus("A", Status.ACTIVE, SINCE, in_service=False)])


def test_names_are_whatever_they_are() -> None:
    name = 'a"b\\c\n<é>\x00\u2028'
    assert json.loads(encode([SiteStatus(name, Status.ACTIVE, SINCE)]))[0]["name"] == name

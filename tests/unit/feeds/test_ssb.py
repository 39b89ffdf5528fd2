from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.status import Purpose, Status
from gridmask.feeds.sites import SiteStatus
from gridmask.feeds.ssb import encode
from gridmask.testing.times import moment

SINCE = moment("2026-08-04T10:15:00")


def rows(*sites: SiteStatus, purpose: Purpose | None = None) -> list[list[str]]:
    lines = encode("cms", sites, purpose).decode().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_sites_are_lines_of_a_metric() -> None:
    sites = [SiteStatus("T2_XX_Example", Status.BANNED, SINCE, url="https://x/1"), SiteStatus("T2_YY", Status.ACTIVE, SINCE)]
    assert encode("cms", sites).decode() == (
        "#txt\n# Gridmask: the status of sites for cms\n"
        "2026-08-04 10:15:00\tT2_XX_Example\tBanned\tred\thttps://x/1\n"
        "2026-08-04 10:15:00\tT2_YY\tActive\tgreen\t\n"
    )


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_colour(status: Status) -> None:
    assert rows(SiteStatus("A", status, SINCE))[0][2] == status.label
    assert (rows(SiteStatus("A", status, SINCE))[0][3] == "green") == (status is Status.ACTIVE)


def test_with_a_purpose_only_what_may_be_used_for_it_is_told() -> None:
    sites = [SiteStatus(status.label, status, SINCE) for status in Status]
    assert {row[1] for row in rows(*sites, purpose=Purpose.TEST)} == {"Active", "Degraded", "Probing"}


def test_what_is_out_of_service_has_no_line() -> None:
    assert rows(SiteStatus("A", Status.ACTIVE, SINCE, in_service=False)) == []


@given(st.lists(st.text(min_size=1)))
def test_whatever_a_site_is_called_it_stays_one_line_of_five_fields(names: list[str]) -> None:
    told = rows(*(SiteStatus(name, Status.ACTIVE, SINCE) for name in names))
    assert [len(fields) for fields in told] == [5] * len(names)

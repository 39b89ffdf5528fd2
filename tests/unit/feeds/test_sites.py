from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.mask import Holding
from gridmask.domain.status import Purpose, Status
from gridmask.feeds.sites import SiteStatus, sites
from gridmask.testing.times import moment
from gridmask.testing.values import element, row

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row

SITE = element("B", "Site", family="Site")


def holding(of: Element, *rows: Row) -> Holding:
    return Holding(of, {(row_.key.status_type, row_.key.vo): row_ for row_ in rows or (row(of),)})


def test_a_site_is_told_as_the_vo_sees_it() -> None:
    told = sites("cms", [holding(SITE, row(SITE), row(SITE, Status.BANNED, vo="cms", since="2026-08-01T10:00"))])
    assert told == [SiteStatus("B", Status.BANNED, moment("2026-08-01T10:00"))]


def test_what_is_no_site_or_another_vos_is_not_told() -> None:
    elsewhere = element("A", "Site", family="Site", offered={"atlas"})
    assert sites("cms", map(holding, (element("ce1"), elsewhere))) == []


def test_a_site_that_is_out_of_service_or_has_no_status_is_told_and_not_usable() -> None:
    closed = element("C", "Site", family="Site", in_service=False)
    told = sites("cms", [holding(closed), Holding(SITE, {})])
    assert [(site.name, site.status, site.is_usable(Purpose.USE)) for site in told] == [
        ("B", Status.UNKNOWN, False),
        ("C", Status.ACTIVE, False),
    ]


def test_sites_come_in_the_order_of_their_names() -> None:
    assert [site.name for site in sites("all", map(holding, (SITE, element("A", "Site", family="Site"))))] == ["A", "B"]


def test_where_the_portal_is_known_a_site_has_its_page() -> None:
    odd = element("A/ü?", "Site", family="Site")
    [site] = sites("vo&x", [holding(odd)], "https://rss.example.org")
    assert site.url == "https://rss.example.org/elements/Site/Site/A/%C3%BC%3F?vo=vo%26x"

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import fromstring

import pytest

from gridmask.collectors.gocdb import downtimes
from gridmask.demo.gocdb import Gocdb

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gridmask.demo.play import Play

ADDRESS = "https://gocdb.example.org/gocdbpi/public/"
NESTED, FLAT = "get_downtime_nested_services", "get_downtime"


def ask(play: Play, /, records: int = 100, **asked: str) -> Element:
    """What is answered at noon of Monday, with pages of so many records."""
    return fromstring(Gocdb(play, records).answer(asked, play.moment(12), ADDRESS))


def follow(play: Play, **asked: str) -> list[Element]:
    """Every page, two records each."""
    pages = [ask(play, 2, next_cursor="0", **asked)]
    while (link := pages[-1].find("meta/link[@rel='next']")) is not None:
        following = dict(parse_qsl(urlsplit(link.get("href", "")).query, keep_blank_values=True))
        pages.append(ask(play, 2, **following))
    return pages


def test_without_a_cursor_there_are_no_pages(play: Play) -> None:
    answer = ask(play, records=2, method="get_site")
    assert answer.find("meta") is None
    assert len(answer.findall("SITE")) == 6


def test_pages_follow_each_other_to_one_that_is_empty(play: Play) -> None:
    pages = follow(play, method="get_site", scope="")
    assert [page.findtext("meta/count") for page in pages] == ["2", "2", "2", "0"]
    assert len({site.get("ID") for page in pages for site in page.findall("SITE")}) == 6


def test_a_link_repeats_what_was_asked_for(play: Play) -> None:
    links = {link.get("rel"): link.get("href") for link in ask(play, method="get_site", scope="", next_cursor="0").iter("link")}
    assert links == {
        "self": f"{ADDRESS}?method=get_site&scope=&next_cursor=0",
        "next": f"{ADDRESS}?method=get_site&scope=&next_cursor=705",
        "prev": f"{ADDRESS}?method=get_site&scope=&prev_cursor=700",
        "start": f"{ADDRESS}?method=get_site&scope=&next_cursor=0",
    }


def test_a_page_before_is_the_one_that_leads_there(play: Play) -> None:
    page = ask(play, records=2, method="get_site", prev_cursor="704")
    assert [site.get("ID") for site in page.findall("SITE")] == ["702", "703"]


def test_a_page_counts_downtimes_not_elements(play: Play) -> None:
    page = ask(play, records=1, method=FLAT, next_cursor="0")
    whole = ask(play, method=FLAT)
    assert page.findtext("meta/count") == "1"
    assert len(whole.findall("DOWNTIME")) > len({d.get("ID") for d in whole.findall("DOWNTIME")})


def test_scopes_narrow_what_is_listed(play: Play) -> None:
    def counted(**asked: str) -> int:
        return len(ask(play, 100, method="get_service_endpoint", **asked))

    assert counted(scope="") == counted() == counted(scope="EGI") == 55
    assert 0 < counted(scope="EGI,astra") < counted(scope="tier1,astra", scope_match="any") < 55
    assert counted(scope="elsewhere") == 0


def test_a_window_gives_what_touches_it_and_its_last_day_belongs_to_it(play: Play) -> None:
    assert len(ask(play, method=NESTED, windowstart="2026-08-21", windowend="2026-08-21", scope="")) > 0
    assert len(ask(play, method=NESTED, windowend="2026-08-20", windowstart="2026-08-19", scope="")) == 0
    assert len(ask(play, method=NESTED, windowstart="2026-08-22", scope="")) == 0


def test_what_is_going_on_can_be_asked_for_alone(play: Play) -> None:
    listed = ask(play, method=NESTED, ongoing_only="yes").findall("DOWNTIME")
    running = play.running(play.moment(12))
    assert {int(downtime.get("ID", "")) for downtime in listed} <= running


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "get_weather"}, "Unable to find method: get_weather"),
        ({}, "Unable to find method: "),
        ({"method": "get_site", "colour": "blue"}, "Unsupported parameter: colour"),
        ({"method": "get_site", "next_cursor": "x"}, "Invalid next_cursor parameter"),
        ({"method": FLAT, "ongoing_only": "yes", "startdate": "2026-08-21"}, "Invalid parameter combination"),
        ({"method": FLAT, "windowstart": "yesterday"}, "Invalid windowstart parameter"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(play: Play, asked: dict[str, str], said: str) -> None:
    refusal = ask(play, 100, **asked)
    assert refusal.tag == "error"
    assert (refusal.text or "").startswith(said)


@pytest.mark.parametrize("hour", range(0, 120, 20))
def test_the_collector_reads_every_downtime(play: Play, hour: int) -> None:
    now = play.moment(hour)
    body = Gocdb(play).answer({"method": NESTED, "scope": ""}, now, ADDRESS)
    announcement = downtimes.read([body], "gocdb")
    assert announcement.problems == ()
    assert announcement.conclusive
    read = sorted((d.interval.start, d.interval.end, d.description) for d in announcement.downtimes.values())
    assert read == sorted((a.start, a.end, a.incident.description) for a in play.announced("gocdb", now))


def test_both_ways_of_listing_downtimes_say_the_same(play: Play) -> None:
    answers = (Gocdb(play).answer({"method": m, "scope": ""}, play.moment(60), ADDRESS) for m in (NESTED, FLAT))
    nested, flat = (downtimes.read([body], "gocdb").downtimes for body in answers)
    assert nested == flat

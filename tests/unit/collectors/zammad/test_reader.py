from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gridmask.collectors.observations import Observations
from gridmask.collectors.zammad.reader import read
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Tickets
from gridmask.source import Source
from gridmask.testing import answered


def ticket(number: int, sites: object = "LCG.A.ch", vo: object = None) -> dict[str, Any]:
    return {"id": number, "wlcg_sites": sites, "vo_support": vo, "title": "ignored"}


def said(*pages: list[dict[str, Any]], **options: object) -> Observations:
    source = Source(name="ggus", kind="zammad", url="https://help.example.org", valid_for=timedelta(hours=1), options=options)
    return read(answered(*(json.dumps(page).encode() for page in pages)), source, TypeRegistry())


def counted(observations: Observations) -> dict[tuple[str, str], int]:
    return {(item.key.about[-1], item.vo): item.value.open for item in observations.evidence if isinstance(item.value, Tickets)}


def test_open_tickets_are_counted_by_site() -> None:
    told = said([ticket(1), ticket(2)], [ticket(3, "LCG.B.ch")])
    assert counted(told) == {("LCG.A.ch", "all"): 2, ("LCG.B.ch", "all"): 1}
    first = told.evidence[0]
    assert first.key.about == ElementKey("Site", "Site", "LCG.A.ch")
    assert isinstance(first.value, Tickets)
    assert first.value.urls == ("https://help.example.org/#ticket/zoom/2", "https://help.example.org/#ticket/zoom/1")


def test_a_ticket_on_two_pages_is_one() -> None:
    assert counted(said([ticket(1)], [ticket(1)])) == {("LCG.A.ch", "all"): 1}


def test_a_ticket_that_names_a_vo_is_about_that_vo_alone() -> None:
    told = said([ticket(1, vo="CMS"), ticket(2, vo="none"), ticket(3, vo="")])
    assert counted(told) == {("LCG.A.ch", "cms"): 1, ("LCG.A.ch", "all"): 2}


def test_or_about_everyone_where_the_settings_say_so() -> None:
    assert counted(said([ticket(1, vo="cms"), ticket(2)], per_vo=False)) == {("LCG.A.ch", "all"): 2}


@pytest.mark.parametrize(
    "sites", ["T2_XX_A::Tier-2, T2_XX_B", ["T2_XX_A:more", " T2_XX_B"], "T2_XX_A,,T2_XX_B", ["T2_XX_B", "T2_XX_A", "T2_XX_A"]]
)
def test_several_sites_of_a_ticket_are_told_apart(sites: object) -> None:
    assert counted(said([ticket(1, sites)])) == {("T2_XX_A", "all"): 1, ("T2_XX_B", "all"): 1}


@pytest.mark.parametrize("sites", [None, "", [], " , "])
def test_a_ticket_about_no_site_is_about_nothing_here(sites: object) -> None:
    assert said([ticket(1, sites)]) == Observations((), rest=Tickets(0))


def test_names_can_be_others_here() -> None:
    told = said([ticket(1, "EXAMPLE-LCG2")], names={"EXAMPLE-LCG2": "LCG.Example.org"})
    assert counted(told) == {("LCG.Example.org", "all"): 1}


def test_a_vo_that_cannot_be_one_is_told_and_leaves_its_site_in_doubt() -> None:
    told = said([ticket(7, vo="two words"), ticket(8), ticket(9, "LCG.B.ch")])
    assert (counted(told), told.conclusive) == ({("LCG.B.ch", "all"): 1}, False)
    assert told.problems[0].startswith("ticket 7: vo_support: 'two words' cannot be")


@pytest.mark.parametrize("sites", [7, {"name": "LCG.A.ch"}, [7], True])
def test_a_site_that_cannot_be_read_may_be_any(sites: object) -> None:
    told = said([ticket(7, sites), ticket(8)])
    assert (counted(told), told.conclusive) == ({}, False)
    assert told.problems[0].startswith("ticket 7: wlcg_sites is no text")


def test_a_vo_that_cannot_be_one_is_no_matter_where_no_site_is_named() -> None:
    assert said([ticket(7, "", "two words"), ticket(8)]).problems == ()


@pytest.mark.parametrize("page", [{"error": "not authorised"}, [{"title": "x"}], [1], [{"id": "x"}]])
def test_what_is_no_page_of_tickets_is_refused(page: Any) -> None:  # noqa: ANN401
    with pytest.raises(MalformedAnswer, match="ggus"):
        said(page)

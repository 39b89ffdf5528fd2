from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.status import Status
from gridmask.portal.drawing.bars import LEAST, LENGTH, bar
from gridmask.portal.frame.wording import ago
from tests.grid import sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


async def test_the_page_tells_how_the_masks_and_sources_fare(client: httpx2.AsyncClient) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", (await client.get("/")).text).split())
    assert "usable rows 10 of 11 downtimes now 1 good sources 2 of 2 revision 2" in text
    assert "cms revision 2 10 Active 1 Banned 10 Active 1 Banned matrix JSON text stream" in text
    assert "feed osg-downtimes good 1 record, read just now" in text


@pytest.mark.parametrize("format", ["", "?format=text", "/stream"])
async def test_every_mask_is_linked_to(client: httpx2.AsyncClient, format: str) -> None:  # noqa: A002
    page = (await client.get("/")).text
    assert all(f'href="/api/v1/masks/{vo}{format}"' in page for vo in ("all", "cms", "atlas"))


async def test_the_matrix_of_every_vo_is_linked_to(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert all(f'<a href="/vos/{vo}">' in page for vo in ("all", "cms", "atlas"))


async def test_what_sources_say_is_shown_and_never_run(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    grid.feed.write_text("<script>alert(1)</script>")
    await sync(gridmask, "feed")
    page = (await client.get("/")).text
    assert "<script>" not in page
    assert 'class="failure"' in page


async def test_the_page_may_use_our_own_style_and_pictures_and_nothing_else(client: httpx2.AsyncClient) -> None:
    response = await client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';")
    assert re.findall(r'style="|<style|<script(?! type="module" src="/)|\son\w+=|https?://', response.text) == []


async def test_what_the_page_links_to_is_there_and_may_be_kept_for_ever(client: httpx2.AsyncClient) -> None:
    for path in set(re.findall(r'"(/static/[^"]+)"', (await client.get("/")).text)):
        response = await client.get(path)
        assert (response.status_code, "immutable" in response.headers["Cache-Control"]) == (200, True)
    assert (await client.get("/static/portal-000000000000.css")).status_code == 404


async def test_links_to_the_api_lead_somewhere(client: httpx2.AsyncClient) -> None:
    links = set(re.findall(r'href="(/[^"#]*)"', (await client.get("/")).text))
    paths = [link for link in links if not link.endswith("/stream")]
    assert [path for path in paths if (await client.get(path)).status_code != 200] == []


def test_a_single_banned_row_among_thousands_is_seen() -> None:
    made = bar({Status.ACTIVE: 99_999, Status.BANNED: 1})
    assert [part.status for part in made.parts] == [Status.ACTIVE, Status.BANNED]
    assert made.parts[1].length >= LEAST - 1
    assert sum(part.length for part in made.parts) == pytest.approx(LENGTH)
    assert (made.usable, made.rows) == (99_999, 100_000)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=2), "2 d ago"),
    ],
)
def test_ages_are_told_in_the_unit_that_suits(age: timedelta, said: str) -> None:
    assert ago(age) == said

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from gridmask.collectors.gocdb import pages
from gridmask.collectors.gocdb.pages import address, ask_all
from gridmask.domain.errors import MalformedAnswer, TimedOut, TooLarge
from gridmask.http import Answer
from tests import gocdb
from tests.gocdb import BASE, Gocdb

pytestmark = pytest.mark.anyio

SITES = [gocdb.site(f"S{number}", f"{number}G0") for number in range(1, 6)]
QUESTION = {"method": "get_site", "scope": ""}


class Saying:
    """Answers with what it was given, one after the other; with the last one for ever."""

    def __init__(self, *bodies: bytes, size: int | None = None) -> None:
        self.bodies = bodies
        self.size = size
        self.asked = 0

    async def __call__(self, url: str) -> Answer:
        self.asked += 1
        return gocdb.answer(url, self.bodies[min(self.asked, len(self.bodies)) - 1], self.size)


def turned(following: int) -> bytes:
    return gocdb.results(gocdb.site(), meta=gocdb.meta(1, following))


async def test_pages_are_asked_for_until_an_empty_one_comes() -> None:
    ask = Gocdb({"get_site": SITES}, size=2)
    answers = await ask_all(ask, BASE, QUESTION)
    assert [dict(parse_qsl(urlsplit(url).query))["next_cursor"] for url in ask.asked] == ["0", "2", "4", "5"]
    assert len(answers) == 4


async def test_our_server_is_asked_whatever_its_links_say() -> None:
    ask = Gocdb({"get_site": SITES})
    await ask_all(ask, BASE, QUESTION)
    assert all(url.startswith(f"{BASE}?method=get_site&scope=&next_cursor=") for url in ask.asked)


async def test_an_answer_without_meta_is_the_whole() -> None:
    ask = Saying(gocdb.results(*SITES))
    assert len(await ask_all(ask, BASE, QUESTION)) == 1


async def test_a_page_that_links_no_further_is_the_last() -> None:
    ask = Saying(gocdb.results(*SITES, meta=gocdb.meta(5)))
    assert len(await ask_all(ask, BASE, QUESTION)) == 1


async def test_an_empty_page_is_the_last_whatever_it_links_to() -> None:
    ask = Saying(turned(1), gocdb.results(meta=gocdb.meta(0, 1)))
    assert len(await ask_all(ask, BASE, QUESTION)) == 2


@pytest.mark.parametrize("cursors", [(0,), (5, 5), (5, 4), (3, 2, 1)])
async def test_a_cursor_that_does_not_advance_is_an_error(cursors: tuple[int, ...]) -> None:
    with pytest.raises(MalformedAnswer, match="so that there would be no end"):
        await ask_all(Saying(*map(turned, cursors)), BASE, QUESTION)


async def test_pages_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 20)
    ask = Gocdb({"get_site": SITES * 100}, size=1)
    with pytest.raises(MalformedAnswer, match="page 20 of get_site: goes on after 20 pages"):
        await ask_all(ask, BASE, QUESTION)
    assert len(ask.asked) == 20


async def test_pages_that_are_too_much_together_are_given_up() -> None:
    ask = Saying(*(turned(number) for number in range(1, 9)), size=pages.MOST_BYTES // 2)
    with pytest.raises(TooLarge, match="more than the 536,870,912 bytes"):
        await ask_all(ask, BASE, QUESTION)
    assert ask.asked == 3


async def test_pages_that_take_too_long_together_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LONGEST", 0.0)
    with pytest.raises(TimedOut, match="not all pages came within 0 s"):
        await ask_all(Gocdb({"get_site": SITES}), BASE, QUESTION)


async def test_a_later_page_that_is_none_is_an_error() -> None:
    with pytest.raises(MalformedAnswer, match="page 2 of get_site: has no <meta>"):
        await ask_all(Saying(turned(1), gocdb.results(*SITES)), BASE, QUESTION)


async def test_an_error_on_a_later_page_leaves_nothing() -> None:
    with pytest.raises(MalformedAnswer, match="page 2 of get_site: GOCDB refuses: Too busy"):
        await ask_all(Saying(turned(1), gocdb.error("Too busy")), BASE, QUESTION)


def test_what_the_base_says_is_asked_for_along() -> None:
    assert address("https://g.example.org/pi?roc=NGI_CH&tier=&scope=EGI#x", QUESTION, 7) == (
        "https://g.example.org/pi?roc=NGI_CH&tier=&scope=&method=get_site&next_cursor=7"
    )


async def test_what_is_told_of_a_failure_has_no_password() -> None:
    ask = Saying(turned(1), size=pages.MOST_BYTES + 1)
    with pytest.raises(TooLarge) as caught:
        await ask_all(ask, "https://someone:secret@g.example.org/", QUESTION)
    assert "secret" not in str(caught.value)

"""How who is logged in stays so, and who only seems to does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.logins import AT, GOING, SET, Browser, browsing
from tests.provider import Provider

if TYPE_CHECKING:
    from tests.grid import Grid


async def test_a_session_is_a_new_one_with_each_log_in(browser: Browser) -> None:
    browser.client.cookies.set("__Host-gridmask", "planted", domain="rss.example.org", path="/")
    await browser.log_in()
    first = browser.session
    await browser.log_in()
    assert len({first, browser.session, "planted"}) == 3


async def test_what_began_a_log_in_is_no_session_and_the_other_way_round(browser: Browser) -> None:
    await browser.get("/login")
    begun = browser.client.cookies["__Host-gridmask-login"]
    assert await browser.whoami(Cookie=f"__Host-gridmask={begun}") == "anonymous"
    back = browser.iam.let_in((await browser.get("/login")).headers["Location"])
    await browser.log_in()
    assert (await browser.get(back, Cookie=f"__Host-gridmask-login={browser.session}")).status_code == 401


async def test_a_session_that_was_tampered_with_is_none(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    good = browser.session
    parts = good.split(".")
    bad = [good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), good + "A", good[:40], ".".join(parts[:4]), "." * 4, "x" * 9000]
    bad += [".".join([*parts[:3], parts[3][::-1], parts[4]]), "eyJhbGciOiJub25lIn0.e30.", "\x00", '"']
    browser.client.cookies.clear()
    told = [await browser.whoami(Cookie=f"__Host-gridmask={value}") for value in bad]
    assert told == ["anonymous"] * len(bad)
    assert await browser.whoami(Cookie=f"__Host-gridmask={good}") == "1234@iam"


async def test_cookies_without_end_are_not_looked_at(browser: Browser) -> None:
    await browser.log_in()
    kept = browser.session
    browser.client.cookies.clear()
    assert await browser.whoami(Cookie=f"a={'b' * 20000}; __Host-gridmask={kept}") == "anonymous"


async def test_a_session_is_over_after_its_time(browser: Browser) -> None:
    await browser.log_in()
    kept = browser.session
    browser.grid.clock.advance(hours=7, minutes=59)
    assert await browser.whoami(Cookie=f"__Host-gridmask={kept}") == "1234@iam"
    browser.grid.clock.advance(minutes=1)
    assert await browser.whoami(Cookie=f"__Host-gridmask={kept}") == "anonymous"


async def test_a_session_is_over_once_the_rules_by_which_it_was_granted_are_others(grid: Grid) -> None:
    keys = grid.folder / "keys"
    keys.write_text(f"{'A' * 43}=\n")
    async with browsing(grid, Provider(), access={"session_key_file": keys}) as browser:
        await browser.log_in()
        kept = browser.session
    async with browsing(grid, Provider(), access={"session_key_file": keys}, grant=[]) as browser:
        assert await browser.whoami(Cookie=f"__Host-gridmask={kept}") == "anonymous"


FORGED = [
    {},
    {"Origin": AT, "Sec-Fetch-Site": "cross-site"},
    {"Origin": AT, "Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {**GOING},
    {"Origin": "null"},
    {"Origin": "http://rss.example.org"},
    {"Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://other.example.org", "Sec-Fetch-Site": "same-site"},
]


async def test_a_page_from_elsewhere_changes_nothing_by_a_session(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    for headers in FORGED:
        answer = await browser.client.post("/api/v1/statuses", json=SET, headers=headers)
        assert (headers, answer.status_code in {401, 403}) == (headers, True)
        await browser.client.post("/logout", headers=headers)
        assert await browser.whoami() == "1234@iam"


async def test_an_old_browser_that_says_but_whose_page_it_is_may(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    assert (await browser.client.post("/api/v1/statuses", json=SET, headers={"Origin": AT})).status_code == 200


async def test_what_a_page_from_elsewhere_asks_for_it_is_not_told_by_a_session(browser: Browser) -> None:
    await browser.log_in()
    for site in ("cross-site", "same-site"):
        included = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
        assert await browser.whoami(**included) == "anonymous"
        assert await browser.whoami(**{**GOING, "Sec-Fetch-Site": site}) == "anonymous"
        framed = {**GOING, "Sec-Fetch-Site": site, "Sec-Fetch-Dest": "iframe"}
        assert (await browser.get("/", **framed)).status_code == 401


async def test_who_follows_a_link_to_a_page_is_logged_in_there(browser: Browser) -> None:
    await browser.log_in(groups=["/cms"])
    assert (await browser.get("/vos/cms/matrix", **GOING)).status_code == 200


async def test_a_token_counts_for_more_than_a_session(browser: Browser) -> None:
    await browser.log_in()
    answer = await browser.client.get("/api/v1/access", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401

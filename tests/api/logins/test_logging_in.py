"""How people log in to the portal, and leave."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import TYPE_CHECKING

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.logins import AT, SAME, SET, Browser, browsing
from tests.provider import CLIENT, Provider

if TYPE_CHECKING:
    from tests.grid import Grid


async def test_who_logs_in_is_known_from_then_on_and_is_back_where_they_were(browser: Browser) -> None:
    answer = await browser.log_in("/login?next=/vos/cms/matrix%3Fq%3DCE", groups=["/cms/ops"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/vos/cms/matrix?q=CE")
    page = await browser.get("/vos/cms/matrix?q=CE")
    assert (page.status_code, "1234@iam" in page.text, "Log out" in page.text) == (200, True, True)


async def test_grants_are_those_of_the_issuers_rules(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    grants = (await browser.client.get("/api/v1/access")).json()["grants"]
    assert {(one["role"], one["vo"]) for one in grants} == {("operator", "cms")}
    assert (await browser.client.post("/api/v1/statuses", json=SET, headers=SAME)).status_code == 200


async def test_the_session_is_kept_as_safely_as_browsers_can(browser: Browser) -> None:
    kept = [value for name, value in (await browser.log_in()).headers.multi_items() if name == "set-cookie"]
    assert kept[0].startswith("__Host-gridmask=ey")
    assert kept[0].split("; ", 1)[1] == "HttpOnly; Max-Age=28800; Path=/; SameSite=lax; Secure"
    assert kept[1].startswith('__Host-gridmask-login=""; HttpOnly; Max-Age=0')


async def test_on_this_machine_alone_it_goes_without_tls(grid: Grid) -> None:
    async with browsing(grid, Provider(), access={"url": "http://127.0.0.1:8000"}) as browser:
        kept = (await browser.log_in()).headers["Set-Cookie"]
        assert kept.startswith("gridmask=ey")
        assert "Secure" not in kept
        assert await browser.whoami() == "1234@iam"


async def test_who_leaves_is_nobody_again_even_with_what_the_browser_kept(browser: Browser) -> None:
    await browser.log_in()
    kept = browser.session
    answer = await browser.client.post("/logout", headers=SAME)
    assert (answer.status_code, answer.headers["Location"], browser.session) == (303, "/", "")
    assert await browser.whoami(Cookie=f"__Host-gridmask={kept}") == "anonymous"


async def test_who_leaves_is_shown_where_to_log_out_of_the_issuer_as_well(grid: Grid) -> None:
    async with browsing(grid, Provider(farewell="https://iam.example.org/end?tenant=1")) as browser:
        await browser.log_in()
        answer = await browser.client.post("/logout", headers=SAME)
        assert answer.headers["Location"] == "/logout?issuer=iam"
        page = await browser.get(answer.headers["Location"])
        [there] = re.findall(r'href="(https://iam[^"]+)"', page.text)
        assert dict(httpx2.URL(unescape(there)).params) == {
            "tenant": "1",
            "client_id": CLIENT,
            "post_logout_redirect_uri": f"{AT}/",
        }
        assert (await browser.get("/logout?issuer=ian")).status_code == 404


@pytest.mark.parametrize("farewell", ["http://iam.example.org/end", "javascript:alert(1)", "//evil.example.org", 7, None])
async def test_an_issuer_that_says_no_good_place_to_log_out_is_left_alone(grid: Grid, farewell: object) -> None:
    async with browsing(grid, Provider(farewell=farewell)) as browser:
        await browser.log_in()
        assert (await browser.client.post("/logout", headers=SAME)).headers["Location"] == "/"


async def test_an_issuer_that_is_away_keeps_nobody_from_leaving(grid: Grid) -> None:
    async with browsing(grid, Provider(farewell="https://iam.example.org/end")) as browser:
        await browser.log_in()
        browser.iam.away = True
        browser.grid.clock.advance(minutes=16)
        answer = await browser.client.post("/logout", headers=SAME)
        assert (answer.status_code, answer.headers["Location"], await browser.whoami()) == (303, "/", "anonymous")


async def test_who_logs_in_and_out_is_in_the_books_of_the_vos_for_which_they_may_do_something(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    await browser.client.post("/logout", headers=SAME)
    await browser.log_in(groups=["/cms/ops"])
    entries = (await browser.client.get("/api/v1/audit?vo=cms&limit=3")).json()["entries"]
    assert [entry["action"] for entry in entries] == ["logged in", "logged out", "logged in"]
    assert {(entry["actor"], entry["issuer"], entry["address"]) for entry in entries} == {
        ("1234@iam", browser.iam.url, "127.0.0.1")
    }
    assert all(re.fullmatch("[0-9a-f]{32}", entry["request"]) for entry in entries)


async def test_a_log_in_that_failed_is_in_the_log_without_its_code(browser: Browser) -> None:
    with capture_logs() as told:
        await browser.log_in(nonce="another")
    [entry] = [one for one in told if one["event"] == "a log-in was refused"]
    assert (entry["issuer"], entry["address"]) == ("iam", "127.0.0.1")
    assert not any(code in str(told) for code in browser.iam.redeemed)


async def test_a_page_that_needs_more_says_where_to_log_in_and_sends_nobody_round(browser: Browser) -> None:
    page = await browser.get("/vos/cms/matrix?status=Banned")
    assert page.status_code == 401
    assert 'href="/login?next=%2Fvos%2Fcms%2Fmatrix%3Fstatus%3DBanned"' in page.text


async def test_who_is_known_and_may_not_is_not_sent_to_log_in(browser: Browser) -> None:
    await browser.log_in(groups=["/atlas"])
    page = await browser.get("/vos/cms/matrix")
    assert (page.status_code, "/login" in page.text, "Log out" in page.text) == (403, False, True)


async def test_userinfo_tells_what_id_tokens_do_not(grid: Grid) -> None:
    provider = Provider(told={"sub": "1234", "groups": ["/cms/ops"], "iss": "https://evil.example.org/"})
    async with browsing(grid, provider, userinfo=True) as browser:
        await browser.log_in()
        assert (await browser.client.get("/api/v1/masks/cms")).status_code == 200


async def test_a_secret_is_posted_where_that_is_wanted_and_a_public_client_has_none(grid: Grid) -> None:
    async with browsing(grid, Provider(method="client_secret_post")) as browser:
        assert (await browser.log_in()).status_code == 303
    async with browsing(grid, Provider(method="none"), client_secret_file=None) as browser:
        assert (await browser.log_in()).status_code == 303


async def test_a_key_in_a_file_keeps_sessions_over_a_restart_and_may_be_followed_by_another(grid: Grid) -> None:
    keys = grid.folder / "keys"
    keys.write_text(f"{'A' * 43}=\n")
    async with browsing(grid, Provider(), access={"session_key_file": keys}) as browser:
        await browser.log_in()
        kept = browser.session
    keys.write_text(f"{'B' * 42}A=\n{'A' * 43}=\n")
    async with browsing(grid, Provider(), access={"session_key_file": keys}) as browser:
        assert await browser.whoami(Cookie=f"__Host-gridmask={kept}") == "1234@iam"
    async with browsing(grid, Provider()) as browser:
        assert await browser.whoami(Cookie=f"__Host-gridmask={kept}") == "anonymous"


async def test_of_several_issuers_one_is_chosen(grid: Grid) -> None:
    async with browsing(grid, Provider(), Provider("https://egi.example.org/")) as browser:
        page = await browser.get("/login?next=/vos/cms")
        assert 'href="/login/iam?next=%2Fvos%2Fcms"' in page.text
        assert 'href="/login/iam1?next=%2Fvos%2Fcms"' in page.text
        assert (await browser.get("/login/iam1")).headers["Location"].startswith("https://egi.example.org/authorize?")


async def test_an_issuer_that_is_none_is_told_as_such(browser: Browser) -> None:
    page = await browser.get("/login/ian")
    assert (page.status_code, "iam" in page.text) == (404, True)


async def test_where_nobody_can_log_in_nothing_says_so(client: httpx2.AsyncClient) -> None:
    assert "Log" not in (await client.get("/")).text
    assert (await client.get("/login")).status_code == 404


async def test_who_sits_at_a_machine_without_authentication_is_called_local(client: httpx2.AsyncClient) -> None:
    assert '<span title="local">local</span>' in (await client.get("/")).text


# --- What each may see


async def test_in_an_installation_where_each_vo_reads_its_own_pages_tell_of_no_other(browser: Browser) -> None:
    await browser.log_in(groups=["/cms"])
    for path in ("/", "/vos/cms/matrix", "/elements/Resource/ComputingElement/CE1?vo=cms"):
        page = await browser.get(path)
        assert (path, page.status_code, "/vos/atlas/matrix" in page.text, "vo=atlas" in page.text) == (path, 200, False, False)
        assert (path, "/vos/all/matrix" in page.text, "vo=all" in page.text) == (path, False, False)


async def test_who_look_at_the_same_page_at_once_get_one_each(browser: Browser) -> None:
    kept = []
    for vo in ("cms", "atlas"):
        await browser.log_in(groups=[f"/{vo}"])
        kept.append(f"__Host-gridmask={browser.session}")
    pages = await asyncio.gather(*(browser.get("/", Cookie=cookie) for cookie in kept * 3))
    assert [("/vos/cms/matrix" in page.text, "/vos/atlas/matrix" in page.text) for page in pages] == [
        (True, False),
        (False, True),
    ] * 3
    assert pages[0].headers["ETag"] != pages[1].headers["ETag"]
    assert ("private" in pages[0].headers["Cache-Control"], "Cookie" in pages[0].headers["Vary"]) == (True, True)
    # else a browser would not say whose page a form is of
    assert pages[0].headers["Referrer-Policy"] == "same-origin"

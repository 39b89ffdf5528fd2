"""How people log in to the portal, stay so, and leave; and how they do not."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from markupsafe import escape
from starlette.responses import JSONResponse, Response
from structlog.testing import capture_logs

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.http import Backoff, Client
from tests.issuer import OTHER, RSA
from tests.provider import CLIENT, SECRET, Provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from tests.grid import Grid

AT = "https://rss.example.org"
OPS = [
    {"role": "operator", "vo": "{1}", "when": {"groups": "/*/ops"}},
    {"role": "reader", "vo": "{1}", "when": {"groups": "/*"}},
]
SAME = {"Origin": AT, "Sec-Fetch-Site": "same-origin"}
GOING = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SET = {"rows": [{"name": "CE1", "vo": "cms"}], "status": "Banned", "reason": "a try"}


class Browser:
    """A browser, without its eyes: keeps cookies, and is sent from one server to the other."""

    def __init__(self, client: httpx2.AsyncClient, grid: Grid, *providers: Provider) -> None:
        self.client = client
        self.grid = grid
        self.iam, *self.others = providers

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.client.get(path, headers={"Accept": "text/html", **headers})

    async def log_in(self, path: str = "/login", **claims: Any) -> httpx2.Response:  # noqa: ANN401
        sent = await self.get(path)
        return await self.get(self.iam.let_in(sent.headers["Location"], **claims), **GOING)

    async def whoami(self, **headers: str) -> str:
        return str((await self.client.get("/api/v1/access", headers=headers)).json()["name"])

    @property
    def session(self) -> str:
        return self.client.cookies.get("__Host-gridmask") or ""


@asynccontextmanager
async def browsing(
    grid: Grid,
    *providers: Provider,
    access: dict[str, Any] | None = None,
    **more: Any,  # noqa: ANN401 - whatever settings hold
) -> AsyncIterator[Browser]:
    secret = grid.folder / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    issuers = [
        {
            "name": f"iam{n or ''}",
            "url": one.url,
            "client_id": CLIENT,
            "client_secret_file": secret,
            "grant": OPS,
            **more,
        }
        for n, one in enumerate(providers)
    ]
    settings = grid.settings(access={"reading": "vo", "url": AT, **(access or {})}, issuer=issuers)
    outside = Client(grid.clock, backoff=Backoff(first=0.001), transport=httpx2.ASGITransport(_web(providers)))
    async with outside, installation(settings, clock=grid.clock, client=outside) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=settings.access.url if settings.access else AT) as client:
            yield Browser(client, grid, *providers)


def _web(providers: tuple[Provider, ...]) -> Any:  # noqa: ANN401
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"])[b"host"].decode()
        await next(one for one in providers if urlsplit(one.url).netloc == asked).app(scope, receive, send)

    return app


@pytest.fixture
async def browser(grid: Grid) -> AsyncIterator[Browser]:
    async with browsing(grid, Provider()) as made:
        yield made


# --- As it should be


async def test_who_logs_in_is_known_from_then_on_and_is_back_where_they_were(browser: Browser) -> None:
    answer = await browser.log_in("/login?next=/vos/cms%3Fq%3DCE", groups=["/cms/ops"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/vos/cms?q=CE")
    page = await browser.get("/vos/cms?q=CE")
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
    page = await browser.get("/vos/cms?status=Banned")
    assert page.status_code == 401
    assert 'href="/login?next=%2Fvos%2Fcms%3Fstatus%3DBanned"' in page.text


async def test_who_is_known_and_may_not_is_not_sent_to_log_in(browser: Browser) -> None:
    await browser.log_in(groups=["/atlas"])
    page = await browser.get("/vos/cms")
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
    for path in ("/", "/vos/cms", "/elements/Resource/ComputingElement/CE1?vo=cms"):
        page = await browser.get(path)
        assert (path, page.status_code, "/vos/atlas" in page.text, "vo=atlas" in page.text) == (path, 200, False, False)
        assert (path, "/vos/all" in page.text, "vo=all" in page.text) == (path, False, False)


async def test_who_look_at_the_same_page_at_once_get_one_each(browser: Browser) -> None:
    kept = []
    for vo in ("cms", "atlas"):
        await browser.log_in(groups=[f"/{vo}"])
        kept.append(f"__Host-gridmask={browser.session}")
    pages = await asyncio.gather(*(browser.get("/", Cookie=cookie) for cookie in kept * 3))
    assert [("/vos/cms" in page.text, "/vos/atlas" in page.text) for page in pages] == [(True, False), (False, True)] * 3
    assert pages[0].headers["ETag"] != pages[1].headers["ETag"]
    assert ("private" in pages[0].headers["Cache-Control"], "Cookie" in pages[0].headers["Vary"]) == (True, True)
    # else a browser would not say whose page a form is of
    assert pages[0].headers["Referrer-Policy"] == "same-origin"


# --- Attacks


async def test_nobody_is_led_elsewhere(browser: Browser) -> None:
    for back in ("https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "/\t/evil.example.org", "/logout"):
        sent = await browser.client.get("/login", params={"next": back})
        answer = await browser.get(browser.iam.let_in(sent.headers["Location"]))
        assert (back, answer.status_code, answer.headers["Location"]) == (back, 303, "/")


WRONG: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "somebody-else"},
    {"aud": None},
    {"aud": [CLIENT, "somebody-else"]},
    {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
    {"iss": "https://evil.example.org/"},
    {"exp": 1},
    {"exp": None},
    {"iat": None},
    {"iat": 2**40},
    {"sub": None},
    {"sub": ["1234"]},
    {"sub": ""},
    {"at_hash": "bm90aGluZw"},
]


async def test_an_id_token_that_is_not_for_this_log_in_is_refused(browser: Browser) -> None:
    for claims in WRONG:
        browser.iam.claims.clear()
        answer = await browser.log_in(**claims)
        assert (claims, answer.status_code, browser.session) == (claims, 401, "")


async def test_an_id_token_is_signed_by_its_issuer(browser: Browser) -> None:
    browser.iam.key = OTHER
    assert (await browser.log_in()).status_code == 401
    browser.iam.key, browser.iam.header = RSA, {"kid": "ec", "alg": "RS256"}
    assert (await browser.log_in()).status_code == 401


async def test_of_two_people_at_once_nobody_is_let_in(grid: Grid) -> None:
    async with browsing(grid, Provider(told={"sub": "another"}), userinfo=True) as browser:
        assert (await browser.log_in()).status_code == 401


async def test_a_log_in_that_this_browser_did_not_begin_is_refused(browser: Browser) -> None:
    back = browser.iam.let_in((await browser.get("/login")).headers["Location"])
    browser.client.cookies.clear()
    answer = await browser.get(back)
    assert (answer.status_code, browser.session, browser.iam.redeemed) == (401, "", [])


async def test_another_ones_code_is_of_no_use(browser: Browser) -> None:
    theirs = browser.iam.let_in((await browser.get("/login")).headers["Location"], sub="mallory")
    ours = (await browser.get("/login")).headers["Location"]
    state = parse_qs(urlsplit(ours).query)["state"][0]
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    params = {"code": code, "state": state, "iss": browser.iam.url}
    answer = await browser.client.get("/login/iam/callback", params=params)
    assert (answer.status_code, browser.session, browser.iam.redeemed) == (401, "", [])
    assert "invalid_grant" in answer.text
    assert "<b>no</b>" not in answer.text


@pytest.mark.parametrize("refusing", ["<b>no</b>", "no\nbody", "x" * 100, 7, ["invalid_grant"], {"a": 1}])
async def test_an_issuer_that_refuses_with_nonsense_is_told_without_it(grid: Grid, refusing: object) -> None:
    provider = Provider(refusing=refusing)
    async with browsing(grid, provider) as browser:
        back = browser.iam.let_in((await browser.get("/login")).headers["Location"])
        answer = await browser.get(back.replace("code=", "code=x"))
        assert (answer.status_code, "did not confirm who you are (no reason)" in answer.text) == (401, True)


NONSENSE = [
    (JSONResponse({}), 401),
    (JSONResponse({"access_token": "x", "token_type": "Bearer"}), 401),
    (JSONResponse({"access_token": 7, "id_token": ["x"], "expires_in": "soon"}), 503),
    (JSONResponse({"id_token": "a.b.c", "expires_in": {"a": 1}}), 503),
    (JSONResponse({"id_token": "e30.e30."}), 401),
    (JSONResponse({"error": None}), 401),
    (JSONResponse([]), 503),
    (JSONResponse(None), 503),
    (Response("<html>"), 503),
    (Response("<html>", 502), 503),
    (Response(b"x", 200, {"Content-Encoding": "gzip"}), 503),
    (Response(b"\xff\xfe", 200, {"Content-Type": "application/json"}), 503),
    (Response(b"[" * 100_000, 200, {"Content-Type": "application/json"}), 503),
    (Response("", 302, {"Location": "https://evil.example.org/"}), 503),
    (JSONResponse({"access_token": " " * 2**20}), 503),
]


async def test_whatever_an_issuer_answers_instead_of_tokens_is_told_as_its_fault(browser: Browser) -> None:
    for instead, status in NONSENSE:
        browser.iam.instead = instead
        answer = await browser.log_in()
        assert (instead.body[:40], answer.status_code, browser.session) == (instead.body[:40], status, "")


async def test_a_log_in_is_finished_once(browser: Browser) -> None:
    back = browser.iam.let_in((await browser.get("/login")).headers["Location"])
    kept = browser.client.cookies["__Host-gridmask-login"]
    assert (await browser.get(back)).status_code == 303
    again = await browser.get(back, Cookie=f"__Host-gridmask-login={kept}")
    assert (again.status_code, "finished before" in again.text, len(browser.iam.redeemed)) == (401, True, 1)


async def test_a_good_code_with_another_state_is_of_no_use(browser: Browser) -> None:
    url = httpx2.URL(browser.iam.let_in((await browser.get("/login")).headers["Location"]))
    for state in ("", "x", "é", url.params["state"][:-1], url.params["state"].lower()):
        answer = await browser.get(str(url.copy_with(params=url.params.set("state", state))))
        assert (answer.status_code, browser.session, browser.iam.redeemed) == (401, "", [])


async def test_a_log_in_that_takes_too_long_is_refused(browser: Browser) -> None:
    back = browser.iam.let_in((await browser.get("/login")).headers["Location"])
    browser.grid.clock.advance(seconds=601)
    assert (await browser.get(back)).status_code == 401


async def test_what_is_no_answer_logs_nobody_in(browser: Browser) -> None:
    await browser.get("/login")
    for answer in ("", "state=x", "error=access_denied", "code=1&state=x", "code=1", "state=x&state=x&code=1", "state=%C3%A9"):
        assert (await browser.get(f"/login/iam/callback?{answer}")).status_code in {401, 422}
    assert browser.session == ""


async def test_what_an_issuer_says_of_a_refusal_is_not_shown(browser: Browser) -> None:
    state = parse_qs(urlsplit((await browser.get("/login")).headers["Location"]).query)["state"][0]
    query = {"state": state, "iss": browser.iam.url, "error": "<script>", "error_description": "call +1 900"}
    page = await browser.client.get("/login/iam/callback", params=query, headers={"Accept": "text/html"})
    assert (page.status_code, "script>" in page.text, "900" in page.text) == (401, False, False)


async def test_an_issuer_cannot_pass_for_another(grid: Grid) -> None:
    honest, evil = Provider(says_who=False), Provider("https://evil.example.org/", says_who=False)
    async with browsing(grid, honest, evil) as browser:
        # the evil one sends on whoever comes to the honest one, to be given their code
        sent = (await browser.get("/login/iam1")).headers["Location"]
        back = honest.let_in(sent.replace(evil.url, honest.url))
        assert urlsplit(back).path == "/login/iam1/callback"  # which the honest one does not know
        assert (await browser.get(back.replace("iam1", "iam"))).status_code == 401
        # what it can also do: have the honest one send them back to where that one's people go
        sent = (await browser.get("/login/iam1")).headers["Location"]
        back = honest.let_in(sent.replace(evil.url, honest.url).replace("iam1", "iam"))
        assert urlsplit(back).path == "/login/iam/callback"
        assert (await browser.get(back)).status_code == 401
        assert (honest.redeemed, evil.redeemed, browser.session) == ([], [], "")


async def test_who_says_which_issuer_it_is_says_the_right_one(browser: Browser) -> None:
    for said in ("https://evil.example.org/", "", None):
        url = httpx2.URL(browser.iam.let_in((await browser.get("/login")).headers["Location"]))
        params = url.params.remove("iss") if said is None else url.params.set("iss", said)
        assert (await browser.get(str(url.copy_with(params=params)))).status_code == 401


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
    assert (await browser.get("/vos/cms", **GOING)).status_code == 200


async def test_a_token_counts_for_more_than_a_session(browser: Browser) -> None:
    await browser.log_in()
    answer = await browser.client.get("/api/v1/access", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401


async def test_a_name_is_text_whatever_it_looks_like(grid: Grid) -> None:
    async with browsing(grid, Provider(), access={"reading": "authenticated"}, name_claim="nick") as browser:
        for name in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"):
            await browser.log_in(nick=name)
            for path in ("/", "/nowhere"):
                page = (await browser.get(path)).text
                assert (path, f"{escape(name)}@iam" in page, "<script>alert" in page, "<img src=x" in page) == (
                    path,
                    True,
                    False,
                    False,
                )


async def test_a_name_that_cannot_be_shown_logs_nobody_in(grid: Grid) -> None:
    async with browsing(grid, Provider(), name_claim="nick") as browser:
        for name in ("a\nb", "\u202egpj.exe", " ", "x" * 200, 7):
            assert (await browser.log_in(nick=name)).status_code == 401


async def test_under_another_name_of_the_server_nobody_is_sent_off_in_vain(browser: Browser) -> None:
    page = await browser.get("/login", Host="rss2.example.org")
    assert (page.status_code, f"{AT}/login" in page.text) == (422, True)


async def test_an_issuer_that_is_away_or_is_wrong_of_itself_is_told(browser: Browser) -> None:
    browser.iam.away = True
    assert (await browser.get("/login")).status_code == 503
    browser.iam.away = False
    for endpoint in ("http://iam.example.org/token", "//iam.example.org", "", None, 7, ["https://iam.example.org/token"]):
        browser.iam.about["token_endpoint"] = endpoint
        assert (await browser.get("/login")).status_code == 503


async def test_who_takes_no_secret_that_we_know_how_to_show_is_told(browser: Browser) -> None:
    for methods in (["private_key_jwt"], [], None, 7):
        browser.iam.about["token_endpoint_auth_methods_supported"] = methods
        browser.grid.clock.advance(minutes=16)
        assert (await browser.log_in()).status_code == 503


async def test_a_secret_that_is_another_is_told_without_it(browser: Browser) -> None:
    (browser.grid.folder / "secret").write_text("wr0ng")
    answer = await browser.log_in()
    assert (answer.status_code, "invalid_client" in answer.text, "wr0ng" in answer.text) == (401, True, False)

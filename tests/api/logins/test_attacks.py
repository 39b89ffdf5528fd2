"""How nobody logs in who is not who they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from markupsafe import escape
from starlette.responses import JSONResponse, Response

from tests.issuer import OTHER, RSA
from tests.logins import AT, Browser, browsing
from tests.provider import CLIENT, Provider

if TYPE_CHECKING:
    from tests.grid import Grid


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

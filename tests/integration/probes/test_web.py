"""Probes that speak HTTP, at an nginx that answers as the services' documentation has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import where_installed
from tests.nginx import nginx
from tests.probing import found, login

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.nginx import Nginx

PAGES: dict[str, tuple[int, str]] = {
    "/": (200, "all is well"),
    "/moved": (302, ""),
    "/broken": (503, "later"),
    "/secret": (401, ""),
    "/long": (200, "x" * 3000),
    "/fts": (200, ""),
    "/fts/": (200, '{"api": {"major": 3}, "core": {}, "delegation": {}}'),
    "/fts/whoami": (200, '{"delegation_id": "0a", "vos": ["cms"], "user_dn": "/CN=probe"}'),
    "/fts-other/whoami": (200, '{"hello": 1}'),
    "/rucio/ping": (200, '{"version": "37.0.0"}'),
    "/dirac": (200, '{"OK": true, "Value": {}}'),
    "/dirac-refuses": (200, '{"OK": false, "Message": "Unauthorized query"}'),
    "/pscheduler/status": (200, '{"services": {"ticker": {"running": true}, "runner": {"running": true}}}'),
    "/pscheduler/stopped": (200, '{"services": {"ticker": {"running": true}, "runner": {"running": false}}}'),
    "/list": (200, "[]"),
    "/dav": (207, "<multistatus xmlns='DAV:'><response><status>HTTP/1.1 404 Not Found</status></response></multistatus>"),
    "/bomb": (207, "<!DOCTYPE x [<!ENTITY a 'b'>]><multistatus xmlns='DAV:'>&a;</multistatus>"),
}


def location(path: str, status: int, body: str) -> str:
    quoted = body.replace('"', r"\"")
    return f'location = {path} {{ default_type text/plain; return {status} "{quoted}"; }}'


@pytest.fixture(scope="module")
def server() -> Iterator[Nginx]:
    with where_installed(), nginx("\n".join(location(path, *page) for path, page in PAGES.items())) as made:
        yield made


async def seen(server: Nginx, kind: str, path: str, **more: Any) -> tuple[str, str]:  # noqa: ANN401
    finding = await found(kind, f"{server.url}{path}", **more)
    return finding.result, finding.summary


@pytest.fixture
def known() -> Any:  # noqa: ANN401
    """Somebody."""
    return login("somebody")


@pytest.mark.parametrize(
    ("kind", "path", "options", "expected"),
    [
        ("http", "/", {}, ("OK", "it answers 200 OK")),
        ("http", "/", {"contains": "all is well"}, ("OK", "it answers 200 OK")),
        ("http", "/", {"contains": "trouble"}, ("CRITICAL", "'trouble' is not in its page")),
        ("http", "/", {"method": "HEAD"}, ("OK", "it answers 200 OK")),
        ("http", "/moved", {}, ("OK", "it answers 302 Moved Temporarily")),
        ("http", "/moved", {"statuses": "2xx"}, ("CRITICAL", "it answers 302 Moved Temporarily")),
        ("http", "/broken", {}, ("CRITICAL", "it answers 503 Service Temporarily Unavailable")),
        ("http", "/secret", {"statuses": ["2xx", "401"]}, ("OK", "it answers 401 Unauthorized")),
        ("webdav", "/", {}, ("CRITICAL", "it answers 200 OK")),
        ("webdav", "/", {"statuses": "2xx"}, ("OK", "it answers PROPFIND with 200 OK")),
        ("webdav", "/dav", {}, ("CRITICAL", "it answers 207, and within that HTTP/1.1 404 Not Found")),
        ("webdav", "/bomb", {}, ("CRITICAL", "it answers 207 with something that is no XML")),
        ("webdav", "/", {"method": "OPTIONS"}, ("CRITICAL", "it answers OPTIONS without a header DAV: it is no WebDAV")),
        ("fts3", "/fts", {}, ("OK", "it tells its versions")),
        ("catalog", "/rucio", {}, ("OK", "it answers a ping")),
        ("catalog", "/dirac", {"api": "dirac"}, ("OK", "it answers a ping")),
        ("catalog", "/dirac-refuses", {"api": "dirac"}, ("CRITICAL", "it refuses: Unauthorized query")),
        ("perfsonar", "/pscheduler/status", {}, ("OK", "all services of its pScheduler run")),
        ("perfsonar", "/pscheduler/stopped", {}, ("CRITICAL", "these services of its pScheduler do not run: runner")),
        ("perfsonar", "/list", {}, ("CRITICAL", "it answers 200 OK with something that is not what a pScheduler tells: '[]'")),
        (
            "perfsonar",
            "/",
            {},
            ("CRITICAL", "it answers 200 OK with something that is not what a pScheduler tells: 'all is well'"),
        ),
    ],
)
async def test_what_is_found(server: Nginx, kind: str, path: str, options: dict[str, Any], expected: tuple[str, str]) -> None:
    assert await seen(server, kind, path, **options) == expected


async def test_who_shows_nothing_and_is_asked_for_it_concludes_nothing(server: Nginx) -> None:
    result, summary = await seen(server, "http", "/secret")
    assert (result, summary.endswith("it wants to know who asks, and this probe has no credentials")) == ("UNKNOWN", True)


async def test_who_shows_something_and_is_refused_says_so(server: Nginx, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("opaque")
    result = await seen(server, "http", "/secret", credentials=login(token_file=token))
    assert result == ("CRITICAL", "it answers 401 Unauthorized: it does not take our credentials")


async def test_fts3_knows_who_asks(server: Nginx, known: Any) -> None:  # noqa: ANN401
    assert await seen(server, "fts3", "/fts", credentials=known) == ("OK", "it knows who asks")
    other = await seen(server, "fts3", "/fts-other", credentials=known)
    assert other == ("CRITICAL", "it does not tell who we are: no delegation_id")


def result_of(**told: Any) -> str:  # noqa: ANN401
    return json.dumps({"result": {"succeeded": True, **told}})


async def test_results_of_perfsonar(shared_data: Path) -> None:
    sample = json.loads((shared_data / "samples/perfsonar/pscheduler_result.json").read_text())
    del sample["run"]
    told = {
        "/sample": json.dumps(sample),
        "/lossy": result_of(**{"packets-sent": 100, "packets-lost": 20}),
        "/worse": result_of(**{"packets-sent": 100, "packets-lost": 2}),
        "/failed": json.dumps({"result": {"succeeded": False, "error": "no route"}}),
        "/old": json.dumps({"result": {"succeeded": True}, "run": {"end-time": "2020-01-01T00:00:00Z"}}),
    }
    pages = "\n".join(location(path, 200, body) for path, body in told.items())
    with where_installed(), nginx(pages) as server:
        good = await found("perfsonar", f"{server.url}/sample")
        assert (good.result, good.metrics["throughput"]) == ("OK", 8.1e9)
        assert (await seen(server, "perfsonar", "/sample", least_throughput=1e10))[0] == "WARNING"
        assert (await seen(server, "perfsonar", "/lossy")) == ("CRITICAL", "the test lost 10.0% of its packets, or more")
        assert (await seen(server, "perfsonar", "/worse")) == ("WARNING", "the test lost 1.0% of its packets, or more")
        assert (await seen(server, "perfsonar", "/failed")) == ("CRITICAL", "the test failed: no route")
        assert (await seen(server, "perfsonar", "/old"))[
            1
        ] == "the last result is of 2020-01-01T00:00:00Z, which is too long ago"

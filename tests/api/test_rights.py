"""Who is let in to which route: by the table, and to nothing that is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import httpx2
import pytest
from fastapi.routing import APIRoute

from gridmask.api.app import create_app
from gridmask.api.rights import ROUTES, Needs
from gridmask.bootstrap import installation
from gridmask.portal.routes import OPEN, PAGES
from tests import osg
from tests.api.conftest import BASE
from tests.issuer import URL, Signer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

SIGNER = Signer()
ISSUER = {
    "name": "iam",
    "url": URL,
    "grant": [
        {"role": "reader", "vo": "{1}", "when": {"groups": "/*"}},
        {"role": "operator", "vo": "{1}", "when": {"groups": "/*/ops"}},
        {"role": "author", "vo": "{1}", "when": {"groups": "/*/authors"}},
        {"role": "reporter", "vo": "{1}", "when": {"groups": "/*/probes"}},
        {"role": "administrator", "vo": "all", "when": {"groups": "/experts"}},
    ],
}
FILLED = {
    "token": "t",
    "issuer": "iam",
    "vo": "cms",
    "batch": "b",
    "record": "r",
    "deed": "set",
    "name": "CE1",
    "receiver": "am",
    "family": "Resource",
    "type": "ComputingElement",
    "kind": "csv",
}
BANNED = {"rows": [{"name": "CE1", "vo": "cms"}], "status": "Banned", "reason": "a try"}


class Asking:
    """Whoever asks an installation with authentication."""

    def __init__(self, client: httpx2.AsyncClient, grid: Grid) -> None:
        self.client = client
        self._grid = grid

    def bearer(self, *groups: str) -> dict[str, str]:
        """The header of somebody who is in these groups."""
        return {"Authorization": f"Bearer {SIGNER.token(self._grid.clock(), groups=list(groups))}"}

    async def status(self, method: str, path: str, *groups: str, **more: Any) -> int:  # noqa: ANN401
        headers = self.bearer(*groups) if groups else {}
        return (await self.client.request(method, path, headers=headers, **more)).status_code


@asynccontextmanager
async def guarded(grid: Grid, reading: str, **access: Any) -> AsyncIterator[Asking]:  # noqa: ANN401
    settings = grid.settings(access={"reading": reading, **access}, issuer=[ISSUER], vo={"cms": {}, "atlas": {}})
    async with SIGNER.client(grid.clock) as client, installation(settings, clock=grid.clock, client=client) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as asking:
            yield Asking(asking, grid)


@pytest.fixture
async def private(grid: Grid) -> AsyncIterator[Asking]:
    """An installation in which each VO reads its own."""
    async with guarded(grid, "vo") as asking:
        yield asking


def routes() -> Iterator[tuple[str, str]]:
    """Every route that there is, pages included."""
    app = create_app(cast("Installation", None))
    described = app.openapi()["paths"]
    yield from ((method.upper(), path) for path, methods in described.items() for method in methods)
    for page in (*PAGES, *OPEN):
        found = [route for route in page.routes if isinstance(route, APIRoute)]
        yield from ((method, route.path) for route in found for method in (route.methods or set()) - {"HEAD"})


def test_the_table_has_every_route_and_nothing_else() -> None:
    assert {*routes(), ("GET", "/openapi.json")} == ROUTES.keys()


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_stranger_gets_in_nowhere_but_where_nothing_is_needed(private: Asking, method: str, path: str) -> None:
    filled = path.replace(":path", "").format(**FILLED)
    answer = await private.client.request(method, filled)
    is_open = ROUTES[method, path] is Needs.NOTHING
    assert (answer.status_code == 401) != is_open
    assert is_open or answer.headers["WWW-Authenticate"] == "Bearer"


OF_VOS = [route for route, needs in ROUTES.items() if needs in {Needs.READER_OF_PATH, Needs.READER_OF_QUERY}]


@pytest.mark.parametrize(("method", "path"), [route for route in OF_VOS if not route[1].endswith("/stream")])
async def test_who_reads_one_vo_reads_no_other(private: Asking, method: str, path: str) -> None:
    filled = path.replace(":path", "").format(**FILLED)
    query = {"name": "CE1", "type": "ComputingElement", "vo": "cms", "family": "Resource"}
    asked = {"params": {"vo": "cms"} if "elements/{" in path else query} if "{vo}" not in path else {}
    assert await private.status(method, filled, "/atlas", **asked) == 403
    assert await private.status(method, filled, "/cms", **asked) not in {401, 403}
    assert await private.status(method, filled, "/experts", **asked) not in {401, 403}


async def test_a_stream_of_another_vo_is_not_for_everybody(private: Asking) -> None:
    assert await private.status("GET", "/api/v1/masks/cms/stream", "/atlas") == 403


async def test_what_names_no_vo_is_about_all_of_them(private: Asking) -> None:
    assert await private.status("GET", "/api/v1/statuses", "/cms") == 403
    assert await private.status("GET", "/api/v1/masks/all", "/cms") == 403
    assert await private.status("GET", "/api/v1/elements", "/cms") == 200


@pytest.mark.parametrize("alias", ["cms", "CMS", " cms"])
async def test_however_a_vo_is_spelt_it_is_the_same(private: Asking, alias: str) -> None:
    assert await private.status("GET", f"/api/v1/masks/{alias}", "/cms") == 200
    assert await private.status("GET", f"/api/v1/masks/{alias}", "/atlas") == 403


@pytest.mark.parametrize(
    ("groups", "status"),
    [
        ((), 401),
        (("/cms",), 403),
        (("/cms/authors",), 403),
        (("/cms/probes",), 403),
        (("/atlas/ops",), 403),
        (("/cms/ops",), 200),
        (("/experts",), 200),
    ],
)
async def test_a_status_is_set_by_who_operates_the_vo(private: Asking, groups: tuple[str, ...], status: int) -> None:
    assert await private.status("POST", "/api/v1/statuses", *groups, json=BANNED) == status


async def test_who_reads_one_vo_is_told_of_no_other_by_lists_or_errors(private: Asking) -> None:
    listed = (await private.client.get("/api/v1/masks", headers=private.bearer("/cms"))).json()["masks"]
    assert [one["vo"] for one in listed] == ["cms"]
    for path in ("/api/v1/masks/atls", "/api/v1/masks/cmss", "/api/v1/statuses?vo=atls", "/vos/atls"):
        answer = await private.client.get(path, headers=private.bearer("/cms"))
        assert (path, answer.status_code, "atlas" in answer.text) == (path, 404, False)


@pytest.mark.parametrize("vo", ["cms", "cmss", "atlas", "lhcb"])
async def test_who_was_granted_nothing_learns_nothing_of_what_there_is(private: Asking, vo: str) -> None:
    for path, body in (("/api/v1/statuses", {**BANNED, "rows": [{"name": "CE1", "vo": vo}]}), (f"/api/v1/masks/{vo}", None)):
        method = "POST" if body else "GET"
        answer = await private.client.request(method, path, json=body, headers=private.bearer("nothing of note"))
        needs = "a role of some VO" if body else "a reader of any VO"
        told = f"1234@iam may not do this: that needs {needs}."
        assert (answer.status_code, answer.json()["detail"]) == (403, told)


async def test_who_may_not_is_told_what_it_takes(private: Asking) -> None:
    answer = await private.client.post("/api/v1/statuses", json=BANNED, headers=private.bearer("/cms"))
    assert answer.json()["detail"] == "1234@iam may not set statuses for cms: that needs an operator of cms."


@pytest.mark.parametrize(
    ("reading", "stranger", "known"), [("public", 200, 200), ("authenticated", 401, 200), ("vo", 401, 403)]
)
async def test_who_may_read_is_a_choice(grid: Grid, reading: str, stranger: int, known: int) -> None:
    async with guarded(grid, reading) as asking:
        assert await asking.status("GET", "/api/v1/masks/cms") == stranger
        assert await asking.status("GET", "/api/v1/masks/cms", "nothing of note") == known


@pytest.mark.parametrize("reading", ["public", "authenticated"])
async def test_who_may_read_everything_may_change_nothing(grid: Grid, reading: str) -> None:
    async with guarded(grid, reading) as asking:
        assert await asking.status("POST", "/api/v1/statuses", json=BANNED) == 401
        assert await asking.status("POST", "/api/v1/statuses", "nothing of note", json=BANNED) == 403


@pytest.mark.parametrize("shown", ["Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer  ", "x"])
async def test_what_proves_nothing_is_refused_even_where_nothing_is_needed(grid: Grid, shown: str) -> None:
    async with guarded(grid, "public") as asking:
        answer = await asking.client.get("/api/v1/masks/cms", headers={"Authorization": shown})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_without_authentication_a_token_is_of_no_interest(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/v1/masks/cms", headers={"Authorization": "Bearer x"})).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("rss.example.org", 200), ("RSS.example.org:8443", 200), ("127.0.0.1", 200), ("evil.example.org", 421), ("", 421)],
)
async def test_the_server_is_asked_for_by_its_names(grid: Grid, host: str, status: int) -> None:
    async with guarded(grid, "public", hosts=["rss.example.org"]) as asking:
        assert (await asking.client.get("/healthz", headers={"Host": host})).status_code == status


async def test_every_answer_has_an_identifier_of_its_own(private: Asking) -> None:
    answers = [await private.client.get("/healthz", headers={"X-Request-Id": "mine"}) for _ in range(2)]
    assert len({answer.headers["X-Request-Id"] for answer in answers} - {"mine"}) == 2


async def test_a_proxy_may_name_a_request_and_say_whence_it_came(grid: Grid) -> None:
    async with guarded(grid, "public", proxies=["127.0.0.1"]) as asking:
        answer = await asking.client.get("/healthz", headers={"X-Request-Id": "mine"})
        assert answer.headers["X-Request-Id"] == "mine"


async def test_who_only_reads_sees_what_is_in_quarantine_and_cannot_decide(private: Asking, grid: Grid) -> None:
    grid.clock.advance(minutes=10)
    grid.publish(osg.group("A", osg.resource("CE1", "CE")))
    assert await private.status("POST", "/api/v1/sources/osg/sync", "/experts") == 502
    for group, decides in (("/cms", False), ("/cms/ops", False), ("/experts", True)):
        page = (await private.client.get("/sources/osg", headers=private.bearer(group))).text
        assert ("An answer in quarantine" in page, 'name="decision"' in page) == (True, decides)
    form = {"sha256": "0" * 64, "reason": "x", "decision": "drop"}
    own = {"Origin": BASE, **private.bearer("/cms/ops")}
    assert (await private.client.post("/sources/osg/decide", headers=own, data=form)).status_code == 403

"""What is read most takes a quick way; it is told there as it is on the way that everything takes, or not at all."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.api.quick import Quick
from gridmask.bootstrap import installation
from tests.api.conftest import BASE

if TYPE_CHECKING:
    from starlette.types import Scope, Send

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

MASK = "/api/v1/masks/cms"
PUBLIC = {"reading": "public"}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each request, whether it took the quick way."""
    told: list[bool] = []
    was = Quick.tell

    async def tell(self: Quick, scope: Scope, send: Send) -> bool:
        told.append(await was(self, scope, send))
        return told[-1]

    monkeypatch.setattr(Quick, "tell", tell)
    return told


def asking(gridmask: Installation, *, quick: bool = True) -> httpx2.AsyncClient:
    app = create_app(gridmask)
    if not quick:
        app._quick = None  # type: ignore[attr-defined]  # it is one of ours
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE)


def told(answer: httpx2.Response) -> Any:  # noqa: ANN401 - to be compared
    return answer.status_code, answer.content, {**answer.headers, "x-request-id": ""}


async def test_it_tells_what_the_long_way_does(gridmask: Installation, taken: list[bool]) -> None:
    async with asking(gridmask) as quick, asking(gridmask, quick=False) as slow:
        for method, coding, known in product(("GET", "HEAD"), CODINGS, (None, "*", '"other"', "ours")):
            headers = {"Accept-Encoding": coding, "X-Forwarded-For": "192.0.2.1"}
            etag = (await slow.get(MASK, headers=headers)).headers["ETag"]
            if known is not None:
                headers["If-None-Match"] = etag if known == "ours" else known
            answers = [await client.request(method, MASK, headers=headers) for client in (slow, quick)]
            assert told(answers[0]) == told(answers[1])
    assert all(taken)


CODINGS = ("", "identity", "gzip", "zstd, gzip;q=0.5")


async def test_what_is_out_of_the_ordinary_takes_the_long_way(gridmask: Installation, taken: list[bool]) -> None:
    async with asking(gridmask) as client:
        await client.get(MASK)
        for path, headers in ODD:
            taken.clear()
            await client.get(path, headers=headers)
            assert taken == [False], (path, headers)


ODD: list[tuple[str, dict[str, str]]] = [
    (f"{MASK}?format=text", {}),
    (MASK, {"Origin": "https://page.example.org"}),
    (MASK, {"Authorization": "Bearer x"}),
    (MASK, {"Cookie": "session=x"}),
    (MASK, {"Host": "evil.example.org"}),
    (MASK, {"X-Request-Id": "mine"}),
    (MASK, {"Range": "bytes=0-1"}),
    ("/api/v1/masks/CMS", {}),
    ("/api/v1/masks/cmss", {}),
    ("/api/v1/masks/", {}),
    (f"{MASK}/stream/x", {}),
]


async def test_a_mask_that_has_to_be_made_does(gridmask: Installation, taken: list[bool]) -> None:
    async with asking(gridmask) as client:
        for _ in range(2):
            await client.get(MASK)
        await client.post("/api/v1/statuses", json={"rows": [{"name": "CE2"}], "status": "Banned", "reason": "It eats jobs."})
        for _ in range(2):
            assert b'"CE2","site":"A","status":{"all":"Banned"}' in (await client.get(MASK)).content
    assert taken == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("access", "quick"), [(PUBLIC, True), ({"reading": "vo"}, False), ({"reading": "authenticated"}, False)]
)
async def test_only_what_everybody_may_read_is_told_at_once(
    grid: Grid,
    taken: list[bool],
    access: dict[str, str],
    quick: bool,  # noqa: FBT001
) -> None:
    async with installation(grid.settings(access=access), clock=grid.clock) as gridmask, asking(gridmask) as client:
        await gridmask.masks.serve("cms")
        answer = await client.get(MASK, headers={"Accept-Encoding": ""})
    assert (taken, answer.status_code) == ([quick], 200 if quick else 401)


async def test_it_answers_to_its_own_names_alone(grid: Grid, taken: list[bool]) -> None:
    settings = grid.settings(access={**PUBLIC, "hosts": ["rss.example.org"]})
    async with installation(settings, clock=grid.clock) as gridmask, asking(gridmask) as client:
        await gridmask.masks.serve("cms")
        found = [(await client.get(MASK, headers={"Accept-Encoding": "", "Host": host})).status_code for host in HOSTS]
    assert (found, taken) == ([200, 200, 421, 200], [True, True, False, True])


HOSTS = ("rss.example.org", "RSS.example.org:8443", "other.example.org", "rss.example.org")


async def test_it_is_counted(gridmask: Installation, taken: list[bool]) -> None:
    async with asking(gridmask) as client:
        for _ in range(2):
            await client.get(MASK)
        metrics = (await client.get("/metrics")).text
    counted = next(
        line for line in metrics.splitlines() if 'route="/api/v1/masks/{vo}",status="200"' in line and 'method="GET"' in line
    )
    assert (taken, float(counted.split()[-1]) >= 2) == ([False, True, False], True)

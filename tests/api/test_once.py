"""Once: what comes with an ``Idempotency-Key`` is done once, and answered alike however often it comes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.domain.errors import StoreInDoubt, StoreUnavailable
from gridmask.service.statuses import Statuses
from gridmask.store import database as database_module
from gridmask.store import errands
from tests.api.conftest import BASE
from tests.api.test_rights import guarded
from tests.clocks import at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

STATUSES = "/api/v1/statuses"
BAN = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "It eats jobs."}
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd"'}


async def post(client: httpx2.AsyncClient, body: object = BAN, path: str = STATUSES, **headers: str) -> httpx2.Response:
    return await client.post(path, json=body, headers={**KEY, **headers})


async def changes(client: httpx2.AsyncClient) -> int:
    """How often somebody set a status."""
    entries = (await client.get("/api/v1/audit", params={"action": "set Banned"})).json()["entries"]
    return len(entries)


async def test_what_is_asked_for_twice_is_done_once_and_answered_alike(client: httpx2.AsyncClient, grid: Grid) -> None:
    first = await post(client)
    grid.clock.advance(hours=1)
    again = await post(client)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert first.headers["X-Request-Id"] != again.headers["X-Request-Id"]
    assert await changes(client) == 1


async def test_without_a_key_it_is_done_as_often_as_it_is_asked_for(client: httpx2.AsyncClient) -> None:
    for _ in range(2):
        assert (await client.post(STATUSES, json=BAN)).status_code == 200
    assert await changes(client) == 2


async def test_a_key_stands_for_one_request(client: httpx2.AsyncClient) -> None:
    first = await post(client)
    others: list[dict[str, Any]] = [
        {"body": {**BAN, "reason": "Another."}},
        {"path": "/api/v1/tokens", "body": BAN},
        {"path": f"{STATUSES}?x=1"},
        {"If-Match": '"2"'},
    ]
    for other in others:
        answer = await post(client, **other)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:gridmask:problem:key-reused")
        assert answer.json()["request"] == first.headers["X-Request-Id"]
    assert await changes(client) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"), [("PUT", STATUSES, 405), ("QUERY", STATUSES, 405), ("POST", "/api/v1/no", 404)]
)
async def test_what_cannot_be_done_is_told_as_such_whatever_its_key(
    client: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    await post(client)
    assert (await client.request(method, path, json=BAN, headers=KEY)).status_code == status


async def test_what_was_refused_is_not_kept(client: httpx2.AsyncClient) -> None:
    assert (await post(client, {**BAN, "rows": [{"name": "CE9"}]})).status_code == 404
    answer = await post(client)
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (200, False)


async def test_quotes_around_a_key_are_not_part_of_it(client: httpx2.AsyncClient) -> None:
    await post(client)
    assert (await post(client, **{"Idempotency-Key": "8e03978e-40d5-43dd"})).headers["Idempotency-Replayed"] == "true"


async def test_a_key_is_one_text_that_can_be_shown(client: httpx2.AsyncClient) -> None:
    for key in (b"", b'""', b'"', b"two words", b"x" * 256, b'half"quoted', b"caf\xe9"):
        answer = await client.post(STATUSES, json=BAN, headers=[(b"Idempotency-Key", key)])
        assert (answer.status_code, await changes(client)) == (400, 0), key
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert (await client.post(STATUSES, json=BAN, headers=twice)).status_code == 400


async def test_after_a_day_a_key_is_a_new_one(client: httpx2.AsyncClient, grid: Grid, gridmask: Installation) -> None:
    await post(client)
    grid.clock.advance(hours=24, seconds=1)
    assert "Idempotency-Replayed" not in (await post(client)).headers
    grid.clock.advance(hours=24, seconds=1)
    assert (await gridmask.housekeeping.tidy()).dropped["idempotency_keys"] == 1


async def test_a_key_belongs_to_who_took_it(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        body = {**BAN, "rows": [{"name": "CE2", "vo": "cms"}]}
        first = await post(asking.client, body, **asking.bearer("/cms/ops"))
        assert first.status_code == 200
        assert (await post(asking.client, body)).status_code == 401
        assert "Idempotency-Replayed" in (await post(asking.client, body, **asking.bearer("/cms/ops"))).headers


async def test_of_two_at_once_one_is_told_to_come_back(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, as_ever = asyncio.Event(), asyncio.Event(), Statuses.set

    async def slow(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        begun.set()
        await go_on.wait()
        return await as_ever(*given, **named)

    monkeypatch.setattr(Statuses, "set", slow)
    first = asyncio.create_task(post(client))
    await begun.wait()
    second, other = await post(client), await post(client, {**BAN, "reason": "Another."})
    go_on.set()
    assert (second.status_code, second.headers["Retry-After"], other.status_code) == (409, "1", 422)
    assert (await first).status_code == 200
    assert await changes(client) == 1


@pytest.fixture
async def elsewhere(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    """Another process on the same database."""
    async with grid.open() as made, httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(made)), base_url=BASE) as one:
        yield one


async def test_another_process_repeats_the_answer(client: httpx2.AsyncClient, elsewhere: httpx2.AsyncClient) -> None:
    first = await post(client)
    again = await post(elsewhere)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


async def test_of_two_processes_at_once_one_does_it(client: httpx2.AsyncClient, elsewhere: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(post(one) for one in (client, elsewhere) * 4))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert await changes(client) == 1


def dying(when: str) -> Callable[..., Any]:
    async def die(*_: object) -> None:
        raise StoreUnavailable(f"Died {when}.")

    return die


async def test_what_a_process_died_over_before_it_was_committed_is_done_by_who_asks_again(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("gridmask.inspection.inspector.ledger.carry_out", dying("before the commit"))
        assert (await post(client)).status_code == 503
    assert (await post(client)).status_code == 200
    assert await changes(client) == 1


async def test_what_was_done_is_not_done_again_though_nobody_knows_what_was_answered(
    client: httpx2.AsyncClient, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(errands, "keep", dying("before the answer was kept"))
        first = await post(client)
    assert first.status_code == 200
    soon = await post(client)
    assert (soon.status_code, soon.json()["type"].rpartition(":")[2]) == (409, "in-progress")
    grid.clock.advance(minutes=1)
    later = await post(client)
    assert (later.status_code, later.json()["type"].rpartition(":")[2]) == (409, "answer-lost")
    assert later.json()["request"] == first.headers["X-Request-Id"]
    (entry,) = (await client.get("/api/v1/audit", params={"request": later.json()["request"]})).json()["entries"]
    assert (entry["action"], await changes(client)) == ("set Banned", 1)


async def test_who_is_in_doubt_asks_again_with_the_same_key(
    client: httpx2.AsyncClient, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_ever = database_module.Database.writing

    def cut_off(self: Any) -> Any:  # noqa: ANN401
        @asynccontextmanager
        async def writing() -> AsyncIterator[Any]:
            async with as_ever(self) as given:
                yield given
            raise StoreInDoubt("The connection broke while it was committed.")

        return writing()

    with monkeypatch.context() as patched:
        patched.setattr(database_module.Database, "writing", cut_off)
        assert (await post(client)).status_code == 503
    grid.clock.advance(minutes=1)
    answer = await post(client)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "answer-lost")
    assert await changes(client) == 1


async def test_a_secret_is_told_once_and_kept_nowhere(client: httpx2.AsyncClient) -> None:
    body = {"name": "probe", "grants": [{"role": "reader", "vo": "cms"}], "days": 1, "reason": "a try"}
    first = await post(client, body, "/api/v1/access/tokens")
    assert (first.status_code, first.headers["Cache-Control"]) == (201, "no-store")
    again = await post(client, body, "/api/v1/access/tokens")
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "answer-lost")
    assert len((await client.get("/api/v1/access/tokens")).json()["tokens"]) == 1


OTHERS: dict[str, object] = {
    "/api/v1/tokens": {"rows": [{"name": "CE2"}], "reason": "mine"},
    "/api/v1/tokens/extend": {"rows": [{"name": "CE2"}], "lasting": True},
    "/api/v1/tokens/release": {"rows": [{"name": "CE2"}]},
    "/api/v1/automation": {"elements": [{"name": "CE2"}], "mode": "observe-only", "reason": "a try"},
    "/api/v1/downtimes": {"elements": [{"name": "CE2"}], "description": "fans", "end": at(days=1).isoformat()},
    "/api/v1/sources/osg/sync": None,
}


async def test_every_change_can_be_repeated(client: httpx2.AsyncClient) -> None:
    for path, body in OTHERS.items():
        first, again = [await client.post(path, json=body, headers={"Idempotency-Key": path}) for _ in range(2)]
        assert (first.is_success, again.content) == (True, first.content), path
        assert (again.headers["Idempotency-Replayed"], again.headers.get("Location")) == ("true", first.headers.get("Location"))


async def test_what_failed_on_the_way_is_answered_alike(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.inventory.unlink()
    first, again = [await client.post("/api/v1/sources/osg/sync", headers=KEY) for _ in range(2)]
    assert (first.status_code, again.content, again.headers["Idempotency-Replayed"]) == (502, first.content, "true")

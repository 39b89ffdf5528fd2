"""What concerns several VOs at once: each is told its own part of it, where each VO reads its own."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store import guard
from tests.api.conftest import BASE
from tests.api.test_rights import ISSUER, SIGNER, Asking
from tests.clocks import at
from tests.grid import ADMIN, outage, sync, toml_policies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

BATCHES = "/api/v1/batches"
TIGHT = "[guard]\ndeclared_share = 0.4\ndeclared_number = 0\n"
OPS = {"cms": "/cms/ops", "atlas": "/atlas/ops"}


@asynccontextmanager
async def held(grid: Grid, reading: str = "vo") -> AsyncIterator[tuple[Asking, Installation]]:
    """An installation that holds a batch: CE2, DUO and PRIVATE, which is CMS' alone, are announced to be down."""
    settings = grid.settings(access={"reading": reading}, issuer=[ISSUER], policies=toml_policies(grid.folder, TIGHT))
    async with SIGNER.client(grid.clock) as client, installation(settings, clock=grid.clock, client=client) as made:
        await sync(made)
        await made.tokens.take(ADMIN, [RowName(ElementName("DUO", "FTS"), vo="atlas")], "a row of its own")
        names = ("CE1", "CE2", "DUO", "PRIVATE")
        grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=5)) for n, name in enumerate(names)))
        await sync(made, "feed")
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as asking:
            yield Asking(asking, grid), made


@pytest.fixture
async def asking(grid: Grid) -> AsyncIterator[Asking]:
    async with held(grid) as (asking, _):
        yield asking


async def told(asking: Asking, path: str, *groups: str) -> Any:  # noqa: ANN401 - JSON
    answer = await asking.client.get(path, headers=asking.bearer(*groups))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_operators_are_told_of_batches_that_concern_their_vos_and_of_no_other_vo(asking: Asking) -> None:
    everything = [batch["vos"] for batch in (await told(asking, BATCHES, "/experts"))["batches"]]
    assert everything == [["all", "atlas", "cms"]]
    for vo, group in OPS.items():
        [batch] = (await told(asking, BATCHES, group))["batches"]
        assert batch["vos"] == ["all", vo]


async def test_of_the_rows_of_a_batch_each_is_told_those_in_its_mask(asking: Asking) -> None:
    [batch] = (await told(asking, BATCHES, "/experts"))["batches"]
    seen = {}
    for group in ("/experts", *OPS.values()):
        rows = (await told(asking, f"{BATCHES}/{batch['id']}", group))["held"]
        seen[group] = {(row["name"], row["vo"]) for row in rows}
    assert seen["/cms/ops"] == seen["/experts"] - {("DUO", "atlas")} >= {("PRIVATE", "all")}
    assert seen["/atlas/ops"] == seen["/experts"] - {("PRIVATE", "all")}


async def test_a_batch_of_another_vo_is_not_there(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        # what is left in it is CMS' alone
        grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=5)) for n, name in ((0, "CE1"), (3, "PRIVATE"))))
        await sync(made, "feed", force=True)
        [batch] = (await told(asking, BATCHES, "/cms/ops"))["batches"]
        await _only_for_cms(made, batch["id"])
        assert (await told(asking, BATCHES, "/atlas/ops"))["batches"] == []
        for method, path in (("GET", ""), ("POST", "/confirm"), ("POST", "/drop")):
            body, headers = {"reason": "x"} if method == "POST" else None, asking.bearer("/atlas/ops")
            answer = await asking.client.request(method, f"{BATCHES}/{batch['id']}{path}", headers=headers, json=body)
            assert (answer.status_code, "cms" in answer.text, answer.json()["suggestion"]) == (404, False, None)


async def test_who_may_read_everything_is_told_everything(grid: Grid) -> None:
    async with held(grid, "authenticated") as (asking, _):
        [batch] = (await told(asking, BATCHES, "/cms/ops"))["batches"]
        assert batch["vos"] == ["all", "atlas", "cms"]


async def test_a_stream_tells_of_batches_that_concern_its_vo_alone(grid: Grid) -> None:
    async with held(grid) as (_, made):
        [batch] = await made.batches.list()
        await made.board.refresh()
        assert json.loads(await _held_for(made, "atlas")) == {"batches": [batch.id]}
        made.board.waiting = {batch.id: frozenset({"all", "cms"})}
        assert json.loads(await _held_for(made, "cms")) == {"batches": [batch.id]}
        made.board.waiting = {"another": frozenset({"all", "cms"}), batch.id: frozenset({"all", "atlas"})}
        assert json.loads(await _held_for(made, "atlas")) == {"batches": [batch.id]}


async def test_of_what_was_done_to_several_vos_the_audit_tells_each_its_own(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        rows = [RowName(ElementName("CE1"), vo=vo) for vo in ("cms", "atlas")]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "a try")
        for vo, group in OPS.items():
            entry = (await told(asking, f"/api/v1/audit?vo={vo}&limit=1", group))["entries"][0]
            assert (entry["vos"], entry["changed"], [one["vo"] for one in entry["changes"]]) == ([vo], 1, [vo])
        entry = (await told(asking, "/api/v1/audit?vo=cms&limit=1", "/experts"))["entries"][0]
        assert (entry["vos"], entry["changed"]) == (["atlas", "cms"], 2)


async def test_a_downtime_for_one_vo_is_told_to_no_other(asking: Asking) -> None:
    body = {"elements": [{"name": "CE2"}], "end": "2026-08-22T17:00:00Z", "severity": "OUTAGE", "vo": "cms"}
    declared = {**body, "description": "secret plans"}
    answer = await asking.client.post("/api/v1/downtimes", json=declared, headers=asking.bearer("/cms/ops"))
    assert answer.status_code == 201, answer.text
    page = "/elements/Resource/ComputingElement/CE2"
    for group, vo, is_told in (("/cms", "cms", True), ("/atlas", "atlas", False), ("/experts", "atlas", True)):
        for path in ("/api/v1/downtimes", "/api/v1/downtimes?versions=true&when=all", f"{page}?vo={vo}"):
            answer = await asking.client.get(path, headers=asking.bearer(group))
            assert (path, answer.status_code, "secret plans" in answer.text) == (path, 200, is_told)


async def _held_for(made: Installation, vo: str) -> bytes:
    news = made.masks.stream(vo, made.board.revision)
    try:
        return (await anext(news)).data
    finally:
        await news.aclose()


async def _only_for_cms(made: Installation, batch: str) -> None:
    """Have it that too much would have been taken from CMS alone."""

    async def work(connection: Any, _: int) -> None:  # noqa: ANN401
        found = await guard.find(connection, batch)
        assert found is not None
        await guard.save(connection, [replace(found, vos=frozenset({"cms"}))])

    await made.database.change(work)

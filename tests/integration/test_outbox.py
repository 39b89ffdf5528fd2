"""What the outside is told of each change, by an address that listens for real."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store import deliveries
from gridmask.store.tables import outbox
from tests.clocks import at
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation

CE1 = RowName(ElementName("CE1"))


@dataclass
class Receiver:
    """Notes what it is told, and answers with each of ``statuses`` in turn, then with 204."""

    statuses: list[int] = field(default_factory=list)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        content = await reader.readexactly(int(headers["content-length"]))
        body = json.loads(content)
        self.raw.append((headers, content))
        self.told.append((headers.get("idempotency-key", ""), body))
        status = self.statuses.pop(0) if self.statuses else 204
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening(*statuses: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(statuses))
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told"
    async with server:
        yield receiver


def hooks(receiver: Receiver) -> dict[str, Any]:
    return {"webhook": ({"name": "ours", "url": receiver.url},)}


async def waiting(made: Installation, name: str = "ours") -> int:
    async with made.database.reading() as connection:
        return (await deliveries.waiting(connection, name))[0]


async def failed(made: Installation) -> list[tuple[str, str, str]]:
    async with made.database.reading() as connection:
        return [(row.action, row.key, row.state) for row in await deliveries.failed(connection)]


async def test_each_revision_is_told_once_in_order_with_what_changed(grid: Grid) -> None:
    async with listening() as receiver, grid.open(**hooks(receiver)) as made:
        await sync(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "security")
        assert await made.dispatcher.deliver()
        assert [key for key, _ in receiver.told] == ["revision-1", "revision-2", "revision-3"]
        _, last = receiver.told[-1]
        (change,) = last["changes"]
        assert (last["actor"], change["name"], change["reasons"]) == ("admin", "CE1", ["security"])
        assert (change["old"], change["new"]) == ("Active", "Banned")
        assert await made.dispatcher.deliver()
        assert len(receiver.told) == 3


async def test_what_was_refused_is_told_again_under_the_same_key_before_anything_later(grid: Grid) -> None:
    async with listening(503) as receiver, grid.open(**hooks(receiver)) as made:
        await sync(made)
        assert not await made.dispatcher.deliver()
        assert await waiting(made) == 2
        assert not await made.dispatcher.deliver()
        grid.clock.advance(minutes=1)
        assert await made.dispatcher.deliver()
        assert [key for key, _ in receiver.told] == ["revision-1", "revision-1", "revision-2"]
        assert await waiting(made) == 0


@pytest.mark.parametrize(
    ("status", "trouble", "state"),
    [
        (301, "refused", "dead"),
        (404, "refused", "dead"),
        (408, "fault", "waiting"),
        (429, "deferred", "waiting"),
        (500, "fault", "waiting"),
        (503, "deferred", "waiting"),
    ],
)
async def test_an_answer_that_is_no_success_means_now_later_or_never(grid: Grid, status: int, trouble: str, state: str) -> None:
    async with listening(status) as receiver, grid.open(**hooks(receiver)) as made:
        await sync(made, "osg")
        await made.dispatcher.deliver()
        assert [(one.trouble, one.state) for one in await made.deliveries.failed(ADMIN)] == [(trouble, state)]


async def test_an_address_that_is_not_there_loses_nothing(grid: Grid) -> None:
    async with listening() as receiver:
        gone = hooks(receiver)
    async with grid.open(**gone) as made:
        await sync(made)
        assert not await made.dispatcher.deliver()
        assert await waiting(made) == 2


async def test_what_was_delivered_long_ago_is_forgotten(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.dispatcher.deliver()
        grid.clock.now = at(days=8)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "security")
        await made.housekeeping.tidy()
        await made.dispatcher.deliver()
        async with made.database.reading() as connection:
            assert [row.key for row in await connection.execute(select(outbox.c.key))] == ["revision-3"]


@pytest.mark.parametrize("form", ["plain", "cloudevents", "cloudevents-binary"])
async def test_what_is_signed_can_be_told_from_what_others_send(grid: Grid, form: str) -> None:
    secret = grid.folder / "secret"
    secret.write_text("a secret of enough bytes\n")
    async with listening() as receiver:
        hook = {**hooks(receiver)["webhook"][0], "form": form, "secret_file": secret}
        async with grid.open(webhook=(hook,)) as made:
            await sync(made)
            assert await made.dispatcher.deliver()
    headers, body = receiver.raw[-1]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.digest(b"a secret of enough bytes", content, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert (headers["webhook-id"], int(headers["webhook-timestamp"])) == ("revision-2", int(grid.clock().timestamp()))
    assert (headers.get("ce-id"), "data" in json.loads(body)) == (
        "revision-2" if form.endswith("y") else None,
        form == "cloudevents",
    )

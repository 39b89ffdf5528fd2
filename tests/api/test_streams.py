from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from starlette.exceptions import HTTPException

from gridmask.access.settings import Limits
from gridmask.api import streams
from gridmask.api.streams import EventStream, Stream, Streams, frame
from gridmask.api.wheel import Wheel
from gridmask.domain.actor import Actor
from gridmask.domain.errors import StoreUnavailable, Unauthenticated
from gridmask.domain.status import Status
from gridmask.service import channel
from gridmask.service.news import News
from gridmask.service.selection import ElementName, RowName
from tests.told import Book
from tests.wires import Taken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

    from gridmask.api.streams import Ask
    from gridmask.bootstrap import Installation

ADMIN = Actor.administrator("admin")


class Reader:
    """Somebody at the other end of an answer by ASGI."""

    def __init__(self, book: Book, among: Streams, whose: str = "", ask: Ask | None = None) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.ended = False
        self._left = asyncio.Event()
        answer = EventStream(partial(book.following, None), among, whose, ask)
        self.task = asyncio.create_task(answer({"type": "http", "method": "GET"}, self._receive, self._send))

    async def leave(self) -> None:
        self._left.set()
        await asyncio.wait_for(self.task, 5)

    async def until(self, wanted: bytes) -> None:
        async with asyncio.timeout(5):
            while wanted not in await self.heard.get():
                pass

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's
        if body := message.get("body"):
            self.heard.put_nowait(body)
        self.ended |= message["type"] == "http.response.body" and not message.get("more_body")


@pytest.fixture
def book() -> Book:
    return Book()


async def opened(book: Book, among: Streams, whose: str = "", ask: Ask | None = None) -> Reader:
    reader = Reader(book, among, whose, ask)
    await reader.until(b"event: mask")
    return reader


@asynccontextmanager
async def following(book: Book, wire: Taken, since: int | None = None) -> AsyncIterator[Stream]:
    """A stream that writes to ``wire``."""
    stream = Stream()
    with book.following(since, stream) as place:
        running = asyncio.create_task(stream.run(place, wire))
        try:
            yield stream
        finally:
            stream.close(streams.CLOSED)
            await asyncio.wait_for(running, 5)


# --- What is told


def test_every_line_of_news_is_a_line_of_data() -> None:
    told = frame(News("mask", 7, b'{"a":\n1}\n', "0123456789abcdef"))
    assert told.plain == b'event: mask\nid: 7-0123456789abcdef\ndata: {"a":\ndata: 1}\ndata: \n\n'
    assert told.chunk == b"%x\r\n%s\r\n" % (len(told.plain), told.plain)


async def test_news_is_told_as_it_comes_and_made_once_for_all(book: Book) -> None:
    wires = [Taken(), Taken()]
    async with following(book, wires[0]), following(book, wires[1]):
        for wire in wires:
            await wire.until(2)
        book.write({"CE1": 1})
        for wire in wires:
            assert (await wire.until(3))[2].startswith(b"event: delta\nid: 1-")
    assert wires[0].made[1:] == wires[1].made[1:]
    assert wires[0].made[2] is wires[1].made[2]


async def test_a_reader_who_comes_back_is_told_what_it_missed_alone(book: Book) -> None:
    for number in range(3):
        book.write({f"CE{number}": number})
    wire = Taken()
    async with following(book, wire, since=2):
        frames = await wire.until(2)
    assert frames[1].startswith(b"event: delta\nid: 3-")


async def test_changes_that_come_while_all_are_told_are_told_as_one(book: Book) -> None:
    wire = Taken()
    async with following(book, wire):
        await wire.until(2)
        for number in range(5):
            book.write({"CE1": number})
        frames = await wire.until(3)
    assert frames[2].startswith(b"event: delta\nid: 5-")


# --- Readers who are slow


async def test_a_slow_reader_is_told_all_once_it_takes_it(book: Book) -> None:
    wire = Taken(room=2)
    async with following(book, wire):
        await wire.until(2)
        for number in range(3):
            book.write({"CE1": number})
            await book.told()
        wire.take()
        frames = await wire.until(5)
    assert [one.split(b"\n")[1][:5] for one in frames[2:]] == [b"id: 1", b"id: 2", b"id: 3"]


async def test_a_reader_who_is_too_far_behind_is_cut_off(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_STEPS", 2)
    wire = Taken(room=3)
    async with following(book, wire) as stream:
        await wire.until(2)
        for number in range(5):
            book.write({"CE1": number})
            await book.told()
        assert stream.is_cut
    assert wire.aborted


async def test_who_still_takes_the_whole_mask_may_be_far_behind(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_STEPS", 2)
    wire = Taken(room=2)
    async with following(book, wire) as stream:
        await wire.until(2)
        for number in range(5):
            book.write({"CE1": number})
            await book.told()
        assert not stream.is_cut
        wire.take()
        frames = await wire.until(3)
    assert frames[2].startswith(b"event: delta\nid: 5-")


async def test_who_has_to_catch_up_does_so_once_it_takes_more(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_STEPS", 2)
    wire = Taken(room=2)
    async with following(book, wire) as stream:
        await wire.until(2)
        for number in range(5):
            book.write({"CE1": number})
            await book.told()
        wire.take(1)
        stream.tend()
        await book.told()
        wire.take()
        frames = await wire.until(4)
    assert frames[3].startswith(b"event: delta\nid: 5-")


async def test_a_reader_who_takes_nothing_is_given_up(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PATIENCE", -1)
    wire = Taken(room=2)
    async with following(book, wire) as stream:
        await wire.until(2)
        stream.tend()
        assert stream.is_cut
    assert wire.aborted


async def test_a_reader_who_hears_nothing_new_is_told_that_all_is_well(book: Book) -> None:
    wire = Taken()
    async with following(book, wire) as stream:
        await wire.until(2)
        stream.tend()
        assert wire.frames[2] == b":\n\n"


# --- Ends


async def test_a_reader_who_leaves_leaves_nothing_behind(book: Book) -> None:
    among, one = Streams(), Limits(streams=1)
    reader = await opened(book, among)
    with pytest.raises(HTTPException, match="There are 1 streams open"):
        among.require_room("", one)
    await reader.leave()
    among.require_room("", one)
    assert not book.newsroom.is_followed


async def test_closing_ends_every_stream_in_good_order_and_lets_no_more_in(book: Book) -> None:
    among = Streams()
    readers = [await opened(book, among) for _ in range(3)]
    among.close()
    await asyncio.wait([reader.task for reader in readers], timeout=5)
    assert all(reader.ended for reader in readers)
    with pytest.raises(HTTPException):
        among.require_room("", Limits())


async def test_nobody_has_all_the_streams_that_there_may_be(book: Book) -> None:
    among, limits = Streams(), Limits(streams_each=2)
    readers = [await opened(book, among, "1234@iam") for _ in range(2)]
    with pytest.raises(HTTPException, match="You have 2 streams open"):
        among.require_room("1234@iam", limits)
    among.require_room("5678@iam", limits)
    await readers[0].leave()
    among.require_room("1234@iam", limits)
    await readers[1].leave()


async def test_a_reader_who_may_read_no_more_is_told_no_more(book: Book) -> None:
    async def ask() -> None:
        raise Unauthenticated("It was revoked.")

    reader = await opened(book, Streams(Wheel(0.05)), "1234@iam", ask)
    await asyncio.wait_for(reader.task, 5)
    assert reader.ended


async def test_streams_whose_mask_is_gone_end_so_that_readers_come_back_and_are_told(book: Book) -> None:
    reader = await opened(book, Streams())
    book.retire()
    await asyncio.wait_for(reader.task, 5)
    assert reader.ended


async def test_a_stream_that_cannot_be_told_anything_ends_so_that_the_reader_comes_back(book: Book) -> None:
    book.failure = StoreUnavailable("The database is away.")
    reader = Reader(book, Streams())
    await asyncio.wait_for(reader.task, 5)
    assert reader.ended


# --- Whatever happens


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_happens_events_rebuild_exactly_the_mask(book: Book, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(channel, "MOST_STEPS", 3)
    chance = random.Random(seed)
    follower = book.follower()
    async with asyncio.timeout(10):
        for _ in range(60):
            await chance.choice((book.by_chance, book.by_chance, follower.take_some, follower.come_and_go, book.told))(chance)
        await follower.catch_up()
        assert follower.mask == book.mask
        await follower.leave()
    assert follower.is_gapless


# --- By HTTP


@pytest.mark.parametrize(
    ("query", "status"), [("?since=x", 422), ("?since=-1", 422), ("?sicne=1", 422), ("?since=1&since=1", 422)]
)
async def test_a_stream_that_makes_no_sense_never_begins(client: httpx2.AsyncClient, query: str, status: int) -> None:
    assert (await client.get(f"/api/v1/masks/cms/stream{query}")).status_code == status


async def test_there_is_no_stream_of_an_unknown_vo(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/masks/cmss/stream")
    assert (response.status_code, response.json()["suggestion"]) == (404, "cms")


async def test_a_stream_can_be_read_only(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/v1/masks/cms/stream", json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


async def test_a_change_is_told_that_takes_back_part_of_what_one_glance_at_the_database_brought(gridmask: Installation) -> None:
    ce2, fts = RowName(ElementName("CE2"), vo="cms"), RowName(ElementName("DUO", "FTS"), vo="atlas")
    await gridmask.board.refresh()
    news = gridmask.masks.stream("cms", gridmask.board.revision)
    await gridmask.statuses.set(ADMIN, [ce2], Status.BANNED, "trouble")
    await gridmask.statuses.set(ADMIN, [fts], Status.BANNED, "a later revision, which is none of CMS' business")
    assert b"Banned" in (await anext(news)).data
    await gridmask.statuses.set(ADMIN, [ce2], Status.ACTIVE, "none after all")
    await gridmask.board.refresh()
    assert b'"name":"CE2","site":"A","status":{"all":"Active"}' in (await anext(news)).data
    await news.aclose()

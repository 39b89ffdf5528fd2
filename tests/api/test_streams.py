from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

import pytest
from starlette.exceptions import HTTPException

from gridmask.access.settings import Limits
from gridmask.api import streams
from gridmask.api.streams import EventStream, Streams, frame
from gridmask.domain.actor import Actor
from gridmask.domain.errors import StoreUnavailable, Unauthenticated
from gridmask.domain.status import Status
from gridmask.service.bookmark import Bookmark
from gridmask.service.masks import News
from gridmask.service.selection import ElementName, RowName

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation

ADMIN = Actor.administrator("admin")


class Reader:
    """Somebody at the other end of a stream."""

    def __init__(self, stream: EventStream) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.began = self.ended = False
        self._left = asyncio.Event()
        self.task = asyncio.create_task(stream({"type": "http"}, self._receive, self._send))

    async def leave(self) -> None:
        self._left.set()
        await asyncio.wait_for(self.task, 5)

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's
        self.began = True
        if body := message.get("body"):
            self.heard.put_nowait(body)
        self.ended |= message["type"] == "http.response.body" and not message.get("more_body")


class Feed:
    """News that a test tells."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[News | Exception] = asyncio.Queue()
        self.closed = False

    async def news(self) -> AsyncGenerator[News, None]:
        try:
            while True:
                told = await self.coming.get()
                if isinstance(told, Exception):
                    raise told
                yield told
        finally:
            self.closed = True


@pytest.fixture
def feed() -> Feed:
    return Feed()


async def opened(feed: Feed, among: Streams, whose: str = "") -> Reader:
    reader = Reader(EventStream(feed.news(), among, whose))
    assert (await reader.heard.get()).startswith(b"retry: ")
    return reader


async def heard(reader: Reader) -> AsyncGenerator[bytes, None]:
    while not reader.heard.empty():
        yield reader.heard.get_nowait()


def test_every_line_of_news_is_a_line_of_data() -> None:
    assert frame(News("mask", 7, b'{"a":\n1}\n')) == b'event: mask\nid: 7\ndata: {"a":\ndata: 1}\ndata: \n\n'


@pytest.mark.parametrize(
    ("event_id", "revision"), [("7", 7), ("0", 0), ("", None), ("-1", None), ("7x", None), ("9" * 30, None), ("٣", None)]
)
def test_an_event_id_that_is_no_revision_names_none(event_id: str, revision: int | None) -> None:
    assert (told := Bookmark.parse(event_id)) == (None if revision is None else Bookmark(revision))
    assert told is None or str(told) == event_id


async def test_news_is_told_as_it_comes(feed: Feed) -> None:
    reader = await opened(feed, Streams())
    feed.coming.put_nowait(News("delta", 1, b"{}"))
    assert await reader.heard.get() == b"event: delta\nid: 1\ndata: {}\n\n"
    await reader.leave()


async def test_a_reader_who_hears_nothing_new_is_told_that_all_is_well(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.01)
    reader = await opened(feed, Streams())
    assert await reader.heard.get() == b":\n\n"
    await reader.leave()


async def test_a_reader_who_leaves_leaves_nothing_behind(feed: Feed) -> None:
    among, one = Streams(), Limits(streams=1)
    reader = await opened(feed, among)
    with pytest.raises(HTTPException, match="There are 1 streams open"):
        among.require_room("", one)
    await reader.leave()
    among.require_room("", one)
    assert feed.closed


async def test_closing_ends_every_stream_in_good_order_and_lets_no_more_in(feed: Feed) -> None:
    among = Streams()
    readers = [await opened(feed, among) for _ in range(3)]
    among.close()
    await asyncio.wait([reader.task for reader in readers], timeout=5)
    assert all(reader.ended for reader in readers)
    with pytest.raises(HTTPException):
        among.require_room("", Limits())


async def test_nobody_has_all_the_streams_that_there_may_be(feed: Feed) -> None:
    among, limits = Streams(), Limits(streams_each=2)
    readers = [await opened(feed, among, "1234@iam") for _ in range(2)]
    with pytest.raises(HTTPException, match="You have 2 streams open"):
        among.require_room("1234@iam", limits)
    among.require_room("5678@iam", limits)
    await readers[0].leave()
    among.require_room("1234@iam", limits)
    await readers[1].leave()


async def test_a_reader_who_may_read_no_more_is_told_no_more(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ASKED_EVERY", 0)

    async def ask() -> None:
        raise Unauthenticated("It was revoked.")

    reader = Reader(EventStream(feed.news(), Streams(), "1234@iam", ask))
    feed.coming.put_nowait(News("delta", 1, b"{}"))
    await asyncio.wait_for(reader.task, 5)
    assert reader.ended
    assert [chunk[:6] async for chunk in heard(reader)] == [b"retry:"]


async def test_a_stream_that_lost_the_database_ends_so_that_the_reader_comes_back(feed: Feed) -> None:
    reader = await opened(feed, Streams())
    feed.coming.put_nowait(StoreUnavailable("The database is away."))
    await asyncio.wait_for(reader.task, 5)
    assert reader.ended


async def test_a_reader_who_takes_nothing_is_given_up(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PATIENCE", 0.01)
    reader = await opened(feed, Streams())

    async def stuck(message: Any) -> None:  # noqa: ANN401
        if message.get("more_body"):
            await asyncio.Event().wait()

    task = asyncio.create_task(EventStream(feed.news(), Streams())({"type": "http"}, reader._receive, stuck))
    await asyncio.wait_for(task, 5)
    await reader.leave()


@pytest.mark.parametrize(("query", "status"), [("?since=x", 422), ("?since=-1", 422), ("?sicne=1", 422)])
async def test_a_stream_that_makes_no_sense_never_begins(client: httpx2.AsyncClient, query: str, status: int) -> None:
    assert (await client.get(f"/api/v1/masks/cms/stream{query}")).status_code == status


async def test_there_is_no_stream_of_an_unknown_vo(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/masks/cmss/stream")
    assert (response.status_code, response.json()["suggestion"]) == (404, "cms")


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

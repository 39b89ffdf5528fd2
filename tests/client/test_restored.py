"""A mask that is held locally never goes back in silence: whether a server is late, or its database was restored."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmask_client import AsyncClient, Change, Pace
from gridmask_client.errors import Behind
from gridmask_client.follower import Follower
from gridmask_client.masks import MaskElement, WholeMask
from gridmask_client.patience import IMPATIENT
from gridmask_client.replica import Bound, Replica
from gridmask_client.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "http://127.0.0.1:9"


def at(revision: int, status: str = "Active", etag: str = "") -> Snapshot:
    return Snapshot.of(WholeMask("cms", revision, (MaskElement("Resource", "CE", "ce", "A", {"all": status}),)), etag)


def delta(since: int, revision: int, status: str) -> bytes:
    element = {"family": "Resource", "type": "CE", "name": "ce", "site": "A", "status": {"all": status}}
    return json.dumps({"vo": "cms", "since": since, "revision": revision, "elements": [element], "gone": []}).encode()


class Server:
    """Says what it is told to: of masks ``has``, and by stream ``tells``. ``age``: since it saw its database."""

    def __init__(self, has: Snapshot) -> None:
        self.has = has
        self.tells: list[tuple[str, bytes]] = []
        self.asked: list[str] = []
        self.age = 0
        self.refuses = 0
        self.then: Callable[[], None] = lambda: None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        is_stream = request.url.path.endswith("/stream")
        self.asked.append("stream" if is_stream else request.method)
        if is_stream:
            return self._stream()
        body, etag = self.has.encoded(), self.has.digest()
        headers = {"ETag": etag, "Gridmask-Revision": str(self.has.revision), "Age": str(self.age)}
        if request.headers.get("if-none-match") == etag:
            return httpx2.Response(304, headers=headers, stream=httpx2.ByteStream(b""))
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(b"" if request.method == "HEAD" else body))

    def _stream(self) -> httpx2.Response:
        if self.refuses:
            return httpx2.Response(self.refuses, stream=httpx2.ByteStream(b""))
        self.then()
        told = b"".join(b"event: %s\nid: 1\ndata: %s\n\n" % (name.encode(), data) for name, data in self.tells)
        return httpx2.Response(
            200, headers={"Content-Type": "text/event-stream"}, stream=httpx2.ByteStream(b"retry: 1000\n\n" + told)
        )


class World:
    """A replica, its follower and its server; time stands still until it is set on."""

    def __init__(self, here: Snapshot | None, server: Server) -> None:
        self.now, self.wall, self.heard = 1000.0, 5000.0, list[Change]()
        self.replica = Replica(Bound(), lambda: self.now, lambda: self.wall)
        self.replica.listen(self.heard.append)
        if here:
            self.replica.load(here, self.wall)
        self.server = server
        self.follower = Follower(self.replica, self._made, "cms", pace=Pace(settle=10))
        self.client = self._made()

    def _made(self) -> AsyncClient:
        return AsyncClient(URL, transport=httpx2.MockTransport(self.server), patience=IMPATIENT)

    async def turn(self) -> float:
        return await self.follower._turn(self.client)

    @property
    def told(self) -> tuple[int, str]:
        assert self.replica.snapshot is not None
        return self.replica.snapshot.revision, str(self.replica.snapshot.status("ce", "all"))


async def test_a_server_that_is_late_is_asked_again() -> None:
    world = World(at(7), Server(at(6, "Banned")))
    for _ in range(3):
        await world.turn()
        assert (world.told, type(world.replica.problem)) == ((7, "Active"), Behind)
        world.now += 3
    world.server.has = at(7)
    await world.turn()
    assert (world.told, world.replica.problem, world.heard) == ((7, "Active"), None, [])


async def test_a_server_that_stays_behind_was_restored_and_that_is_told() -> None:
    world = World(at(7), Server(at(6, "Banned")))
    await world.turn()
    world.now += 11
    await world.turn()
    assert world.told == (6, "Banned")
    assert [(change.since, change.revision, change.restored) for change in world.heard] == [(7, 6, True)]


async def test_once_late_and_then_right_it_has_all_its_time_again() -> None:
    world = World(at(7), Server(at(6)))
    await world.turn()
    world.server.has = at(7)
    await world.turn()
    world.server.has, world.now = at(6), world.now + 60
    await world.turn()
    assert world.told[0] == 7


async def test_the_same_number_of_another_past_is_found() -> None:
    world = World(at(7), Server(at(7, "Banned")))
    await world.turn()
    assert (world.told, [change.restored for change in world.heard]) == ((7, "Banned"), [True])


async def test_what_is_resumed_from_another_past_is_found() -> None:
    two = (
        MaskElement("Resource", "CE", "ce", "A", {"all": "Banned"}),
        MaskElement("Resource", "CE", "x", "A", {"all": "Active"}),
    )
    world = World(at(7), Server(Snapshot.of(WholeMask("cms", 9, two))))
    world.server.tells = [("delta", delta(7, 9, "Banned"))]
    await world.turn()
    assert world.replica.snapshot is not None
    assert world.replica.snapshot.says_the_same(world.server.has)
    assert world.heard[-1].restored


async def test_what_is_resumed_costs_no_whole_mask() -> None:
    world = World(at(7), Server(at(9, "Banned")))
    world.server.tells = [("held", b'{"batches":[]}'), ("delta", delta(7, 8, "Error")), ("delta", delta(8, 9, "Banned"))]
    await world.turn()
    assert (world.told, world.server.asked) == ((9, "Banned"), ["HEAD", "stream", "HEAD"])


@pytest.mark.parametrize("since", [8, 9])
async def test_a_stream_that_leaves_something_out_is_left(since: int) -> None:
    world = World(at(7), Server(at(7)))
    world.server.tells = [("delta", delta(since, 10, "Banned"))]
    await world.turn()
    assert (world.told, type(world.replica.problem)) == ((7, "Active"), Behind)


async def test_what_came_twice_or_late_changes_nothing() -> None:
    world = World(at(7), Server(at(7)))
    world.server.tells = [("delta", delta(5, 6, "Banned")), ("delta", delta(5, 7, "Banned"))]
    await world.turn()
    assert (world.told, world.heard) == ((7, "Active"), [])


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"vo":"cms"}', delta(7, 8, "Banned").replace(b"cms", b"atlas")])
async def test_what_makes_no_sense_is_not_taken(data: bytes) -> None:
    world = World(at(7), Server(at(7)))
    world.server.tells = [("delta", data), ("delta", delta(7, 8, "Banned"))]
    pause = await world.turn()
    assert (world.told, pause > 0, world.replica.problem is not None) == ((7, "Active"), True, True)


async def test_without_streams_only_what_changed_is_read_again() -> None:
    world = World(None, Server(at(7)))
    world.server.refuses = 503
    for _ in range(3):
        await world.turn()
    assert world.server.asked == ["GET", "stream", "GET", "GET"]
    world.server.has = at(8, "Banned")
    await world.turn()
    assert world.told == (8, "Banned")
    world.now += 1000
    await world.turn()
    assert world.server.asked[-1] == "stream"


async def test_it_is_as_old_as_what_the_server_tells() -> None:
    world = World(None, Server(at(7)))
    world.server.age = 300  # the server's database is away
    await world.turn()
    assert world.replica.age == 300
    world.now += 50
    assert world.replica.age == 350


@pytest.mark.parametrize(("passed", "age"), [(100.0, 100.0), (-30.0, 0.0), (-3600.0, float("inf"))])
def test_what_lay_on_disk_is_as_old_as_the_clock_says_if_it_can(passed: float, age: float) -> None:
    world = World(None, Server(at(7)))
    world.replica.load(at(7), world.wall - passed)
    assert world.replica.age == age


async def test_a_clock_that_is_set_makes_nothing_older_or_younger() -> None:
    world = World(None, Server(at(7)))
    await world.turn()
    world.wall -= 10**6
    assert (world.replica.age, world.replica.confirmed_at) == (0.0, world.wall)


async def test_pauses_grow_and_what_is_permanent_waits_longest() -> None:
    world = World(at(7), Server(at(7)))
    given: dict[str, Any] = {
        "transport": httpx2.MockTransport(lambda _: httpx2.Response(503, stream=httpx2.ByteStream(b""))),
        "patience": IMPATIENT,
    }
    async with AsyncClient(URL, **given) as world.client:
        pauses = [await world.turn() for _ in range(8)]
    assert pauses[0] < 1.3
    assert 2 < pauses[2] < 6
    assert 20 < pauses[7] < 40
    assert world.told == (7, "Active")


STEP = st.tuples(st.sampled_from(["changed", "resumed", "restored", "refused", "lost"]), st.sampled_from(["Active", "Banned"]))


@settings(max_examples=40)
@given(st.lists(STEP, max_size=8))
def test_whatever_happened_it_ends_as_the_server_is(steps: list[tuple[str, str]]) -> None:
    asyncio.run(_go_through(steps))


async def _go_through(steps: list[tuple[str, str]]) -> None:
    world = World(None, server := Server(at(3)))
    await world.turn()
    for what, status in steps:
        before = server.has.revision
        server.tells, server.refuses = [], 503 if what == "refused" else 0
        if what == "restored":
            server.has = at(max(1, before - 2), status)
        elif what != "lost":
            server.has = at(before + 1, status)
        if what == "resumed":
            server.tells = [("delta", delta(min(before, world.told[0]), before + 1, status))]
        await world.turn()
        world.now += 400 if what == "refused" else 1
    server.tells, server.refuses = [("mask", server.has.encoded())], 0
    for _ in range(3):
        await world.turn()
        world.now += 400
    assert world.told == (server.has.revision, server.has.status("ce", "all"))
    for change in world.heard:
        assert change.since is None or change.restored or change.since < change.revision

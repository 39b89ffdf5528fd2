"""A mask that is held locally goes on by the mark of its revision: in one request, and never into another past."""

from __future__ import annotations

import httpx2
import pytest

from gridmask_client.masks import MaskElement, WholeMask
from gridmask_client.snapshot import Snapshot
from tests.client.test_restored import Server as Unmarked
from tests.client.test_restored import World, delta

OURS, OTHER = "0123456789abcdef", "fedcba9876543210"


def at(revision: int, status: str = "Active", mark: str = OURS) -> Snapshot:
    elements = (MaskElement("Resource", "CE", "ce", "A", {"all": status}),)
    return Snapshot.of(WholeMask("cms", revision, elements, mark=mark))


def marked(since: int, revision: int, status: str, mark: str = OURS) -> bytes:
    return delta(since, revision, status)[:-1] + b', "mark": "%s"}' % mark.encode()


class Server(Unmarked):
    """One that tells marks, and what changed: ``leads`` to what it has, or ``refuses_for`` a reason."""

    def __init__(self, has: Snapshot, leads: bytes = b"", refuses_for: str = "") -> None:
        super().__init__(has)
        self.leads, self.refuses_for = leads, refuses_for
        self.since: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/delta"):
            answer = super().__call__(request)
            answer.headers["Gridmask-Mark"] = self.has.mark
            return answer
        self.asked.append("delta")
        self.since.append(request.url.params["since"])
        if not self.refuses_for:
            return httpx2.Response(200, stream=httpx2.ByteStream(self.leads))
        body = b'{"type":"urn:gridmask:problem:not-resumable","status":410,"reason":"%s"}' % self.refuses_for.encode()
        headers = {"Content-Type": "application/problem+json"}
        return httpx2.Response(410, headers=headers, stream=httpx2.ByteStream(body))


async def test_what_was_missed_comes_in_one_request() -> None:
    world = World(at(7), server := Server(at(9, "Banned"), marked(7, 9, "Banned")))
    await world.turn()
    assert (world.told, server.asked, server.since) == ((9, "Banned"), ["delta", "stream"], [f"7-{OURS}"])
    assert [change.restored for change in world.heard] == [False]


async def test_what_is_the_same_is_known_to_be() -> None:
    world = World(at(7), server := Server(at(7), marked(7, 7, "Active")))
    world.replica.load(at(7), world.wall - 100)
    await world.turn()
    assert (world.told, world.replica.age, server.asked) == ((7, "Active"), 0.0, ["delta", "stream"])


@pytest.mark.parametrize("revision", [5, 7, 9])
async def test_another_past_is_known_at_once_whatever_its_number(revision: int) -> None:
    world = World(at(7), server := Server(at(revision, "Banned", OTHER), refuses_for="other past"))
    await world.turn()
    assert (world.told, server.asked) == ((revision, "Banned"), ["delta", "GET", "stream"])
    assert [change.restored for change in world.heard] == [True]


async def test_a_server_that_is_late_is_no_other_past() -> None:
    world = World(at(7), Server(at(6, "Banned"), refuses_for="ahead"))
    await world.turn()
    assert (world.told, world.heard) == ((7, "Active"), [])


async def test_an_earlier_revision_that_was_here_by_another_mark_is() -> None:
    world = World(at(6), server := Server(at(7), marked(6, 7, "Active")))
    await world.turn()
    server.has, server.refuses_for = at(6, "Banned", OTHER), "ahead"
    await world.turn()
    assert (world.told, world.heard[-1].restored) == ((6, "Banned"), True)


async def test_what_nobody_can_tell_the_changes_of_is_read_whole() -> None:
    for reason in ("left", "away"):
        world = World(at(7), Server(at(9, "Banned"), refuses_for=reason))
        await world.turn()
        assert (world.told, [change.restored for change in world.heard]) == ((9, "Banned"), [False])


async def test_a_server_of_before_there_were_marks_is_followed_as_ever() -> None:
    class Old(Unmarked):
        def __call__(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith("/delta"):
                return httpx2.Response(404, stream=httpx2.ByteStream(b""))
            return super().__call__(request)

    world = World(at(7), Old(at(9, "Banned", "")))
    await world.turn()
    assert (world.told, world.replica.problem) == ((9, "Banned"), None)


async def test_while_it_streams_another_past_is_noticed_by_its_mark() -> None:
    world = World(at(7), server := Server(at(7), marked(7, 7, "Active")))

    def restored() -> None:
        server.has, server.refuses_for = at(7, "Banned", OTHER), "other past"
        world.now += 100

    server.then = restored
    server.tells = [("held", b"{}")]
    await world.turn()
    await world.turn()
    assert world.told == (7, "Banned")

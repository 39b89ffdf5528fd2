"""A mask that is held locally, beside the server that it follows."""

from __future__ import annotations

import asyncio
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from gridmask_client import AsyncMask, Change, Client, Mask, Named, Pace, masks, statuses
from gridmask_client.errors import NotFound, OutOfDate, Unavailable, Unusable
from gridmask_client.shapes import Status
from gridmask_client.snapshot import Snapshot
from tests.api.conftest import in_folder
from tests.clocks import WallClock
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.grid import Grid

QUICK = Pace(poll=0.05, check=0.2, again=60, first=0.05, longest=0.1, save=0.0, settle=0.2)
LONG = 20.0


class Changes(Queue[Change]):
    """What a mask tells of its changes."""

    mask: Mask

    def until(self, revision: int) -> None:
        """Wait until the mask has it."""
        while self.mask.revision < revision:
            self.get(timeout=LONG)


@pytest.fixture(scope="module")
def grid_served(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Grid:
    folder = tmp_path_factory.mktemp("followed")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    grid = in_folder(folder)
    grid.clock = WallClock()
    return grid


@pytest.fixture(scope="module")
def server(grid_served: Grid) -> Iterator[str]:
    with served(grid_served) as address:
        yield address


@contextmanager
def followed(url: str, vo: str = "cms", **given: Any) -> Iterator[tuple[Mask, Changes]]:  # noqa: ANN401 - what a Mask takes
    changes = Changes()
    with Mask(url, vo, **{"pace": QUICK, **given}) as mask:
        changes.mask = mask
        mask.on_change(changes.put)
        yield mask, changes


def put(url: str, name: str, status: Status, vo: str = "cms") -> int:
    """Set a status; the revision that the mask has then."""
    with Client(url) as client:
        client.do(statuses.set([Named(name, vo)], status, "because", lasting=True))
    return theirs(url, vo).revision


def theirs(url: str, vo: str = "cms") -> Snapshot:
    with Client(url) as client:
        return Snapshot.of(client.do(masks.read(vo)).value)


def test_lookups_say_what_the_server_does(server: str) -> None:
    with followed(server) as (mask, _):
        assert (mask.usable("CE2"), mask.usable("CE2", "WriteAccess"), mask.usable("CE99")) == (
            mask.status("CE2") in {"Active", "Degraded"},
            False,
            False,
        )
        assert mask.usable_each(["CE2", "CE99"]) == {"CE2": mask.usable("CE2"), "CE99": False}
        assert {element.name: element.status for element in mask.elements()} == {
            element.name: element.status for element in theirs(server).elements.values()
        }
        assert mask.why("CE2")[0].status == mask.status("CE2")


def test_a_change_comes_by_itself(server: str) -> None:
    with followed(server) as (mask, changes):
        told: tuple[tuple[Status, bool, bool], ...] = (
            ("Banned", False, False),
            ("Probing", False, True),
            ("Active", True, True),
        )
        for status, use, test in told:
            changes.until(put(server, "CE2", status))
            assert (mask.usable("CE2"), mask.usable("CE2", purpose="test")) == (use, test)
            assert (mask.predicate()("CE2"), mask.predicate(purpose="test")("CE2")) == (use, test)
        assert mask.is_streaming
        assert mask.age < LONG


def test_elements_are_found_by_site_type_and_access(server: str) -> None:
    with followed(server) as (mask, changes):
        changes.until(put(server, "SE1", "Active"))
        (found,) = mask.select(site="A", type="WebDAV", status_type="WriteAccess")
        assert (found.name, found.status) == ("SE1", {"WriteAccess": "Active"})
        assert mask.select(site="B", type="WebDAV") == []


def test_where_nothing_may_be_streamed_it_is_asked(grid_served: Grid) -> None:
    with served(grid_served, limits={"streams": 1}) as url, followed(url) as (other, _), followed(url) as (mask, changes):
        changes.until(put(url, "CE2", "Degraded"))
        changes.until(put(url, "CE2", "Banned"))
        assert (other.is_streaming, mask.is_streaming) == (True, False)
        assert mask._replica.snapshot.says_the_same(theirs(url))  # type: ignore[union-attr]  # it is there


def test_a_vo_that_there_is_not_is_told_at_once(server: str) -> None:
    with pytest.raises(NotFound):
        Mask(server, "atlsa")


def test_no_server_and_no_file_is_an_error() -> None:
    with pytest.raises(Unavailable):
        Mask("http://127.0.0.1:9", "cms")


def test_what_makes_no_sense_is_refused() -> None:
    for given in ({"beyond": "panic"}, {"stale_after": 0.0}, {"stale_after": float("nan")}):
        with pytest.raises(Unusable):
            Mask("http://127.0.0.1:9", "cms", **given)


def test_it_outlives_its_server_and_goes_on_when_that_is_back(grid_served: Grid) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with served(grid_served, port=port) as url:
        following = followed(url)
        mask, changes = following.__enter__()
        changes.until(put(url, "CE2", "Active"))
    try:
        assert mask.usable("CE2")
        with served(grid_served, port=port) as url:
            changes.until(put(url, "CE2", "Banned"))
            assert mask.problem is None
    finally:
        following.__exit__(None, None, None)


def test_it_begins_from_disk_where_there_is_no_server(server: str, tmp_path: Path) -> None:
    file = tmp_path / "mask"
    with followed(server, file=file) as (mask, changes):
        changes.until(put(server, "CE2", "Degraded"))
        revision = mask.revision
    content = file.read_bytes().replace(server.encode(), b"http://127.0.0.1:9")
    file.write_bytes(content)
    with Mask("http://127.0.0.1:9", "cms", file=file, pace=QUICK) as mask:
        assert (mask.revision, mask.usable("CE2")) == (revision, True)
        assert 0 <= mask.age < LONG


def test_what_was_missed_is_told_from_disk_on(server: str, tmp_path: Path) -> None:
    with followed(server, file=tmp_path / "mask") as (mask, changes):
        changes.until(put(server, "CE2", "Active"))
        changes.until(put(server, "CE2", "Degraded"))
    revision = put(server, "CE2", "Banned")
    with followed(server, file=tmp_path / "mask") as (mask, changes):
        changes.until(revision)
        assert not mask.usable("CE2")


@pytest.mark.parametrize(("beyond", "found"), [("keep", True), ("refuse", False)])
def test_beyond_its_age_a_mask_is_kept_or_refused(server: str, beyond: Any, found: bool) -> None:  # noqa: ANN401, FBT001
    put(server, "CE2", "Active")
    with followed(server, beyond=beyond) as (mask, _):
        mask.close()
        _grow_old(mask)
        assert (mask.usable("CE2"), bool(mask.elements()), mask.is_stale) == (found, found, True)
        assert mask.usable_each(["CE2"]) == {"CE2": found}


def test_beyond_its_age_a_mask_can_raise(server: str) -> None:
    with followed(server, beyond="raise") as (mask, _):
        mask.close()
        _grow_old(mask)
        for ask in (mask.usable, mask.status, mask.predicate()):
            with pytest.raises(OutOfDate, match="900 s"):
                ask("CE2")


def _grow_old(mask: Mask) -> None:
    was = mask._replica.clock
    mask._now = mask._replica.clock = lambda: was() + 1000


def test_many_threads_look_up_while_it_changes(server: str) -> None:
    stop = Event()

    def look(mask: Mask) -> int:
        looked = 0
        while not stop.wait(0.001):
            assert mask.usable_each(["CE2", "CE99"])["CE99"] is False
            looked += 1
        return looked

    with followed(server) as (mask, changes), ThreadPoolExecutor(4) as pool:
        looking = [pool.submit(look, mask) for _ in range(4)]
        try:
            told: tuple[Status, ...] = ("Active", "Banned", "Active")
            for status in told:
                changes.until(put(server, "CE2", status))
        finally:
            stop.set()
        assert all(one.result() for one in looking)


def test_who_is_told_and_fails_harms_nobody(server: str) -> None:
    with followed(server) as (mask, changes):
        mask.on_change(lambda _: 1 / 0)
        ending = mask.on_change(lambda _: None)
        ending()
        changes.until(put(server, "CE2", "Active"))
        changes.until(put(server, "CE2", "Banned"))


async def test_on_asyncio_changes_are_told_on_the_loop(server: str) -> None:
    heard: asyncio.Queue[Change] = asyncio.Queue()
    async with AsyncMask(server, "cms", pace=QUICK) as mask:
        mask.on_change(heard.put)
        revision = await asyncio.to_thread(put, server, "CE2", "Degraded")
        async with asyncio.timeout(LONG):
            while mask.now.revision < revision:
                await heard.get()
        assert mask.usable("CE2")
        assert (await mask.why("CE2"))[0].status == "Degraded"

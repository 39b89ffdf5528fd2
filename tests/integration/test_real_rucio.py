"""RSEs as the mask says, and the space of storage elements, at a real Rucio server where one is installed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.measurements import Space, Transfers
from gridmask.domain.status import Status
from gridmask.http import Client
from gridmask.service.selection import ElementName, RowName
from gridmask.source import Source
from gridmask.store import evidence
from tests import osg
from tests.actuated import RucioDouble, listening
from tests.clocks import WallClock
from tests.grid import ADMIN, Grid, sync
from tests.integration.test_streams import running
from tests.real_rucio import Rucio, real_rucio
from tests.servers import ServerMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gridmask.bootstrap import Installation

WRITE = "WriteAccess"


@pytest.fixture(scope="module")
def rucio() -> Iterator[Rucio]:
    try:
        with real_rucio() as made:
            for name in ("SE1", "SE2"):
                assert made.ask("POST", f"/rses/{name}", {"rse_type": "DISK"})[0] == 201
            yield made
    except ServerMissing as reason:
        pytest.skip(str(reason))


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    grid = Grid(tmp_path, clock=WallClock())
    resources = [osg.resource(name, "SRMv2", FQDN=f"{name.lower()}.example.org") for name in ("SE0", "SE1", "SE2")]
    grid.publish(osg.group("EXAMPLE", *resources))
    grid.announce()
    return grid


def table(rucio: Rucio, grid: Grid, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the table holds
    token = grid.folder / "token"
    token.write_text(rucio.token)
    return {"rucio": ({"name": "ours", "url": rucio.url, "vo": "cms", "token_file": token, **more},)}


async def put(made: Installation, name: str, status: Status, *aspects: str) -> None:
    for aspect in aspects:
        await made.statuses.set(ADMIN, [RowName(ElementName(name), aspect)], status, "for a test")


async def until(rucio: Rucio, name: str, off: str) -> float:
    """Seconds until that of the RSE is off."""
    since = time.monotonic()
    while await asyncio.to_thread(rucio.off, name) != off:
        assert time.monotonic() - since < 15, rucio.off(name)
        await asyncio.sleep(0.05)
    return time.monotonic() - since


async def test_the_mask_reaches_rucio_within_seconds_and_takes_it_back(grid: Grid, rucio: Rucio) -> None:
    async with grid.open(**table(rucio, grid)) as made, running(made):
        await sync(made)
        await put(made, "SE1", Status.BANNED, WRITE, "RemoveAccess")
        assert await until(rucio, "SE1", "write,delete") < 10
        await put(made, "SE1", Status.ACTIVE, WRITE, "RemoveAccess")
        await until(rucio, "SE1", "")
        assert rucio.off("SE2") == ""


async def test_what_somebody_switches_in_rucio_is_told_and_set_right(grid: Grid, rucio: Rucio) -> None:
    async with grid.open(**table(rucio, grid)) as made:
        await sync(made)
        await made.dispatcher.deliver()
        rucio.ask("PUT", "/rses/SE2", {"availability_read": False})
        (unknown, one) = (await made.actuators.plan(ADMIN, "ours")).drift
        assert (unknown.thing, unknown.state) == ("SE0", "unknown")
        assert (one.thing, one.found, one.wished) == ("SE2", {"read": False}, {"read": True})
        await made.actuators.run(ADMIN, "ours", "set it right")
        assert rucio.off("SE2") == ""


async def test_a_password_opens_it_too(grid: Grid, rucio: Rucio) -> None:
    word = grid.folder / "word"
    word.write_text("secret")
    by = {"token_file": None, "account": "root", "user": "tester", "password_file": word}
    async with grid.open(**table(rucio, grid, **by)) as made:
        await sync(made)
        assert [one.thing for one in (await made.actuators.plan(ADMIN, "ours")).drift] == ["SE0"]


async def test_a_token_that_it_does_not_take_is_told_as_that(grid: Grid, rucio: Rucio) -> None:
    async with grid.open(**table(replace(rucio, token="stale"), grid)) as made:
        await sync(made)
        await made.dispatcher.deliver()
        (state,) = await made.actuators.list(ADMIN)
        assert state.state == "failing"
        assert "HTTP status 401" in state.problem


async def test_many_are_read_from_its_list(grid: Grid, rucio: Rucio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmask.actions.rucio.rses.ONE_BY_ONE", 2)
    async with grid.open(**table(rucio, grid)) as made:
        await sync(made)
        assert [(one.thing, one.state) for one in (await made.actuators.plan(ADMIN, "ours")).drift] == [("SE0", "unknown")]


async def test_our_double_answers_as_it_does(rucio: Rucio) -> None:
    async with listening(RucioDouble(rses={"SE1": {"read": True, "write": True, "delete": True}})) as double:
        ours = Rucio(double.url, "token-of-tests")
        asked = (("GET", "/rses/SE1", None), ("PUT", "/rses/SE1", {"availability_read": True}), ("GET", "/rses/NO", None))
        for method, path, document in asked:
            (status, _, body) = await asyncio.to_thread(ours.ask, method, path, document)
            (really, _, real) = await asyncio.to_thread(rucio.ask, method, path, document)
            assert (status, b"RSENotFound" in body) == (really, b"RSENotFound" in real)
        said, really_said = await asyncio.to_thread(ours.rse, "SE1"), await asyncio.to_thread(rucio.rse, "SE1")
        assert {key: type(said[key]) for key in said if key != "vo"} == {
            key: type(really_said[key]) for key in said if key != "vo"
        }


async def test_its_space_is_read_as_it_has_it(grid: Grid, rucio: Rucio) -> None:
    told = {"source": "storage", "used": 7_000_000_000_000, "free": 3_000_000_000_000}
    assert rucio.ask("PUT", "/rses/SE1/usage", told)[0] == 200
    token = grid.folder / "token"
    token.write_text(rucio.token)
    options = {"type": "SRMv2", "expression": "rse_type=DISK"}
    source = Source(name="usage", kind="rucio-usage", url=rucio.url, token_file=token, options=options)
    settings = grid.settings()
    async with Client(grid.clock) as client, grid.open(client, source=(*settings.source, source)) as made:
        await sync(made)
        assert await values(made) == [Space(10_000_000_000_000, 3_000_000_000_000)]


async def test_how_its_transfers_ended_is_read_as_it_counts_them(grid: Grid, rucio: Rucio) -> None:
    assert rucio.ask("POST", "/rses/SE1/distances/SE2", {"distance": 1})[0] == 201
    rucio.transferred("SE1", "SE2", done=7, failed=3)
    token = grid.folder / "token"
    token.write_text(rucio.token)
    options = {"type": "SRMv2", "destinations": ("SE2", "SE1")}
    source = Source(name="usage", kind="rucio-transfers", url=rucio.url, token_file=token, options=options)
    settings = grid.settings()
    async with Client(grid.clock) as client, grid.open(client, source=(*settings.source, source)) as made:
        await sync(made)
        assert await values(made) == [Transfers("destination", 10, 3, "SE1"), Transfers("source", 10, 3, "SE2")]


async def values(made: Installation) -> list[object]:
    """The values of all evidence of Rucio."""
    async with made.database.reading() as connection:
        known = await evidence.of_source(connection, "usage")
    return [known[key].value for key in sorted(known, key=str)]

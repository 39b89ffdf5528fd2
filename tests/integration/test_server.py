"""The server as it runs: a real one on loopback, its loop and its streams."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.server import listen, serve
from gridmask.domain.errors import InvalidConfiguration
from tests.clocks import at
from tests.grid import Grid, outage

if TYPE_CHECKING:
    from gridmask.settings import Settings

STREAM = "/api/v1/masks/cms/stream"
BAN = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "trouble"}

PROGRAM = """
import asyncio, sys
from gridmask.api.server import serve
from gridmask.settings import Settings
asyncio.run(serve(Settings(database="ephemeral"), port=0, announce=lambda url: print(url, flush=True)))
print("ended in good order", flush=True)
"""


@asynccontextmanager
async def served(settings: Settings, **how: Any) -> AsyncIterator[httpx2.AsyncClient]:  # noqa: ANN401
    """A client of a server that runs meanwhile."""
    told: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(serve(settings, port=0, announce=told.put_nowait, **how))
    try:
        address = await asyncio.wait_for(told.get(), 30)
        async with httpx2.AsyncClient(base_url=address, timeout=10) as client:
            yield client
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def listening(client: httpx2.AsyncClient, **how: Any) -> AsyncIterator[AsyncIterator[dict[str, str]]]:  # noqa: ANN401
    """The events of a stream."""
    async with client.stream("GET", STREAM, **how) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield events(response.aiter_lines())


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    """As a reader of server-sent events understands lines."""
    event: dict[str, str] = {}
    async for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = f"{event[name]}\n{value}" if name in event else value
        elif "data" in event:
            yield event
            event = {}


async def heard(stream: AsyncIterator[dict[str, str]], within: float = 10) -> dict[str, str]:
    return await asyncio.wait_for(anext(stream), within)


def revision_in(event: dict[str, str]) -> int:
    return int(event["id"].partition("-")[0])


@pytest.fixture
async def client(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a server that has read its sources."""
    async with served(grid.settings(), clock=grid.clock) as client:
        async with listening(client) as stream:
            while "Active" not in (await heard(stream))["data"]:
                pass  # it is Unknown until the loop has read both
        yield client


async def test_a_stream_begins_with_the_very_mask_that_is_read(client: httpx2.AsyncClient) -> None:
    async with listening(client) as stream:
        first = await heard(stream)
    mask = await client.get("/api/v1/masks/cms")
    assert (first["event"], revision_in(first)) == ("mask", int(mask.headers["Gridmask-Revision"]))
    assert first["data"] == mask.text


async def test_a_change_is_heard_within_a_second(client: httpx2.AsyncClient) -> None:
    async with listening(client) as stream:
        before = await heard(stream)
        revision = (await client.post("/api/v1/statuses", json=BAN)).json()["revision"]
        delta = await heard(stream, within=1)
    assert (delta["event"], revision_in(delta)) == ("delta", revision)
    told = json.loads(delta["data"])
    assert (told["vo"], told["since"], told["revision"]) == ("cms", revision_in(before), revision)
    assert [(e["name"], e["status"]) for e in told["elements"]] == [("CE2", {"all": "Banned"})]


@pytest.mark.parametrize("how", ["header", "parameter"])
async def test_a_reader_who_comes_back_goes_on_from_where_it_was(client: httpx2.AsyncClient, how: str) -> None:
    seen = (await client.get("/api/v1/masks/cms")).headers["Gridmask-Revision"]
    await client.post("/api/v1/statuses", json=BAN)
    where = {"headers": {"Last-Event-ID": seen}} if how == "header" else {"params": {"since": seen}}
    async with listening(client, **where) as stream:
        delta = await heard(stream)
    assert (delta["event"], json.loads(delta["data"])["since"]) == ("delta", int(seen))


@pytest.mark.parametrize("where", ["garbage", "-1", "999999"])
async def test_a_reader_who_comes_back_from_nowhere_gets_the_whole_mask(client: httpx2.AsyncClient, where: str) -> None:
    async with listening(client, headers={"Last-Event-ID": where}) as stream:
        assert (await heard(stream))["event"] == "mask"


async def test_the_loop_runs_beside_the_requests(client: httpx2.AsyncClient, grid: Grid) -> None:
    async with listening(client) as stream:
        await heard(stream)
        grid.announce(outage("9", "CE3", at(hours=-1), at(hours=1)))
        await client.post("/api/v1/sources/feed/sync")
        assert json.loads((await heard(stream))["data"])["elements"][0]["name"] == "CE3"
    assert (await client.get("/readyz")).status_code == 200


async def test_the_server_ends_soon_though_a_stream_is_open(grid: Grid) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.create_task(serve(grid.settings(), port=0, announce=told.put_nowait, clock=grid.clock))
    address = await asyncio.wait_for(told.get(), 30)
    async with httpx2.AsyncClient(base_url=address, timeout=10) as client, client.stream("GET", STREAM) as response:
        serving.cancel()
        done, _ = await asyncio.wait([serving], timeout=3)
        assert done == {serving}
        assert (await response.aread()).startswith(b"retry: ")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_that_is_told_to_end_cleans_up(tmp_path: Path, told: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE, env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    )
    assert process.stdout is not None
    address = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    async with httpx2.AsyncClient() as client, client.stream("GET", f"{address}api/v1/masks/all/stream"):
        process.send_signal(told)
        rest, _ = await asyncio.wait_for(process.communicate(), 10)
    assert (rest.decode(), process.returncode) == ("ended in good order\n", 0)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - as good here, and nothing that blocks


# --- Where it listens


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_without_authentication_no_other_machine_is_let_in(host: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"server\.host: .* can be reached by other machines"):
        listen(host, 0)


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(InvalidConfiguration, match=r"no address 'no such host'"):
        listen("no such host", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_any_address_of_loopback_will_do(host: str) -> None:
    with listen(host, 0) as found:
        assert found.getsockname()[0].startswith("127.")


async def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InvalidConfiguration, match=rf"port {port} of 127\.0\.0\.1 is in use already.*--port"):
            listen("127.0.0.1", port)


async def test_a_taken_port_leaves_the_installation_alone(tmp_path: Path) -> None:
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}")
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(InvalidConfiguration):
        await serve(grid.settings(), port=other.getsockname()[1], announce=print)
    assert not (tmp_path / "gridmask.db").exists()

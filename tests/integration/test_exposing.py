"""The metrics of one process on a port of its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.exposing import exposed
from gridmask.domain.errors import InvalidConfiguration
from tests.grid import Grid, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def asking(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    async with grid.open() as made, exposed(made, 0) as port:
        await sync(made)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client


async def test_a_process_that_serves_nothing_else_tells_its_metrics(grid: Grid) -> None:
    async with asking(grid) as client:
        told = await client.get("/metrics")
        assert told.headers["content-type"].startswith("text/plain")
        assert '\ngridmask_mask_unchanged_seconds{vo="cms"} 0.0' in told.text
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        assert (await client.get("/api/v1/masks")).status_code == 404
        assert (await client.post("/metrics")).status_code == 404


async def test_a_page_that_has_its_name_point_here_reads_nothing(grid: Grid) -> None:
    async with asking(grid) as client:
        assert (await client.get("/metrics", headers={"Host": "evil.example.org"})).status_code == 421


async def test_what_is_no_question_is_hung_up_on(grid: Grid) -> None:
    async with asking(grid) as client:
        for said in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"x" * 20_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(said)
            writer.write_eof()
            assert (await reader.read())[9:12] in {b"", b"404"}, said
            writer.close()
            await writer.wait_closed()
        assert (await client.get("/healthz")).status_code == 200


async def test_a_port_that_is_taken_is_told(grid: Grid) -> None:
    async with grid.open() as made, exposed(made, 0) as port:
        with pytest.raises(InvalidConfiguration, match=f"port {port} of"):
            async with exposed(made, port):
                pass

"""What is concluded from probes, and what is not, since it may be us; and how soon."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Conflict, InvalidConfiguration
from tests.double import double
from tests.grid import ADMIN, Grid, sync
from tests.probing import probe, probed, publish, round_of, source, status

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation


@pytest.fixture
def watched(tmp_path: Path, made_sqlite: str) -> Grid:
    """Two SEs at loopback, judged by probes."""
    return publish(Grid(tmp_path, made_sqlite))


async def test_what_answers_again_is_free_again(watched: Grid) -> None:
    async with double("silent") as server:
        port = server.port
    tcp = probe("tcp", f"tcp://{{host}}:{port}")
    async with watched.open(**probed(watched, tcp)) as made:
        await sync(made)
        await round_of(made)
        assert await status(made) == "Banned"
        async with double("silent", port=port):
            for _ in range(2):  # to Probing, and from there
                watched.clock.advance(minutes=5)
                await round_of(made)
        assert (await status(made), await status(made, "SE2")) == ("Active", "Banned")


async def test_a_probe_that_cannot_be_made_says_nothing_and_its_source_says_why(watched: Grid) -> None:
    async with double("silent") as server:
        before = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]})
        async with watched.open(**probed(watched, before)) as made:
            await sync(made)
            await round_of(made)
    web = probe("http", "https://{host}:1/", name="tcp", token_file="no/such/file", ca="no/such/ca", match={"name": ["SE1"]})
    async with watched.open(**probed(watched, web)) as made:
        await sync(made)
        await round_of(made)
        assert await status(made) == "Active"
        health = await source(made)
        assert health.state == "failing"
        assert "token_file no/such/file: cannot be read" in health.noted.failure


async def test_while_our_own_uplinks_are_away_nothing_bad_is_concluded(watched: Grid) -> None:
    async with double("silent") as server, double("silent") as uplink:
        port = server.port
        tcp = probe("tcp", f"tcp://{{host}}:{port}", match={"name": ["SE1"]})
        async with watched.open(**probed(watched, tcp, uplinks=[f"tcp://127.0.0.1:{uplink.port}"])) as made:
            await sync(made)
            await round_of(made)
            server.stop()
            uplink.stop()
            batch = await round_of(made)
            assert (len(batch.held), await status(made)) == (1, "Active")
            health = await source(made)
            assert "none of our own uplinks answers" in health.noted.failure
            async with double("silent", port=uplink.port):
                await round_of(made)
                assert await status(made) == "Banned"


async def test_where_too_many_hosts_fail_at_once_it_is_us(watched: Grid) -> None:
    async with double("silent", host="0.0.0.0") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}")
        async with watched.open(**probed(watched, tcp, doubt_share=0.5, doubt_hosts=1)) as made:
            await sync(made)
            await round_of(made)
            server.stop()
            batch = await round_of(made)
            assert "too many hosts" in batch.why
            assert (await status(made), await status(made, "SE2")) == ("Active", "Active")


async def test_what_failed_before_a_restart_goes_on_to_fail(watched: Grid) -> None:
    tcp = probe("tcp", "tcp://{host}:1")
    async with watched.open(**probed(watched, tcp)) as made:
        await sync(made)
        await round_of(made)
    async with watched.open(**probed(watched, tcp, doubt_share=0.5, doubt_hosts=1)) as made:
        assert (await round_of(made)).held == ()


async def test_the_mask_follows_within_two_seconds(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, every="1s")
        async with watched.open(**probed(watched, tcp)) as made:
            await sync(made)
            loop = asyncio.create_task(made.loop.run())
            try:
                async with asyncio.timeout(10):
                    await _until(made, "Active")
                    server.stop()
                async with asyncio.timeout(1 + 2):  # its period, and two seconds
                    await _until(made, "Banned")
            finally:
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)


async def _until(made: Installation, wanted: str) -> None:
    while await status(made) != wanted:  # noqa: ASYNC110 - it is looked at from outside
        await asyncio.sleep(0.05)


async def test_nobody_else_reports_in_the_name_of_a_probe(watched: Grid) -> None:
    async with watched.open(**probed(watched, probe("tcp", "tcp://{host}:1"))) as made:
        with pytest.raises(Conflict, match="is read"):
            await made.evidence.report(ADMIN, "tcp", [])


async def test_a_probe_cannot_be_called_as_a_source(watched: Grid) -> None:
    with pytest.raises(InvalidConfiguration, match="there is another source or probe called 'osg'"):
        async with watched.open(**probed(watched, probe("tcp", "tcp://{host}:1", name="osg"))):
            pass

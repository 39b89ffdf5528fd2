"""Probes, from a service that answers or does not to the mask."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.errors import Conflict, InvalidConfiguration
from gridmask.probes.settings import Probe, Probes
from gridmask.service.selection import ElementName, RowName
from gridmask.store import evidence
from tests import osg
from tests.double import double
from tests.grid import ADMIN, said, sync, toml_policies
from tests.probing import probe, round_of

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

POLICIES = """
[policy.probes]
type = "probe"
[probing]
validated_by = ["*"]
[guard]
enabled = false
"""


@pytest.fixture
def watched(grid: Grid) -> Grid:
    """Two SEs at loopback, judged by probes."""
    names = {"SE1": "127.0.0.1", "SE2": "127.0.0.2"}
    grid.publish(osg.group("SITE", *(osg.resource(name, "WebDAV", FQDN=host) for name, host in names.items())))
    grid.announce()
    toml_policies(grid.folder, POLICIES)
    return grid


def settings(grid: Grid, *probes: Probe, **shared: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"policies": grid.folder / "policies", "probe": probes, "probes": Probes(**shared)}


async def status(made: Installation, name: str = "SE1", vo: str = "cms") -> str:
    return said(await made.masks.mask(vo))[name]


async def test_what_does_not_answer_is_banned_and_the_why_says_so(watched: Grid) -> None:
    async with double("silent") as server:
        port = server.port
        tcp = probe("tcp", f"tcp://{{host}}:{port}", match={"name": ["SE1"]})
        async with watched.open(**settings(watched, tcp)) as made:
            await sync(made)
            await round_of(made)
            assert await status(made) == "Active"
            server.stop()
            await round_of(made)
            assert (await status(made), await status(made, "SE2")) == ("Banned", "Active")
            assert await why(made) == (
                f"tcp is CRITICAL: connecting to 127.0.0.1 port {port}: connection refused",
                "tcp",
                "probe/tcp",
            )


async def why(made: Installation) -> tuple[str, str, str]:
    [explained] = await made.statuses.why(RowName(ElementName("SE1"), "ReadAccess"))
    [verdict] = [v for v in explained.seen.row.verdicts if v.policy == "probes"]
    [reason] = verdict.reasons
    return reason.text, reason.source, reason.record


async def test_what_answers_again_is_free_again(watched: Grid) -> None:
    async with double("silent") as server:
        port = server.port
    tcp = probe("tcp", f"tcp://{{host}}:{port}")
    async with watched.open(**settings(watched, tcp)) as made:
        await sync(made)
        await round_of(made)
        assert await status(made) == "Banned"
        async with double("silent", port=port):
            for _ in range(2):  # to Probing, and from there
                watched.clock.advance(minutes=5)
                await round_of(made)
        assert (await status(made), await status(made, "SE2")) == ("Active", "Banned")


async def test_a_probe_for_a_vo_speaks_for_it_alone(watched: Grid) -> None:
    toml_policies(watched.folder, POLICIES, cms='[[evidence]]\nsource = "http"\n')
    web = probe("http", "http://{host}:1/{vo}", vos=["CMS"], match={"name": ["SE1"]})
    async with watched.open(**settings(watched, web)) as made:
        await sync(made)
        await round_of(made)
        assert [await status(made, vo=vo) for vo in ("cms", "atlas", "all")] == ["Banned", "Active", "Active"]


async def test_a_probe_that_cannot_be_made_says_nothing_and_its_source_says_why(watched: Grid) -> None:
    async with double("silent") as server:
        before = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]})
        async with watched.open(**settings(watched, before)) as made:
            await sync(made)
            await round_of(made)
    web = probe("http", "https://{host}:1/", name="tcp", token_file="no/such/file", ca="no/such/ca", match={"name": ["SE1"]})
    async with watched.open(**settings(watched, web)) as made:
        await sync(made)
        await round_of(made)
        assert await status(made) == "Active"
        [health] = [one for one in await made.sources.health() if one.noted.name == "tcp"]
        assert health.state == "failing"
        assert "token_file no/such/file: cannot be read" in health.noted.failure


async def test_a_probe_is_a_source_and_its_silence_is_seen(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, every="5m", periods=3)
        async with watched.open(**settings(watched, tcp)) as made:
            await sync(made)
            await round_of(made)
            [health] = [one for one in await made.sources.health() if one.noted.name == "tcp"]
            assert (health.noted.kind, health.state, health.noted.records) == ("probe tcp", "good", 1)
            watched.clock.advance(minutes=16)
            [health] = [one for one in await made.sources.health() if one.noted.name == "tcp"]
            assert health.state == "stale"
            await made.inspector.sweep(100)
            assert await status(made) == "Active"


async def test_while_our_own_uplinks_are_away_nothing_bad_is_concluded(watched: Grid) -> None:
    async with double("silent") as server, double("silent") as uplink:
        port = server.port
        tcp = probe("tcp", f"tcp://{{host}}:{port}", match={"name": ["SE1"]})
        async with watched.open(**settings(watched, tcp, uplinks=[f"tcp://127.0.0.1:{uplink.port}"])) as made:
            await sync(made)
            await round_of(made)
            server.stop()
            uplink.stop()
            batch = await round_of(made)
            assert (len(batch.held), await status(made)) == (1, "Active")
            [health] = [one for one in await made.sources.health() if one.noted.name == "tcp"]
            assert "none of our own uplinks answers" in health.noted.failure
            async with double("silent", port=uplink.port):
                await round_of(made)
                assert await status(made) == "Banned"


async def test_where_too_many_hosts_fail_at_once_it_is_us(watched: Grid) -> None:
    async with double("silent", host="0.0.0.0") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}")
        async with watched.open(**settings(watched, tcp, doubt_share=0.5, doubt_hosts=1)) as made:
            await sync(made)
            await round_of(made)
            server.stop()
            batch = await round_of(made)
            assert "too many hosts" in batch.why
            assert (await status(made), await status(made, "SE2")) == ("Active", "Active")


async def test_what_failed_before_a_restart_goes_on_to_fail(watched: Grid) -> None:
    tcp = probe("tcp", "tcp://{host}:1")
    async with watched.open(**settings(watched, tcp)) as made:
        await sync(made)
        await round_of(made)
    async with watched.open(**settings(watched, tcp, doubt_share=0.5, doubt_hosts=1)) as made:
        assert (await round_of(made)).held == ()


async def test_the_mask_follows_within_two_seconds(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, every="1s")
        async with watched.open(**settings(watched, tcp)) as made:
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
    while await status(made) != wanted:
        await asyncio.sleep(0.05)


async def test_nobody_else_reports_in_the_name_of_a_probe(watched: Grid) -> None:
    async with watched.open(**settings(watched, probe("tcp", "tcp://{host}:1"))) as made:
        with pytest.raises(Conflict, match="is read"):
            await made.evidence.report(ADMIN, "tcp", [])


async def test_a_probe_cannot_be_called_as_a_source(watched: Grid) -> None:
    with pytest.raises(InvalidConfiguration, match="there is another source or probe called 'osg'"):
        async with watched.open(**settings(watched, probe("tcp", "tcp://{host}:1", name="osg"))):
            pass


async def test_figures_that_are_published_are_evidence_too(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, publish=["seconds"])
        async with watched.open(**settings(watched, tcp)) as made:
            await sync(made)
            await round_of(made)
            async with made.database.reading() as connection:
                known = await evidence.of_source(connection, "tcp")
            assert sorted((key.record, item.kind) for key, item in known.items()) == [
                ("probe/tcp", "probe"),
                ("probe/tcp/seconds", "metric"),
            ]

"""Probes, from a service that answers or does not to the mask, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.service.selection import ElementName, RowName
from gridmask.store import evidence
from tests.double import double
from tests.grid import sync, toml_policies
from tests.probing import POLICIES, probe, probed, publish, round_of, source, status

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid


@pytest.fixture
def watched(grid: Grid) -> Grid:
    """Two SEs at loopback, judged by probes."""
    return publish(grid)


async def test_what_does_not_answer_is_banned_and_the_why_says_so(watched: Grid) -> None:
    async with double("silent") as server:
        port = server.port
        tcp = probe("tcp", f"tcp://{{host}}:{port}", match={"name": ["SE1"]})
        async with watched.open(**probed(watched, tcp)) as made:
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


async def test_a_probe_for_a_vo_speaks_for_it_alone(watched: Grid) -> None:
    toml_policies(watched.folder, POLICIES, cms='[[evidence]]\nsource = "http"\n')
    web = probe("http", "http://{host}:1/{vo}", vos=["CMS"], match={"name": ["SE1"]})
    async with watched.open(**probed(watched, web)) as made:
        await sync(made)
        await round_of(made)
        assert [await status(made, vo=vo) for vo in ("cms", "atlas", "all")] == ["Banned", "Active", "Active"]


async def test_a_vo_that_would_hear_nothing_is_told(watched: Grid) -> None:
    toml_policies(watched.folder, POLICIES, cms='[[evidence]]\nsource = "http"\nmatch = { name = "SE1" }\n')
    async with watched.open(**probed(watched, probe("http", "http://{host}:1/", vos=["cms", "atlas"]))) as made:
        await sync(made)
        await round_of(made)
        assert [problem.partition(",")[0] for problem in (await source(made, "http")).noted.problems] == [
            "atlas has no rows of its own at 2 of the targets",
            "cms has no rows of its own at 1 of the targets",
        ]


async def test_a_probe_is_a_source_and_its_silence_is_seen(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, every="5m", periods=3)
        async with watched.open(**probed(watched, tcp)) as made:
            await sync(made)
            await round_of(made)
            health = await source(made)
            assert (health.noted.kind, health.state, health.noted.records) == ("probe tcp", "good", 1)
            watched.clock.advance(minutes=16)
            health = await source(made)
            assert health.state == "stale"
            await made.inspector.sweep(100)
            assert await status(made) == "Active"


async def test_figures_that_are_published_are_evidence_too(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, publish=["seconds"])
        async with watched.open(**probed(watched, tcp)) as made:
            await sync(made)
            await round_of(made)
            async with made.database.reading() as connection:
                known = await evidence.of_source(connection, "tcp")
            assert sorted((key.record, item.kind) for key, item in known.items()) == [
                ("probe/tcp", "probe"),
                ("probe/tcp/seconds", "metric"),
            ]

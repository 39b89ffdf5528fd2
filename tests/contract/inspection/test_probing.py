"""Probes, from a service that answers or does not to the mask."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.errors import Conflict, InvalidConfiguration
from gridmask.probes.settings import Probe, Probes
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.double import double
from tests.grid import ADMIN, said, sync, toml_policies
from tests.probing import probe, round_of

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

POLICIES = '[policy.probes]\ntype = "probe"\n[probing]\ndwell = "0s"\ngood = 1\n[guard]\nshare = 1.0\n'


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
        tcp = probe("tcp", f"tcp://127.0.0.1:{server.port}", match={"name": ["SE1"]})
        async with watched.open(**settings(watched, tcp)) as made:
            await sync(made)
            await round_of(made)
            assert await status(made) == "Active"
            tcp_gone = made.probing
            assert tcp_gone is not None
    async with watched.open(**settings(watched, tcp)) as made:
        await sync(made)
        await round_of(made)
        assert (await status(made), await status(made, "SE2")) == ("Banned", "Active")
        [why] = await made.statuses.why(RowName(ElementName("SE1"), "ReadAccess"))
        [verdict] = [v for v in why.seen.row.verdicts if v.policy == "probes"]
        assert "tcp is CRITICAL: connecting to 127.0.0.1" in verdict.reasons[0].text
        assert (verdict.reasons[0].source, verdict.reasons[0].record) == ("tcp", "probe/tcp")

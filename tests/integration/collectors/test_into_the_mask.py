"""What FTS and CMS tell, from their documents into the mask; and what an XRootD server tells of its disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.element import ElementKey
from gridmask.http import Backoff, Client
from gridmask.source import Source
from tests import osg
from tests.conftest import where_installed
from tests.grid import Grid, sync, toml_policies
from tests.services import xrootd

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation

POLICIES = """
[guard]
enabled = false
[policy.transfers]
type = "transfer-quality"
match = { type = "WebDAV" }
[policy.probes]
type = "probe"
match = { type = "Site" }
[policy.space]
type = "free-space"
match = { type = "WebDAV", status_type = "WriteAccess" }
arguments = { banned_below = "0 B", degraded_below = "900 PB" }
"""
SITE, STORAGE = ElementKey("Site", "Site", "A"), ElementKey("Resource", "WebDAV", "SE1")


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """A site with a storage."""
    grid = Grid(tmp_path)
    grid.publish(osg.group("A", osg.resource("SE1", "WebDAV", FQDN="se1.example.org")))
    grid.announce()
    toml_policies(tmp_path, POLICIES)
    return grid


async def status(made: Installation, key: ElementKey, status_type: str = "all") -> str:
    """What the mask of all says of it."""
    return dict((await made.masks.mask("all")).entries[key].statuses)[status_type].label


def source(grid: Grid, kind: str, **options: Any) -> tuple[Source, ...]:  # noqa: ANN401
    """The sources of the grid, and one that reads a file."""
    said = {"name": "said", "kind": kind, "url": (grid.folder / "said").as_uri(), "max_takeout": 1, **options}
    return (*grid.settings().source, Source.model_validate(said))


def overview(*ended: tuple[int, int]) -> str:
    """An overview of FTS with one link for each of these."""
    ends = {"dest_se": "davs://se1.example.org:443", "vo_name": "cms"}
    links = [{**ends, "source_se": f"davs://se{n}.example.com", "finished": f, "failed": b} for n, (f, b) in enumerate(ended)]
    return json.dumps({"overview": {"items": links, "count": len(links), "pageCount": 1}})


async def test_failing_transfers_degrade_until_they_do_not_fail_any_more(grid: Grid) -> None:
    file = grid.folder / "said"
    async with grid.open(policies=grid.folder / "policies", source=source(grid, "fts-monitoring")) as made:
        seen = []
        for links in ([(9, 1), (90, 10)], [(0, 50), (50, 0), (1, 99)], [(99, 1), (99, 1)]):
            file.write_text(overview(*links))
            await sync(made)
            seen.append(await status(made, STORAGE, "WriteAccess"))
            grid.clock.advance(minutes=10)
        assert seen == ["Active", "Degraded", "Active"]


async def test_the_space_of_a_server_decides_and_its_end_changes_nothing(grid: Grid) -> None:
    with where_installed(), xrootd() as server:
        options = {"url": f"root://127.0.0.1:{server.port}", "type": "WebDAV", "space": [{"path": "/data", "element": "SE1"}]}
        sources = source(grid, "xrootd-space", **options)
        async with (
            Client(grid.clock, backoff=Backoff(0, 0, 0)) as client,
            grid.open(client, policies=grid.folder / "policies", source=sources) as made,
        ):
            await sync(made)
            assert await status(made, STORAGE, "WriteAccess") == "Degraded"
            server.stop()
            assert "no connection" in str((await sync(made, "said"))["said"].failure)
            assert await status(made, STORAGE, "WriteAccess") == "Degraded"


async def test_a_site_that_is_not_ready_is_banned(grid: Grid) -> None:
    file = grid.folder / "said"
    options = {"document": "readiness", "vo": "all"}
    async with grid.open(policies=grid.folder / "policies", source=source(grid, "cms-sst", **options)) as made:
        for word, expected in (("ok", "Active"), ("error", "Banned")):
            metadata = {"path": "sr15min", "timestamp": int(grid.clock.advance(minutes=15).timestamp() * 1000)}
            file.write_text(json.dumps({"metadata": metadata, "data": {"name": "A", "status": word}}))
            await sync(made)
            assert await status(made, SITE) == expected

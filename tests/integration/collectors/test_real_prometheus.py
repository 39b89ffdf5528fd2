"""A real Alertmanager tells of alerts, a real Prometheus is asked: what they say is in the mask."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.domain.rights import Grant, Role
from gridmask.source import Source
from tests import osg
from tests.clocks import WallClock
from tests.conftest import where_installed
from tests.grid import ADMIN, Grid, said, sync, toml_policies
from tests.monitoring import alertmanager, amtool, becomes, prometheus, stop, until, watched
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROBES = '[policy.probes]\ntype = "probe"\nmatch = { type = "ComputingElement" }\n[guard]\nenabled = false\n'
OF_CES = {"type": "ComputingElement", "label": "ce"}


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """Two computing elements."""
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}", WallClock())
    grid.publish(osg.group("A", *(osg.resource(name, "CE") for name in ("CE1", "CE2"))))
    grid.announce()
    toml_policies(tmp_path, PROBES)
    return grid


@pytest.fixture
def programs() -> Iterator[ExitStack]:
    """What runs while a test does."""
    with where_installed(), ExitStack() as running:
        yield running


async def token_of(grid: Grid) -> str:
    """A token for whoever tells of alerts about everyone; the inventory has been read then."""
    async with grid.open(policies=grid.folder / "policies") as made:
        await sync(made)
        grants = [Grant(Role.REPORTER, "all")]
        return (await made.service_tokens.issue(ADMIN, "alertmanager", grants, timedelta(days=1), "alerts"))[1]


def test_an_alert_arrives_and_the_mask_follows(grid: Grid, programs: ExitStack) -> None:
    token = asyncio.run(token_of(grid))
    open_to_all = {"access": {"reading": "public"}, "limits": {"strangers_rate": 0}}
    settings: dict[str, Any] = {**open_to_all, "policies": grid.folder / "policies", "receiver": [{"name": "am", **OF_CES}]}
    address = programs.enter_context(served(grid, **settings))
    manager = programs.enter_context(alertmanager(f"{address}/api/v1/evidence/alertmanager/am", token))
    labels = ("Down", "severity=critical", "ce=CE2", "--annotation=summary=Jobs vanish.")
    amtool(manager, "alert", "add", *labels)
    assert until(lambda: status(address, "CE2") == "Banned")
    why = httpx2.get(f"{address}/api/v1/statuses/why", params={"name": "CE2", "type": "ComputingElement"}).text
    assert ("Jobs vanish." in why, status(address, "CE1")) == (True, "Active")
    now = datetime.now(UTC)
    begun, over = (now - timedelta(hours=1)).isoformat(), now.isoformat()
    amtool(manager, "alert", "add", *labels, f"--start={begun}", f"--end={over}")
    assert until(lambda: status(address, "CE2") == "Probing")


def status(address: str, name: str) -> str:
    """What the mask of all says of it."""
    asked = {"name": name, "type": "ComputingElement"}
    [row] = httpx2.get(f"{address}/api/v1/statuses", params=asked).json()["statuses"]
    return str(row["status"])


async def test_what_prometheus_finds_is_in_the_mask(grid: Grid, programs: ExitStack) -> None:
    target = programs.enter_context(watched("transfer_errors 3"))
    server = programs.enter_context(prometheus(target.server_port, ce="CE2"))
    queries = ({"name": "up", "expr": "up"}, {"name": "errors", "expr": "transfer_errors", "gives": "metric"})
    source = Source.model_validate(
        {"name": "watch", "kind": "prometheus", "url": f"http://127.0.0.1:{server.port}", "query": queries, **OF_CES}
    )
    sources = (*grid.settings().source, source)
    async with grid.open(policies=grid.folder / "policies", source=sources) as made:

        async def seen(records: int, status: str) -> bool:
            reports = await sync(made)
            return reports["watch"].records == records and said(await made.masks.mask("all"))["CE2"] == status

        assert await becomes(lambda: seen(2, "Active"))
        stop(target)
        assert await becomes(lambda: seen(1, "Banned"))  # and the figures are stale at once

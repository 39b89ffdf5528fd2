"""What metrics tell, and that it costs nobody anything."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx2
import pytest
from prometheus_client import CollectorRegistry, Gauge

from gridmask import __version__
from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.domain.status import Status
from gridmask.inspection.promptness import Promptness
from gridmask.series import become
from gridmask.service import checkup
from gridmask.service.selection import ElementName, RowName
from gridmask.store import statuses
from tests.clocks import at
from tests.grid import ADMIN

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid


async def figures(client: httpx2.AsyncClient) -> dict[str, float]:
    text = (await client.get("/metrics")).text
    return {name: float(value) for name, value in re.findall(r"^(gridmask_\S+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


async def ban(gridmask: Installation) -> None:
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "security")


async def test_what_runs_is_told(client: httpx2.AsyncClient) -> None:
    (build,) = [name for name in await figures(client) if name.startswith("gridmask_build_info")]
    assert f'version="{__version__}"' in build
    assert 'database="sqlite"' in build


async def test_the_age_of_a_mask_grows_until_it_is_compared_with_the_database_again(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    await gridmask.board.refresh()
    grid.clock.advance(seconds=7)
    told = await figures(client)
    assert (told['gridmask_mask_age_seconds{vo="cms"}'], told['gridmask_mask_unchanged_seconds{vo="cms"}']) == (7, 7)
    await gridmask.board.refresh()
    told = await figures(client)
    assert (told['gridmask_mask_age_seconds{vo="cms"}'], told['gridmask_mask_unchanged_seconds{vo="cms"}']) == (0, 7)


async def test_a_process_tells_how_many_revisions_it_is_behind(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.board.refresh()
    await ban(gridmask)
    assert (await figures(client))["gridmask_board_behind_revisions"] == 1
    await gridmask.board.refresh()
    assert (await figures(client))["gridmask_board_behind_revisions"] == 0


async def test_rows_that_are_due_are_counted_with_how_long(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    assert (await figures(client))["gridmask_rows_due"] == 0
    async with gridmask.database.reading() as connection:
        due = await statuses.next_due(connection)
    assert due == at(hours=2)
    grid.clock.advance(hours=2, seconds=30)
    told = await figures(client)
    assert (told["gridmask_rows_due"] > 0, told["gridmask_rows_due_lag_seconds"]) == (True, 30)


async def test_how_long_decisions_take_to_the_mask_is_measured(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.board.refresh()
    before = await figures(client)
    await ban(gridmask)
    await gridmask.board.refresh()
    told = await figures(client)
    for name in ('decision_seconds_count{event="StatusSet"}', "evidence_to_mask_seconds_count", "mask_delay_seconds_count"):
        assert told[f"gridmask_{name}"] == before.get(f"gridmask_{name}", 0) + 1, name


def test_each_revision_that_is_seen_is_measured_once() -> None:
    seen = Promptness()
    for revision in (1, 2, 3):
        seen.expect(revision, at() + timedelta(seconds=revision))
    seen.seen([], 2, at() + timedelta(seconds=5))
    assert list(seen._awaited) == [(3, at() + timedelta(seconds=3))]


async def test_transactions_are_measured_by_kind_and_by_what_they_wait_for(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    before = await figures(client)
    await ban(gridmask)
    told = await figures(client)
    for labels in ('transaction_seconds_count{kind="writing"}', 'transaction_wait_seconds_count{wait="counter"}'):
        assert told[f"gridmask_{labels}"] > before[f"gridmask_{labels}"]


async def test_sources_tell_how_often_they_are_asked_and_until_when_they_count(client: httpx2.AsyncClient) -> None:
    told = await figures(client)
    assert told['gridmask_source_every_seconds{source="osg"}'] == 600
    until = told['gridmask_source_valid_until_timestamp_seconds{source="feed"}']
    assert until == (at() + timedelta(hours=6)).timestamp()
    assert 'gridmask_source_valid_until_timestamp_seconds{source="osg"}' not in told


def test_a_label_that_is_gone_is_told_no_more() -> None:
    registry = CollectorRegistry()
    gauge = Gauge("one", "One.", ["vo"], registry=registry)
    become(gauge, {("cms",): 1, ("atlas",): 2})
    become(gauge, {("atlas",): 3})
    assert (registry.get_sample_value("one", {"vo": "atlas"}), registry.get_sample_value("one", {"vo": "cms"})) == (3, None)


async def test_while_the_vitals_are_kept_current_no_scrape_asks_the_database(
    client: httpx2.AsyncClient, gridmask: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "EVERY", 3600)
    await gridmask.board.refresh()
    keeping = asyncio.create_task(gridmask.checkup.run())
    await figures(client)
    monkeypatch.setattr(gridmask.database, "reading", None)
    assert (await figures(client))["gridmask_rows_due"] == 0
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_actions_tell_what_waits_for_them(grid: Grid) -> None:
    hook = {"name": "ours", "url": "http://127.0.0.1:9/"}
    async with installation(grid.settings(webhook=(hook,)), clock=grid.clock) as made:
        await ban(made)
        grid.clock.advance(seconds=30)
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            told = await figures(client)
    figures_of_it = [told[f'gridmask_action_{name}{{action="ours"}}'] for name in ("waiting", "lag_seconds", "dead_letters")]
    assert figures_of_it == [1, 30, 0]

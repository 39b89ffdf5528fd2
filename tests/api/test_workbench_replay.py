"""The workbench, over the last days: what is recorded happens again under other policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.store import recording
from tests.forms import form, send
from tests.grid import catch_up, toml_policies
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

OF_CMS, OF_ATLAS = "/policies/workbench?vo=cms", "/policies/workbench?vo=atlas"
CLOSED = (
    '[policy.closed]\ntype = "always"\nmatch.type = "ComputingElement"\narguments = { status = "Banned", comment = "no" }\n'
)


@pytest.fixture
async def gridmask(grid: Grid, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation in which cms keeps its policies by the API, after two days that were recorded."""
    policies = toml_policies(tmp_path, "[guard]\nenabled = false\n")
    async with grid.open(policies=policies, vo={"cms": {"policies": "api"}, "atlas": {}}) as made:
        await catch_up(made)
        assert made.worlds is not None
        assert await made.worlds.keep()
        grid.clock.advance(hours=3)
        await catch_up(made)
        grid.clock.advance(days=2)
        yield made


async def asked(client: httpx2.AsyncClient, days: str, text: str = CLOSED, where: str = OF_CMS) -> httpx2.Response:
    """What comes of asking for the last days with ``text``."""
    return await send(client, form((await client.get(where)).text, "draft"), text=text, days=days, do="replay")


async def test_what_would_have_been_is_told_with_both_whys(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    answer = await asked(client, "1")
    told = read(answer.text)
    assert "What would have been, over the last 1 day" in told
    assert "would have been otherwise: not usable for" in told
    assert "PRIVATE" in told
    assert "too long ago to rely on. Yours Banned Always Banned: no" in told
    assert (await gridmask.policy_layers.show("cms")).version.number == 0
    assert '<option value="1" selected>' in answer.text


async def test_what_is_recorded_later_than_one_asks_is_said(client: httpx2.AsyncClient) -> None:
    told = read((await asked(client, "30")).text)
    assert "The last 2 days of 30 days: what is recorded begins 2026-08-21 17:00 UTC." in told
    assert "outage" in told  # of CE1, which ended in the meantime


async def test_of_elements_of_other_vos_nothing_is_told(client: httpx2.AsyncClient) -> None:
    told = read((await asked(client, "7", where=OF_ATLAS)).text)
    assert "CE2" in told
    assert "PRIVATE" not in told


async def test_where_nothing_differs_that_is_said(client: httpx2.AsyncClient) -> None:
    assert "Nothing would have been otherwise for cms." in read((await asked(client, "7", "# nothing\n")).text)


async def test_nothing_is_written(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    async def written() -> tuple[int, int]:
        async with gridmask.database.reading() as connection:
            return await recording.last(connection), (await gridmask.masks.revisions())["cms"]

    before = await written()
    await asked(client, "7")
    assert await written() == before


@pytest.mark.parametrize(
    ("days", "told"), [("5", "over 1, 7 or 30 days, not over 5"), ("-1", "not over 0"), ("x" * 99, "not over 0")]
)
async def test_other_periods_are_refused(client: httpx2.AsyncClient, days: str, told: str) -> None:
    assert told in read((await asked(client, days)).text)


async def test_that_nothing_is_recorded_is_said(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    async with gridmask.database.reading() as connection:
        assert await recording.worlds(connection)
    async with gridmask.database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM recorded_parts")
        await connection.exec_driver_sql("DELETE FROM recorded_events")
    assert "Nothing is recorded yet." in read((await asked(client, "1")).text)

"""What other policies would have done, within bounds."""

from __future__ import annotations

from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Conflict, InvalidRequest, LayerRefused
from gridmask.service.replay_trials import ReplayTrials
from tests.grid import ADMIN, catch_up, sync, toml_policies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CLOSED = (
    '[policy.closed]\ntype = "always"\nmatch.type = "ComputingElement"\narguments = { status = "Banned", comment = "no" }\n'
)


@asynccontextmanager
async def recorded(grid: Grid, policies: Path | None = None) -> AsyncIterator[Installation]:
    """An installation with ten days behind it, of which the world was recorded at their beginning."""
    async with grid.open(policies=policies, vo={"cms": {"policies": "api"}, "atlas": {}}) as made:
        await sync(made)
        await catch_up(made)
        assert made.worlds is not None
        assert await made.worlds.keep()
        grid.clock.advance(hours=3)
        await catch_up(made)
        grid.clock.advance(days=10)
        yield made


def trials(made: Installation, ticks: float) -> ReplayTrials:
    """Trials for which each look at the clock is as so many seconds."""
    looks = count()
    return ReplayTrials(made.inspector, made.vos, made.recordings, made.settings, lambda: next(looks) * ticks)


@pytest.mark.parametrize(("ticks", "days"), [(0.001, 7), (1.0, 1)])
async def test_of_what_takes_too_long_the_last_days_are_told(grid: Grid, ticks: float, days: int) -> None:
    async with recorded(grid) as made:
        found = await trials(made, ticks).over(ADMIN, "cms", CLOSED, 7)
    assert ((found.until - found.since).days, found.is_cut, found.begins_late) == (days, days < 7, False)


async def test_where_even_a_day_takes_too_long_that_is_said(grid: Grid) -> None:
    async with recorded(grid) as made:
        with pytest.raises(InvalidRequest, match="takes longer than 10 s"):
            await trials(made, 60).over(ADMIN, "cms", CLOSED, 1)


async def test_so_many_events_and_no_more_are_gone_through(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    async with recorded(grid) as made:
        monkeypatch.setattr("gridmask.service.replay_trials.MOST_EVENTS", 0)
        with pytest.raises(InvalidRequest, match="too much happened"):
            await made.replay_trials.over(ADMIN, "cms", CLOSED, 7)


async def test_what_the_guard_would_have_held_is_told(grid: Grid, tmp_path: Path) -> None:
    async with recorded(grid, toml_policies(tmp_path, "[guard]\nshare = 0.0\nnumber = 0\n")) as made:
        found = await made.replay_trials.over(ADMIN, "cms", CLOSED, 7)
        assert await made.batches.list() == []
    assert sum(batch.rows for batch in found.batches) > 0


async def test_what_is_wrong_or_not_recorded_is_not_tried(grid: Grid) -> None:
    async with recorded(grid) as made:
        for vo, text, days, error in (
            ("cms", CLOSED.replace("always", "alwys"), 7, LayerRefused),
            ("all", CLOSED, 7, Conflict),
            ("cms", CLOSED, 8, InvalidRequest),
        ):
            with pytest.raises(error):
                await made.replay_trials.over(ADMIN, vo, text, days)
    async with grid.open(recording={"enabled": False}) as made:
        with pytest.raises(InvalidRequest, match="switched off"):
            await made.replay_trials.over(ADMIN, "cms", CLOSED, 7)

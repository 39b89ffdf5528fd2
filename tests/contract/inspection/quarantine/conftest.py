"""An installation that follows twenty computing elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.grid import Grid
from tests.quarantined import Play, playing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def play(grid: Grid) -> AsyncIterator[Play]:
    """On a database of each kind: for what depends on that."""
    async with playing(grid) as play:
        yield play


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Play]:
    """In memory: for what does not."""
    async with playing(Grid(tmp_path)) as play:
        yield play

"""A grid, and a double of Rucio that listens for real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.actuated import RucioDouble, listening, quick

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.grid import Grid


@pytest.fixture
def grid(tmp_path: Path, made_sqlite: str) -> Grid:
    """A grid to which tests give what they are about."""
    return quick(tmp_path, made_sqlite)


@pytest.fixture
async def rucio() -> AsyncIterator[RucioDouble]:
    """One that knows two RSEs."""
    async with listening(RucioDouble()) as made:
        made.on("SE1", "SE2")
        yield made

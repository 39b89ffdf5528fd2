"""Sources on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.http.server import running
from tests.integration.sources.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A grid on which all is well, but for what is announced and measured."""
    async with running() as server:
        yield World(server, tmp_path)

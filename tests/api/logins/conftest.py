"""A browser, and the issuer where its person is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.logins import Browser, browsing
from tests.provider import Provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid


@pytest.fixture
async def browser(grid: Grid) -> AsyncIterator[Browser]:
    async with browsing(grid, Provider()) as made:
        yield made

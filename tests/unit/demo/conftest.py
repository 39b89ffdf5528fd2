"""A play that began on an afternoon in August."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmask.demo.play import Play

BEGAN = datetime(2026, 8, 21, 17, 0, 23, tzinfo=UTC)


@pytest.fixture(scope="session")
def play() -> Play:
    """The play as a visitor sees it."""
    return Play(BEGAN)

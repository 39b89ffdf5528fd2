"""A ResourceStatusDB, on a server and in a file, and the way from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dirac_db import DiracDb, layout
from tests.moving import Move

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
async def dirac(request: pytest.FixtureRequest, tmp_path: Path) -> DiracDb:
    """An empty ResourceStatusDB as DIRAC 8 makes it."""
    file = request.param == "sqlite"
    url = f"sqlite+aiosqlite:///{tmp_path / 'dirac.db'}" if file else request.getfixturevalue("fresh_mariadb")
    made = DiracDb(url)
    await made.run(*layout(families=("Site", "Resource", "Node"), vo=True, file=file))
    return made


@pytest.fixture
def move(dirac: DiracDb, tmp_path: Path) -> Move:
    """From that to a new installation."""
    return Move(dirac, f"sqlite:///{tmp_path / 'gridmask.db'}", tmp_path)

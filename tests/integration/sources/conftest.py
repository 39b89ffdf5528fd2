"""Sources on loopback."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gridmask.store.database import Database
from tests.integration.http.server import running
from tests.integration.sources.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What the one database below is made with."""
    return "asyncio"


@pytest.fixture(scope="session")
async def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with our schema, whose making takes longer than what is tried here."""
    path = tmp_path_factory.mktemp("schema") / "gridmask.db"
    async with Database(f"sqlite:///{path}") as database:
        await database.upgrade()
    return path


@pytest.fixture
async def world(tmp_path: Path, made_once: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A grid on which all is well, but for what is announced and measured."""

    async def upgrade(database: Database) -> None:
        shutil.copyfile(made_once, database.url.database or "")

    monkeypatch.setattr(Database, "upgrade", upgrade)
    async with running() as server:
        yield World(server, tmp_path)

"""What the tests of a process would do again and again, done once: schemas are copies; statements and routes are shared.

Nothing else is different: what is copied was made by the migrations, a statement is compiled the same whoever sends it, and
what FastAPI makes of a route knows nothing of the application but what its tests override. Nobody trusts the system's CAs.
"""

from __future__ import annotations

import os
import shutil
import ssl
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from gridmask.http import tls
from gridmask.store import engines
from gridmask.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

upgraded = Database.upgrade
"""The schema made by the migrations, as outside of tests."""


class Compiled(dict["tuple[Hashable, ...]", Any]):
    """Statements compiled for one kind of database, whatever engine they are for: that is the first of what they go by."""

    def get(self, key: tuple[Hashable, ...], default: Any = None) -> Any:  # noqa: ANN401 - as dict has it
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Hashable, ...], value: Any) -> None:  # noqa: ANN401 - likewise
        super().__setitem__(key[1:], value)


_trusting = tls._trusting
_COMPILED: dict[str, Compiled] = {}


def _sharing(url: URL, **options: Any) -> AsyncEngine:  # noqa: ANN401 - whatever engines are made with
    compiled = _COMPILED.setdefault(url.get_backend_name(), Compiled())
    return create_async_engine(url, execution_options={"compiled_cache": compiled}, **options)


class _Schema:
    """A SQLite file with nothing but the schema in it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gridmask-schema-")
        self._file = Path(self._folder.name) / "gridmask.db"

    async def copy_to(self, place: Path) -> None:
        if not self._file.exists():
            await self._make()
        shutil.copyfile(self._file, place)

    async def _make(self) -> None:
        made = self._file.with_suffix(".new")
        async with Database(f"sqlite:///{made}") as database:
            await upgraded(database)
        made.rename(self._file)


_SCHEMA = _Schema()


async def _copied(database: Database) -> None:
    place = Path(database.url.database or "")
    if not database.exists and os.access(place.parent, os.W_OK):
        await _SCHEMA.copy_to(place)
    await upgraded(database)


def _trusting_nobody(ca: Path | None, *, trust_env: bool) -> ssl.SSLContext:
    """Without the system's CAs, which know nobody on loopback: to load them takes longer than most tests."""
    return _trusting(ca, trust_env=trust_env) if ca or trust_env else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def begin() -> None:
    """From now on, do so."""
    patch = pytest.MonkeyPatch()
    patch.setattr(engines, "create_async_engine", _sharing)
    patch.setattr(Database, "upgrade", _copied)
    patch.setattr(tls, "_trusting", _trusting_nobody)
    if "fastapi" in sys.modules:
        from tests import routes  # noqa: PLC0415 - not for those who serve nothing

        routes.share(patch)

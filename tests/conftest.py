"""Fixtures for every test."""

from __future__ import annotations

import gc
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
DATABASE_NUMBERS = itertools.count(1)

# no deadlines: a busy machine is no failure. In CI, the same examples every time
UNHURRIED = hypothesis.settings(deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.register_profile("unit", UNHURRIED, max_examples=3, stateful_step_count=6)  # ./dev unit
hypothesis.settings.register_profile("brief", UNHURRIED, max_examples=25, stateful_step_count=12)
hypothesis.settings.register_profile("thorough", UNHURRIED, derandomize=False, max_examples=1000, stateful_step_count=30)
hypothesis.settings.load_profile("brief")  # --hypothesis-profile thorough looks for longer

gc.disable()  # until all tests are collected


def pytest_collection_finish() -> None:
    """What is imported stays to the end: the garbage collector need not look at it again and again, nor all the time."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the program does."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded answers of real sources, which lies beside a developer's tree and not in it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the recorded answers are not here: {folder} does not exist")
    return folder


@pytest.fixture(scope="session")
def mariadb() -> Iterator[servers.MariaDB]:
    """A private MariaDB for the session; without its programs, a skip, or a failure where servers are required."""
    try:
        with servers.mariadb() as database:
            yield database
    except servers.ServerMissing as reason:
        missing = pytest.fail if os.environ.get("GRIDMASK_REQUIRE_SERVERS") == "1" else pytest.skip
        missing(str(reason))


@pytest.fixture(scope="session")
def mariadb_url(mariadb: servers.MariaDB) -> str:
    """The private MariaDB's SQLAlchemy URL, without a database: append ``/name?charset=utf8mb4``."""
    return mariadb.url


@pytest.fixture
def fresh_mariadb(mariadb: servers.MariaDB) -> Iterator[str]:
    """The URL of a new, empty MariaDB database, dropped after the test."""
    name = f"gridmask_{next(DATABASE_NUMBERS)}"
    mariadb.execute(f"CREATE DATABASE {name}")
    yield f"{mariadb.url}/{name}?charset=utf8mb4"
    mariadb.execute(f"DROP DATABASE {name}")


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """The URL of a new SQLite database, whose file does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'gridmask.db'}"


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new, empty database, once of every kind: the test of a contract that all of them keep."""
    url: str = request.getfixturevalue(f"fresh_{request.param}")
    return url

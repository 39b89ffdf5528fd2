"""Fixtures for every test."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql import PostgreSQL

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
    if "sqlalchemy" in sys.modules:
        from tests import quickly  # noqa: PLC0415 - not for the unit tests, which need no database

        quickly.begin()
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
    with where_installed(), servers.mariadb() as database:
        yield database


@contextmanager
def where_installed() -> Iterator[None]:
    try:
        yield
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


@pytest.fixture(scope="session")
def mariadb_script(mariadb: servers.MariaDB) -> str:
    """SQL that makes nothing but the schema, as the migrations left it: to run it is quicker than to migrate."""
    name = "gridmask_template"
    mariadb.execute(f"CREATE DATABASE {name}")
    asyncio.run(_upgraded(f"{mariadb.url}/{name}?charset=utf8mb4"))
    tables = mariadb.execute(f"SHOW TABLES FROM {name}").split()
    made = [_made_as(mariadb, name, table) for table in tables]
    filled = [f"INSERT INTO {table} SELECT * FROM {name}.{table}" for table in tables]
    return ";\n".join(("SET foreign_key_checks = 0", *made, *filled))


def _made_as(mariadb: servers.MariaDB, database: str, table: str) -> str:
    """The statement that makes ``table`` once more."""
    _, statement = mariadb.execute(f"SHOW CREATE TABLE {database}.{table}").split("\t", 1)
    return statement.replace("\\n", "\n").replace("\\\\", "\\")  # as its client spells them


async def _upgraded(url: str) -> None:
    from gridmask.store.database import Database  # noqa: PLC0415 - not for the unit tests, which need no database

    async with Database(url) as database:
        await database.upgrade()


@pytest.fixture
def made_mariadb(mariadb: servers.MariaDB, mariadb_script: str) -> Iterator[str]:
    """The URL of a new MariaDB database that has its schema already, dropped after the test."""
    name = f"gridmask_{next(DATABASE_NUMBERS)}"
    mariadb.execute(f"CREATE DATABASE {name}; USE {name}; {mariadb_script}")
    yield f"{mariadb.url}/{name}?charset=utf8mb4"
    mariadb.execute(f"DROP DATABASE {name}")


@pytest.fixture
def made_sqlite(fresh_sqlite: str) -> str:
    """The same: to upgrade it is to copy what was made once."""
    return fresh_sqlite


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A private PostgreSQL for the session; without its programs, a skip, or a failure where servers are required."""
    from tests import postgresql as server  # noqa: PLC0415 - the driver alone takes as long as many tests

    with where_installed(), server.postgresql() as database:
        yield database


@pytest.fixture
def fresh_postgresql(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database, dropped after the test."""
    with postgresql.database(f"gridmask_{next(DATABASE_NUMBERS)}") as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> str:
    """The name of a PostgreSQL database with nothing but the schema in it: to copy it is quicker than to make it."""
    postgresql.execute("CREATE DATABASE gridmask_template")
    asyncio.run(_upgraded(f"{postgresql.url}/gridmask_template"))
    return "gridmask_template"


@pytest.fixture
def made_postgresql(postgresql: PostgreSQL, postgresql_template: str) -> Iterator[str]:
    """The URL of a new PostgreSQL database that has its schema already, dropped after the test."""
    with postgresql.database(f"gridmask_{next(DATABASE_NUMBERS)}", postgresql_template) as url:
        yield url


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """The URL of a new SQLite database, whose file does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'gridmask.db'}"


MARIADB = pytest.param("mariadb", marks=pytest.mark.mariadb)
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(params=["sqlite", MARIADB, POSTGRESQL])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new, empty database, once of every kind: the test of a contract that all of them keep."""
    url: str = request.getfixturevalue(f"fresh_{request.param}")
    return url


@pytest.fixture(params=["sqlite", MARIADB, POSTGRESQL])
def upgradable_url(request: pytest.FixtureRequest) -> str:
    """The same, for those who upgrade it first: since that takes long, the schema is there already."""
    url: str = request.getfixturevalue(f"made_{request.param}")
    return url

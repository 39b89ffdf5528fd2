"""The servers that other tests stand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from tests import postgresql as postgresql_server
from tests import servers

if TYPE_CHECKING:
    from tests.postgresql import PostgreSQL


async def ask(url: str, *statements: str) -> object:
    """Runs ``statements`` in one transaction and gives the last one's first value, None where it has none."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            results = [await connection.execute(text(statement)) for statement in statements]
            return results[-1].scalar() if results[-1].returns_rows else None
    finally:
        await engine.dispose()


async def test_every_kind_of_database_starts_empty_and_keeps_what_it_is_told(database_url: str) -> None:
    await ask(database_url, "CREATE TABLE sites (name VARCHAR(20))", "INSERT INTO sites VALUES ('CERN')")

    assert await ask(database_url, "SELECT name FROM sites") == "CERN"


@pytest.mark.mariadb
@pytest.mark.parametrize("turn", [1, 2])
async def test_no_test_sees_the_tables_of_another(fresh_mariadb: str, turn: int) -> None:
    assert await ask(fresh_mariadb, "SHOW TABLES") is None

    await ask(fresh_mariadb, f"CREATE TABLE left_behind (turn INT DEFAULT {turn})")


@pytest.mark.mariadb
async def test_mariadb_tells_names_apart_by_case(fresh_mariadb: str) -> None:
    await ask(fresh_mariadb, "CREATE TABLE vos (name VARCHAR(9))", "INSERT INTO vos VALUES ('CMS')")

    assert await ask(fresh_mariadb, "SELECT COUNT(*) FROM vos WHERE name = 'cms'") == 0


@pytest.mark.mariadb
async def test_mariadb_refuses_what_it_would_have_to_truncate(fresh_mariadb: str) -> None:
    with pytest.raises(DBAPIError, match="Data too long"):
        await ask(fresh_mariadb, "CREATE TABLE sites (name VARCHAR(2))", "INSERT INTO sites VALUES ('CERN')")


@pytest.mark.mariadb
async def test_mariadb_keeps_four_byte_letters(fresh_mariadb: str) -> None:
    assert await ask(fresh_mariadb, "SELECT '\N{TELESCOPE}'") == "\N{TELESCOPE}"


@pytest.mark.mariadb
def test_mariadb_listens_on_loopback_only_and_never_runs_as_root(mariadb: servers.MariaDB) -> None:
    process = Path(mariadb.execute("SELECT @@pid_file")).read_text().strip()

    assert mariadb.execute("SELECT @@bind_address") == "127.0.0.1"
    assert Path("/proc", process).stat().st_uid != 0


@pytest.mark.mariadb
@pytest.mark.slow
def test_a_private_mariadb_is_gone_after_use(mariadb: servers.MariaDB) -> None:
    with servers.mariadb() as another:
        folder = Path(another.execute("SELECT @@datadir")).parent
        assert another.port != mariadb.port

    assert not another.answers()
    assert not folder.exists()
    assert mariadb.answers()


@pytest.mark.postgresql
@pytest.mark.parametrize("turn", [1, 2])
async def test_no_test_on_postgresql_sees_the_tables_of_another(fresh_postgresql: str, turn: int) -> None:
    assert await ask(fresh_postgresql, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0

    await ask(fresh_postgresql, f"CREATE TABLE left_behind (turn INT DEFAULT {turn})")


@pytest.mark.postgresql
async def test_postgresql_sorts_as_people_do_unless_it_is_told_otherwise(fresh_postgresql: str) -> None:
    assert await ask(fresh_postgresql, "SELECT 'ce1' < 'CE2'") is True
    assert await ask(fresh_postgresql, """SELECT 'ce1' < 'CE2' COLLATE "C" """) is False


@pytest.mark.postgresql
def test_postgresql_listens_on_loopback_only_and_never_runs_as_root(postgresql: PostgreSQL) -> None:
    folder = Path(postgresql.execute("SHOW data_directory"))
    process = (folder / "postmaster.pid").read_text().split()[0]

    assert postgresql.execute("SHOW listen_addresses") == "127.0.0.1"
    assert Path("/proc", process).stat().st_uid != 0


@pytest.mark.postgresql
@pytest.mark.slow
def test_a_private_postgresql_is_gone_after_use_even_with_clients(postgresql: PostgreSQL) -> None:
    with postgresql_server.postgresql() as another:
        folder = Path(another.execute("SHOW data_directory")).parent
        client = psycopg.connect(f"host=127.0.0.1 port={another.port} user=postgres")
        assert another.port != postgresql.port
    client.close()

    assert not another.answers()
    assert not folder.exists()
    assert postgresql.answers()


def test_a_missing_program_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(servers.ServerMissing, match=r"no-such-program is missing; on Debian: apt-get"):
        servers.find_program("no-such-program")

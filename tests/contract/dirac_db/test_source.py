"""How DIRAC's databases are read, and that they are only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from gridmask.dirac_db.source import Source
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest, StoreUnavailable
from tests.dirac_db import DiracDb, layout
from tests.dirac_db import row as said
from tests.moving import Move
from tests.servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

PAST = [said("CE1", "Active", 1), said("CE1", "Banned", 5), said("CE1", "Active", 9)]


async def test_nothing_can_be_written_to_dirac(move: Move) -> None:
    async with Source(move.dirac.url) as source:
        with pytest.raises(StoreUnavailable, match=r"(?i)read.?only"):
            async with source._reading() as connection:
                await connection.execute(text("DELETE FROM ResourceStatus"))


@pytest.mark.mariadb
async def test_what_dirac_moves_while_it_is_read_is_not_missed(fresh_mariadb: str) -> None:
    dirac = DiracDb(fresh_mariadb)
    await dirac.run(*layout(families=("Resource",), vo=True))
    await dirac.add("ResourceLog", *PAST)
    async with Source(dirac.url) as source, source.one_moment():
        tables = (await source.layout()).journals("Resource")
        read = [len(page) async for page in source.journal(tables[0], 0)]
        columns = "Name, StatusType, Status, Reason, DateEffective, ElementType, LastCheckTime, TokenOwner"
        await dirac.run(f"INSERT INTO ResourceHistory ({columns}) SELECT {columns} FROM ResourceLog", "DELETE FROM ResourceLog")
        read += [len(page) async for page in source.journal(tables[1], 0)]

    assert read == [3]


async def test_a_database_of_something_else_is_told(tmp_path: Path) -> None:
    other = DiracDb(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    await other.run("CREATE TABLE Jobs (ID INTEGER)")
    async with Source(other.url) as source:
        with pytest.raises(InvalidRequest, match="no ResourceStatusDB"):
            await source.layout()


@pytest.mark.parametrize("url", ["nonsense", "postgresql://host/ResourceStatusDB", "mysql://user@host"])
def test_a_url_that_cannot_be_is_told(url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        Source(url)


async def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    async with Source(f"mysql://user:secret@127.0.0.1:{free_port()}/ResourceStatusDB") as source:
        with pytest.raises(StoreUnavailable) as caught:
            await source.layout()

    assert "secret" not in str(caught.value)

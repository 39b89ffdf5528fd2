"""How the views look, seen from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from gridmask.store.dirac_views import shape
from tests import dirac_own
from tests.conftest import MARIADB
from tests.dirac_db import DiracDb

if TYPE_CHECKING:
    from tests.dirac_views import Viewed

TEXTS = {"Name": 64, "StatusType": 128, "VO": 64, "Status": 8, "Reason": 512, "ElementType": 32, "TokenOwner": 16}
ORDER = (
    *("Name", "StatusType", "VO", "Status", "Reason", "DateEffective"),
    *("TokenExpiration", "ElementType", "LastCheckTime", "TokenOwner"),
)
FOUND = """
    SELECT column_name, data_type, character_maximum_length, datetime_precision FROM information_schema.columns
    WHERE table_schema = :schema AND table_name = :view ORDER BY ordinal_position
"""
MOMENT = {"mysql": "datetime", "postgresql": "timestamp without time zone"}
TEXT = {"mysql": "varchar", "postgresql": "character varying"}


async def columns(viewed: Viewed, schema: str, view: str) -> list[tuple[object, ...]]:
    async with viewed.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(FOUND), {"schema": schema, "view": view})]


async def test_the_views_have_diracs_columns_in_their_order_with_their_types(viewed: Viewed) -> None:
    kind = viewed.database.engine.dialect.name
    wanted = [(name, TEXT[kind], TEXTS[name], None) if name in TEXTS else (name, MOMENT[kind], None, 0) for name in ORDER]
    for view in shape.NAMES:
        number = [] if view.endswith("Status") else [("ID", "bigint", None, None)]
        assert await columns(viewed, viewed.schema, view) == number + wanted


@pytest.mark.parametrize("viewed", [MARIADB], indirect=True)
async def test_they_are_those_that_dirac_itself_makes(viewed: Viewed, fresh_mariadb: str) -> None:
    dirac, own = DiracDb(fresh_mariadb), dirac_own.tables("ResourceStatusDB")
    await dirac.run(*own)
    schema = fresh_mariadb.rsplit("/", 1)[1].split("?", maxsplit=1)[0]
    there = [name for name in shape.NAMES if any(f"`{name}`" in statement for statement in own)]
    assert len(there) >= 6
    for name in there:
        assert await columns(viewed, viewed.schema, name) == await columns(viewed, schema, name)


async def test_an_empty_world_has_empty_views(viewed: Viewed) -> None:
    await viewed.keep()
    assert [await viewed.rows(view) for view in shape.NAMES] == [[]] * 9

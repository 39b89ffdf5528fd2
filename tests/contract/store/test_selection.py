"""Which elements and rows agree with a match, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.events import InventoryChanged
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.service.selection import MOST_MATCHES, RowName, elements_that_match, find_elements, keys_of, rows_that_match
from gridmask.service.selection import ElementName as Name
from gridmask.service.tokens import Wanted
from gridmask.store.world import Scope
from gridmask.testing import element
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, Grid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation
    from gridmask.domain.matching import Match

NAMES = ("a_b", "aXb", "A_b", "50%", "50x", "über", "uber", "x[1]", "x1", "a/b", "a\\b", "'", "z" * 200)
ELEMENTS = (
    *(element(name, "FTS", site="S_1") for name in NAMES),
    element("tape", "StorageElement", site="SX1", tags=frozenset({"tape"}), offered={"cms"}),
    element("disk", "StorageElement", site="SX1", tags=frozenset({"disk"})),
)


@pytest.fixture
async def made(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation with names that databases may take for patterns."""

    async def all_of_them(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(InventoryChanged("test", ELEMENTS), Scope.of([], coming=ELEMENTS), "inventory")

    async with Grid(tmp_path, database_url).open(source=()) as made:
        await made.inspector.happen(all_of_them)
        yield made


async def rows(made: Installation, patterns: Mapping[str, str | list[str]], vo: str = "all") -> list[str]:
    async with made.database.reading() as connection:
        keys = await keys_of(connection, [rows_that_match(patterns, vo)], await made.inspector.types(connection))
    return sorted({key.element.name for key in keys})


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ({"name": "a_b"}, ["a_b"]),
        ({"name": "a_*"}, ["a_b"]),
        ({"name": "a?b"}, ["a/b", "aXb", "a\\b", "a_b"]),
        ({"name": "[aA]_b"}, ["A_b", "a_b"]),
        ({"name": "50%"}, ["50%"]),
        ({"name": "50?"}, ["50%", "50x"]),
        ({"name": "ü*"}, ["über"]),
        ({"name": "u*"}, ["uber"]),
        ({"name": "x[[]1]"}, ["x[1]"]),
        ({"name": "'"}, ["'"]),
        ({"name": "a\\b"}, ["a\\b"]),
        ({"name": "z" * 200}, ["z" * 200]),
        ({"name": ["x*", "!x1"]}, ["x[1]"]),
        ({"name": ["!*"], "type": "*"}, []),
        ({"site": "S_1", "name": ["50*", "über"]}, ["50%", "50x", "über"]),
        ({"site": "!S_1"}, ["disk", "tape"]),
        ({"type": "Storage*", "tags": "!tape", "status_type": "WriteAccess"}, ["disk"]),
        ({"name": [f"x{n}" for n in range(100)]}, ["x1"]),
    ],
)
async def test_patterns_mean_the_same_on_every_database(
    made: Installation, patterns: dict[str, str | list[str]], names: list[str]
) -> None:
    if names:
        assert await rows(made, patterns) == sorted(names)
        return
    with pytest.raises(InvalidRequest, match="Nothing in the inventory"):
        await rows(made, patterns)


async def test_what_is_not_offered_to_a_vo_is_not_meant(made: Installation) -> None:
    assert await rows(made, {"type": "StorageElement"}, "atlas") == ["disk"]
    assert await rows(made, {"type": "StorageElement"}, "cms") == ["disk", "tape"]


async def test_a_row_is_meant_by_what_its_vo_sees_of_it(made: Installation) -> None:
    await made.statuses.set(ADMIN, [RowName(Name("a_b"))], Status.BANNED, "x", binding=True)
    await made.statuses.set(ADMIN, [RowName(Name("aXb"), vo="cms")], Status.BANNED, "x", wanted=Wanted(at(days=1)))
    assert await rows(made, {"status": "Banned"}) == ["a_b"]
    assert await rows(made, {"status": "Banned"}, "cms") == ["aXb", "a_b"]
    assert await rows(made, {"token_owner": "admin", "name": "aX*"}, "cms") == ["aXb"]
    assert await rows(made, {"status": ["!Banned"], "site": "S_1", "name": "a*"}, "atlas") == ["a/b", "aXb", "a\\b"]


async def test_no_more_matches_are_tried_at_once_than_is_quick(made: Installation) -> None:
    matches = [rows_that_match({"name": f"{number}*"}) for number in range(MOST_MATCHES + 1)]
    with pytest.raises(InvalidRequest, match="21 matches; at most 20"):
        await made.tokens.take(ADMIN, matches, "x")


async def test_elements_are_meant_by_what_they_are(made: Installation) -> None:
    async with made.database.reading() as connection:
        chosen: list[Name | Match] = [Name("disk"), elements_that_match({"name": "50*"}), elements_that_match({"tags": "tape"})]
        assert {key.name for key in await find_elements(connection, chosen)} == {"disk", "50%", "50x", "tape"}


async def test_few_statements_find_a_few_of_many(made: Installation) -> None:
    with books.counted(made.database) as statements:
        await rows(made, {"name": "50*", "status": "!Banned"})
    assert len(statements) <= 8

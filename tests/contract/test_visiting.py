"""Visiting a database that somebody operates: decisions follow what is in force there, and coming changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.bootstrap import visit
from gridmask.domain.errors import Conflict, InvalidRequest, NotKnown, SchemaMismatch, StoreUnavailable
from gridmask.domain.status import Status
from gridmask.policies.files import load
from gridmask.service import in_force
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from tests.contract import books
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from pathlib import Path

    from tests.grid import Grid

CE1 = RowName(ElementName("CE1"))


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """Policies other than those that are built in."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "all.toml").write_text('[policy.declared-downtimes]\narguments = { outage = "Error" }\n')
    return folder


async def test_coming_and_going_changes_nothing(grid: Grid, policies: Path) -> None:
    async with grid.open(policies=policies) as operated:
        await sync(operated)
        before = await books.read(operated.database)
        async with visit(Settings(database=grid.database), clock=grid.clock) as visited:
            await visited.statuses.why(CE1)
        assert await books.read(operated.database) == before


async def test_a_visitor_decides_by_the_policies_in_force(grid: Grid, policies: Path) -> None:
    async with grid.open(policies=policies) as operated:
        await sync(operated)
    async with visit(Settings(database=grid.database), clock=grid.clock) as visited:
        await visited.statuses.set(ADMIN, [CE1], Status.ACTIVE, "Tried.")
        await visited.tokens.release(ADMIN, [CE1])
        [explanation] = await visited.statuses.why(CE1)
    assert explanation.seen.row.status is Status.ERROR
    assert explanation.policies == load(policies)[0].revision


async def test_the_policies_that_were_loaded_last_are_in_force(grid: Grid, policies: Path) -> None:
    for loaded in (policies, None, policies):
        grid.clock.advance(minutes=1)
        async with grid.open(policies=loaded):
            pass
    async with visit(Settings(database=grid.database), clock=grid.clock) as visited:
        assert visited.inspector.policies.revision == load(policies)[0].revision


async def test_a_type_that_is_declared_no_more_is_in_force_no_more(grid: Grid) -> None:
    for declared, expected in (({"CE2": {"status_types": ("a", "b")}}, ("a", "b")), ({}, ("all",))):
        async with grid.open(type=declared):
            pass
        async with visit(Settings(database=grid.database)) as visited, visited.database.reading() as connection:
            assert (await visited.inspector.types(connection)).get("CE2").status_types == expected


async def test_a_vo_that_only_the_visitor_has_is_not_known_and_its_aliases_are(grid: Grid) -> None:
    async with grid.open() as operated:
        await sync(operated)
    settings = Settings(database=grid.database, vo={"cms": {"aliases": ["uscms"]}, "nobody": {}})
    async with visit(settings) as visited:
        assert (await visited.masks.mask("USCMS")).vo == "cms"
        with pytest.raises(NotKnown):
            await visited.masks.mask("nobody")


async def test_a_database_without_a_schema_cannot_be_visited(database_url: str) -> None:
    with pytest.raises((SchemaMismatch, StoreUnavailable)):
        async with visit(Settings(database=database_url)):
            pass


async def test_an_ephemeral_database_cannot_be_visited() -> None:
    with pytest.raises(InvalidRequest, match="nothing in it"):
        async with visit(Settings(database="ephemeral")):
            pass


async def test_the_settings_in_force_agree_with_themselves_and_with_no_others(grid: Grid, policies: Path) -> None:
    settings = grid.settings(type={"Robot": {}})
    await in_force.check_agreement(settings, load(None)[0])  # nobody operates it yet
    async with grid.open(type={"Robot": {}}):
        pass
    await in_force.check_agreement(settings, load(None)[0])
    for other, given, told in (
        (settings, policies, "other policies"),
        (settings.model_copy(update={"source": settings.source[:1]}), None, "no source 'feed' of kind osg-downtimes"),
        (grid.settings(), None, "other element types"),
    ):
        with pytest.raises(Conflict, match=told):
            await in_force.check_agreement(other, load(given)[0])

"""An outage of most hosts: believed once a person says that it is real, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.inspection.believing import TOO_MANY
from gridmask.store.audit import Wanted
from tests.clocks import at
from tests.double import double
from tests.doubted import both, fail, nothing_new, opened, two_names
from tests.grid import ADMIN
from tests.probing import source

if TYPE_CHECKING:
    from tests.grid import Grid


@pytest.fixture
def watched(grid: Grid) -> Grid:
    return two_names(grid)


async def test_what_was_held_back_counts_once_a_person_says_that_it_is_real(watched: Grid) -> None:
    async with double("silent") as server, opened(watched, server) as made:
        batch = await fail(made, server)
        assert (len(batch.held), batch.why, await both(made)) == (2, TOO_MANY, ("Active", "Active"))
        assert (await nothing_new(made)).seen == ()
        await made.beliefs.believe(ADMIN, at(hours=2), "the provider confirms it")
        await nothing_new(made)
        assert await both(made) == ("Banned", "Banned")
        assert (await source(made)).noted.failure is None


async def test_it_is_taken_back_and_all_of_that_is_in_the_books(watched: Grid) -> None:
    async with watched.open() as made:
        await made.beliefs.believe(ADMIN, at(hours=1), "one")
        await made.beliefs.believe(ADMIN, at(hours=2), "the other")
        watch = await made.beliefs.watch()
        assert watch.belief is not None
        assert (watch.belief.until, watch.belief.reason, watch.made_by) == (at(hours=2), "the other", None)
        await made.beliefs.doubt(ADMIN, "mended")
        assert (await made.beliefs.watch()).belief is None
        records = await made.audit.list(ADMIN, Wanted())
        assert [(one.action, one.comment) for one in records][:3] == [
            ("probes doubted", "mended"),
            ("probes believed", "the other"),
            ("probes believed", "one"),
        ]

"""An outage of most hosts: held back while it may be ours, unless a person knows better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.store.tables import outbox
from tests.clocks import at
from tests.double import double
from tests.doubted import both, fail, nothing_new, opened, two_names
from tests.grid import ADMIN, sync
from tests.probing import probe, probed, round_of

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid


@pytest.fixture
def watched(grid: Grid) -> Grid:
    return two_names(grid)


async def test_what_fails_while_that_counts_is_believed_at_once_and_doubted_afterwards(watched: Grid) -> None:
    async with double("silent") as server, opened(watched, server) as made:
        await sync(made)
        await round_of(made)
        await made.beliefs.believe(ADMIN, at(hours=1), "so it is")
        server.stop()
        assert (await round_of(made)).held == ()
        async with double("silent", port=server.port) as again:
            await round_of(made)
            watched.clock.advance(hours=1)
            again.stop()
        assert len((await round_of(made)).held) == 2


async def test_where_no_uplink_answers_nobody_knows_better(watched: Grid) -> None:
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", every="1m")
        uplinks = (f"tcp://127.0.0.1:{server.port}",)
        async with watched.open(**probed(watched, tcp, uplinks=uplinks, doubt_hosts=1)) as made:
            await made.beliefs.believe(ADMIN, at(hours=2), "so it is")
            await fail(made, server)
            assert await both(made) == ("Active", "Active")


async def test_operators_are_told_once_that_failures_are_held_back_and_how_to_go_on(watched: Grid) -> None:
    async with double("silent") as server, opened(watched, server) as made:
        await fail(made, server)
        await round_of(made)
        [told] = [row for row in await said(made) if row["source"] == "tcp"]
        assert told["state"] == "failing"
        assert "gridmask probe believe" in told["why"]
        await made.beliefs.believe(ADMIN, at(hours=2), "so it is")
        await nothing_new(made)
        assert [row["state"] for row in await said(made)] == ["failing", "good"]


async def said(made: Installation) -> list[dict[str, str]]:
    """What the outside is told of sources."""
    async with made.database.reading() as connection:
        rows = await connection.execute(select(outbox.c.payload).where(outbox.c.topic == "source").order_by(outbox.c.id))
        return [row.payload for row in rows]


@pytest.mark.parametrize("until", [at(), at(hours=-1), at(days=8)])
async def test_it_is_of_an_outage_and_not_for_good(watched: Grid, until: object) -> None:
    async with watched.open() as made:
        with pytest.raises(InvalidRequest, match="within 7 days"):
            await made.beliefs.believe(ADMIN, until, "so it is")  # type: ignore[arg-type]  # of the parameters
        with pytest.raises(InvalidRequest, match="reason"):
            await made.beliefs.believe(ADMIN, at(hours=1), " ")
        with pytest.raises(Conflict, match="doubted already"):
            await made.beliefs.doubt(ADMIN, "x")

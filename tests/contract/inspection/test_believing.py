"""An outage of most hosts: held back while it may be ours, and believed once a person says that it is real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.inspection.believing import TOO_MANY
from gridmask.store.audit import Wanted
from gridmask.store.tables import outbox
from tests import osg
from tests.clocks import at
from tests.double import double
from tests.grid import ADMIN, sync
from tests.probing import probe, probed, publish, round_of, source, status

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from gridmask.bootstrap import Installation
    from gridmask.inspection.probe_health import Batch
    from tests.double import Double
    from tests.grid import Grid


@pytest.fixture
def watched(grid: Grid) -> Grid:
    """Two SEs at one address, which has two names, judged by probes."""
    publish(grid)
    hosts = {"SE1": "127.0.0.1", "SE2": "localhost"}
    grid.publish(osg.group("SITE", *(osg.resource(name, "WebDAV", FQDN=host) for name, host in hosts.items())))
    return grid


def opened(grid: Grid, server: Double) -> AbstractAsyncContextManager[Installation]:
    """Two hosts are too many at once."""
    tcp = probe("tcp", f"tcp://{{host}}:{server.port}", every="1m")
    return grid.open(**probed(grid, tcp, doubt_share=0.4, doubt_hosts=1))


async def fail(made: Installation, server: Double) -> Batch:
    """All is well, and then nothing."""
    await sync(made)
    await round_of(made)
    server.stop()
    return await round_of(made)


async def nothing_new(made: Installation) -> Batch:
    """A moment later: nothing was looked at meanwhile."""
    assert made.probing is not None
    batch = await made.probing.believed([])
    await made.probing.take(batch)
    return batch


async def both(made: Installation) -> tuple[str, str]:
    return await status(made, "SE1"), await status(made, "SE2")


async def test_what_was_held_back_counts_once_a_person_says_that_it_is_real(watched: Grid) -> None:
    async with double("silent") as server, opened(watched, server) as made:
        batch = await fail(made, server)
        assert (len(batch.held), batch.why, await both(made)) == (2, TOO_MANY, ("Active", "Active"))
        assert (await nothing_new(made)).seen == ()
        await made.beliefs.believe(ADMIN, at(hours=2), "the provider confirms it")
        await nothing_new(made)
        assert await both(made) == ("Banned", "Banned")
        assert (await source(made)).noted.failure is None


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


@pytest.mark.parametrize("until", [at(), at(hours=-1), at(days=8)])
async def test_it_is_of_an_outage_and_not_for_good(watched: Grid, until: object) -> None:
    async with watched.open() as made:
        with pytest.raises(InvalidRequest, match="within 7 days"):
            await made.beliefs.believe(ADMIN, until, "so it is")  # type: ignore[arg-type]  # of the parameters
        with pytest.raises(InvalidRequest, match="reason"):
            await made.beliefs.believe(ADMIN, at(hours=1), " ")
        with pytest.raises(Conflict, match="doubted already"):
            await made.beliefs.doubt(ADMIN, "x")

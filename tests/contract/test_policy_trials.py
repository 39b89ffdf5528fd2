"""What other policies would make of things, tried on every database; nothing of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.instructions import SaveRow
from gridmask.domain.status import Status
from tests.contract import books
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from tests.grid import Grid

CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Banned", comment = "why not" }\n'


async def test_what_would_be_is_what_is_once_it_is_put(grid: Grid) -> None:
    async with grid.open(vo={"cms": {"policies": "api"}, "atlas": {}}) as made:
        await sync(made)
        before = await books.read(made.database)
        tried = await made.policy_trials.what_if(ADMIN, "cms", CLOSED)
        assert await books.read(made.database) == before
        put = await made.policy_layers.put(ADMIN, "cms", CLOSED, "x")
    [would] = tried.would
    assert (would.key.element.name, would.before and would.before.key.vo, would.after.key.vo) == ("CE2", "all", "cms")
    assert (would.before and would.before.status, would.after.status, would.held) == (Status.ACTIVE, Status.BANNED, False)
    assert [c.after for c in put.outcome.changed if isinstance(c, SaveRow) and c.after.key == would.key] == [would.after]

"""A server that ends sessions in the middle of what they do: it is done again, whole, or it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stamina

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.check import check
from tests.contract import books
from tests.contract.sessions import killed
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.sessions import Server
    from tests.grid import Grid

CE2 = RowName(ElementName("CE2"))


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """What is tried again is tried again at once, as often as usual."""
    stamina.set_testing(True, attempts=5, cap=True)
    yield
    stamina.set_testing(False)


@pytest.mark.parametrize("number", [1, 3, 5])
async def test_a_status_that_is_set_while_sessions_die_is_set_once_and_whole(
    grid_on_server: Grid, server: Server, number: int
) -> None:
    async with grid_on_server.open() as made:
        await sync(made)
        before = await books.counts(made.database, "audit", "outbox", "changes")
        with killed(made.database, server, number) as struck:
            outcome, _ = await made.statuses.set(ADMIN, [CE2], Status.BANNED, "security")
        after = await books.counts(made.database, "audit", "outbox", "changes")
        assert (len(struck), outcome.revision) == (1, 3)
        assert {name: after[name] - before[name] for name in after} == {"audit": 1, "outbox": 1, "changes": 1}
        assert await check(made.database) == []


@pytest.mark.parametrize("number", [1, 4, 8])
async def test_a_source_that_is_read_while_sessions_die_is_taken_in_whole(
    grid_on_server: Grid, server: Server, number: int
) -> None:
    async with grid_on_server.open() as made:
        with killed(made.database, server, number) as struck:
            reports = await sync(made)
        assert (len(struck), [report.failure for report in reports.values()]) == (1, [None, None])
        assert (await made.masks.mask("cms")).revision == 2
        assert await check(made.database) == []

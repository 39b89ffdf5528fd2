"""What the DIRAC door remembers is what it would say if it remembered nothing, whoever changed what, on every database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.dirac_rpc.door import DiracDoor
from gridmask.domain.actor import Actor
from gridmask.domain.errors import GridmaskError
from gridmask.domain.status import Status
from gridmask.service.dirac_reads import DiracReads
from gridmask.service.row_book import RowBook
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.store import journal, wordings
from tests import osg
from tests.clocks import at
from tests.dirac_calls import Services, alone, served
from tests.grid import ADMIN, CMS, catch_up, outage, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Scope

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

NAMES = ("CE1", "CE2", "CE3")
WIDE = ("ResourceStatus", "select", "ResourceStatus", {"VO": "all"})
QUESTIONS: tuple[tuple[str, str, *tuple[object, ...]], ...] = (
    WIDE,
    ("ResourceStatus", "select", "ResourceStatus", {}),
    ("ResourceStatus", "select", "ResourceStatus", {"Name": "CE2"}),
    ("ResourceStatus", "select", "ResourceStatus", {"VO": ["cms", "lhcb"]}),
    ("ResourceStatus", "select", "ResourceStatus", {"VO": "all", "TokenOwner": "rs_svc", "Meta": {"columns": ["Name"]}}),
    ("ResourceStatus", "select", "ResourceStatus", {"VO": "cms", "Meta": {"columns": ["Name", "Status", "Reason"]}}),
    ("ResourceStatus", "select", "ResourceStatus", {"VO": "lhcb", "Meta": {"columns": ["Name", "Status", "VO"]}}),
    ("Publisher", "getSites"),
    ("Publisher", "getSitesResources", None),
    ("Publisher", "getTree", "ComputingElement", "CE2"),
    ("Publisher", "getElementStatuses", "Site", None, None, None, None, None),
)
DIRECT = ("ResourceStatus", "select", "ResourceStatus", {"VO": "all", "Name": list(NAMES)})
"""As :data:`WIDE`, but read from the database by names where that was not asked for yet."""


async def admin(_: Scope) -> Actor:
    return ADMIN


@asynccontextmanager
async def door(made: Installation, vo: str = "None") -> AsyncIterator[Services]:
    """A door that remembers nothing yet."""
    async with served(DiracDoor(made, admin, alone)) as services:
        yield Services(services.client, vo)


async def anew(made: Installation, vo: str, *question: Any) -> Any:  # noqa: ANN401 - an answer
    """What somebody is told who is the first to ask."""
    async with door(made, vo) as services:
        return await services.call(*question)


class World:
    """What may happen, at random, in one of several processes on one database."""

    def __init__(self, grid: Grid, made: list[Installation], chance: Random) -> None:
        self.grid, self.made, self.chance = grid, made, chance
        self.deeds: list[Callable[[Installation], Awaitable[object]]] = [
            *(self.set, self.set, self.again, self.release, self.pass_time, self.pass_time, self.decide),
            *(self.announce, self.publish, self.come, self.leave),
        ]

    async def step(self) -> str:
        deed = self.chance.choice(self.deeds)
        with suppress(GridmaskError):
            await deed(self.chance.choice(self.made))
        return deed.__name__

    def row(self) -> RowName:
        return RowName(ElementName(self.chance.choice(NAMES)), vo=self.chance.choice(("all", "all", "cms")))

    async def set(self, made: Installation) -> None:
        until = self.grid.clock.now + timedelta(hours=self.chance.choice((1, 2, 24)))
        status = self.chance.choice((Status.BANNED, Status.ACTIVE, Status.DEGRADED))
        await made.statuses.set(ADMIN, [self.row()], status, f"Because {self.chance.random()}.", wanted=Wanted(until=until))

    async def again(self, made: Installation) -> None:
        """Another reason alone makes no revision."""
        for held in await made.tokens.list():
            row = RowName(ElementName(held.key.element.name), vo=held.key.vo)
            wanted = Wanted(until=held.token.expires_at) if held.token else Wanted()
            await made.statuses.set(ADMIN, [row], held.status, f"Another {self.chance.random()}.", wanted=wanted)

    async def release(self, made: Installation) -> None:
        await made.tokens.release(ADMIN, [self.row()])

    async def pass_time(self, _: Installation) -> None:
        self.grid.clock.advance(minutes=self.chance.choice((1, 30, 60)))

    async def decide(self, made: Installation) -> None:
        await catch_up(made)

    async def announce(self, made: Installation) -> None:
        names = self.chance.sample(NAMES, self.chance.randrange(3))
        now = self.grid.clock.now
        self.grid.announce(*(outage(name, name, now, now.replace(year=2027), Description=str(now)) for name in names))
        await sync(made, "feed", force=True)

    async def publish(self, made: Installation) -> None:
        disable = self.chance.choice(("true", "false"))
        own = [osg.resource(name, "CE", Disable=disable if name == "CE2" else "false") for name in NAMES]
        self.grid.publish(osg.group(self.chance.choice(("SITE", "OTHER")), *own))
        await sync(made, "osg", force=True)

    async def come(self, made: Installation) -> None:
        await made.vos.add(ADMIN, "lhcb", "New.")

    async def leave(self, made: Installation) -> None:
        await made.vos.retire(ADMIN, "lhcb", "Gone.")


async def wander(grid: Grid, seed: int, steps: int) -> None:
    async with grid.open() as here, grid.open() as there, door(here) as asked, door(here, "cms") as by_cms:
        await sync(here)
        world = World(grid, [here, there], Random(seed))
        for number in range(steps):
            deed = await world.step()
            # rows are read as they are, whoever wrote them; the board follows others by itself, which does not run here
            assert (await asked.call(*WIDE)) == await anew(here, "None", *DIRECT), (seed, number, deed)
            await here.board.refresh()
            for services in (asked, by_cms):
                for question in QUESTIONS:
                    told = await services.call(*question)
                    assert told == await anew(here, services.vo, *question), (seed, number, deed, question)


async def test_what_is_remembered_is_what_would_be_said_anew(grid: Grid) -> None:
    await wander(grid, seed=1, steps=8)


# --- One by one


async def hold(made: Installation, name: str, reason: str = "Smoke.", actor: Actor = ADMIN, **until: float) -> None:
    wanted = Wanted(until=at(**until))
    vo = "cms" if actor is CMS else "all"
    await made.statuses.set(actor, [RowName(ElementName(name), vo=vo)], Status.BANNED, reason, wanted=wanted)


async def owners(services: Services) -> list[str]:
    return [row[0] for row in await services.columns("ResourceStatus", "TokenOwner", VO="all")]


async def test_what_another_process_wrote_is_told_at_once(grid: Grid) -> None:
    async with grid.open() as here, grid.open() as there, door(here) as asked:
        await sync(here)
        assert await owners(asked) == ["rs_svc"] * 3
        await hold(there, "CE2", hours=1)
        assert await owners(asked) == ["rs_svc", "admin", "rs_svc"]


async def test_a_reason_that_makes_no_revision_is_told_at_once(grid: Grid) -> None:
    async with grid.open() as here, grid.open() as there, door(here) as asked:
        await sync(here)
        await here.board.refresh()
        revision = here.board.revision
        for told in ("New fans", "Old fans"):
            grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1), Description=told))
            await sync(there)
            assert told in (await asked.columns("ResourceStatus", "Reason", VO="all"))[0][0]
        assert here.board.revision == revision


async def test_a_name_that_nothing_can_have_has_no_rows_whether_or_not_all_are_known(grid: Grid) -> None:
    async with grid.open() as here, door(here) as asked:
        await sync(here)
        for _ in range(2):
            assert await asked.select("ResourceStatus", Name="x" * 300) == []
            assert await asked.select("ResourceStatus", VO="all")


async def test_a_token_that_ends_by_itself_ends_in_what_is_remembered(grid: Grid) -> None:
    async with grid.open() as here, door(here) as asked:
        await sync(here)
        await hold(here, "CE2", hours=1)
        await hold(here, "CE3", hours=2)
        found = []
        for _ in range(5):
            found.append(await owners(asked))
            grid.clock.advance(minutes=30)
    held, one, none = ["rs_svc", "admin", "admin"], ["rs_svc", "rs_svc", "admin"], ["rs_svc"] * 3
    assert found == [held, held, one, one, none]


async def test_what_was_not_changed_is_neither_read_nor_built_again(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    load = journal.told

    async def noted(connection: Any, numbers: Any) -> Any:  # noqa: ANN401 - whatever it is given
        read.append(numbers)
        return await load(connection, numbers)

    monkeypatch.setattr(journal, "told", noted)
    async with grid.open() as here:
        await sync(here)
        book = RowBook(here.database)
        first = await book.read()
        assert (await book.read()) is first
        await hold(here, "CE2", hours=1)
        second = await book.read()
        assert [numbers and len(numbers) for numbers in read] == [None, 1]
        assert (second.number, second.ended(at()), second.ended(at(hours=1))) == (first.number + 1, 0, 1)
        unmoved = {key: its for key, its in second.pages.items() if key.name != "CE2"}
        assert all(first.pages[key] is its for key, its in unmoved.items())


async def test_a_note_that_changes_no_row_makes_no_edition(grid: Grid) -> None:
    async with grid.open() as here:
        await sync(here)
        book = RowBook(here.database)
        first = await book.read()
        await DiracReads(here.inspector, here.board).hide(ADMIN, "Whatever.")
        assert (await book.read()) is first


async def test_who_asks_together_asks_the_database_together(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    marks: list[object] = []
    mark = wordings.mark

    async def noted(connection: Any) -> Any:  # noqa: ANN401 - whatever it is given
        marks.append(connection)
        return await mark(connection)

    monkeypatch.setattr(wordings, "mark", noted)
    async with grid.open() as here:
        await sync(here)
        book = RowBook(here.database)
        await asyncio.gather(*(book.read() for _ in range(20)))
        # who came when one was under way had to have another
        assert len(marks) == 2

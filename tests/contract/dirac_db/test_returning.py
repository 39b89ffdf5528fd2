"""The SQL by which DIRAC goes on from where rows are here, run against its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_db.report import About
from gridmask.dirac_db.source import Source
from gridmask.dirac_db.timeline import Timeline
from gridmask.dirac_db.writing import script
from gridmask.domain.status import Status
from gridmask.service.comparison import Comparisons
from gridmask.service.dirac_import import DiracImport
from gridmask.service.dirac_reading import DiracReading
from gridmask.service.dirac_return import Return, to_return
from gridmask.service.dirac_rows import ACTION
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from tests import dirac_own
from tests.dirac_db import DiracDb, layout
from tests.dirac_db import row as said
from tests.grid import ADMIN
from tests.moving import Move, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.servers import MariaDB

pytestmark = pytest.mark.mariadb

CE1, CE_CMS, CE1_LHCB = (
    RowName(ElementName(name), "all", vo) for name, vo in (("CE1", "all"), ("CE-CMS", "all"), ("CE1", "lhcb"))
)
LAYOUTS: dict[str, Callable[[], list[str]]] = {
    "with VOs": lambda: layout(families=("Site", "Resource"), vo=True),
    "before VOs": lambda: layout(families=("Site", "Resource"), vo=False),
    "DIRAC's own": lambda: dirac_own.tables("ResourceStatusDB"),
}


@pytest.fixture
async def moves(fresh_mariadb: str, tmp_path: Path) -> Move:
    return Move(DiracDb(fresh_mariadb), f"sqlite:///{tmp_path / 'gridmask.db'}", tmp_path)


async def made_of(made: Installation, move: Move, since: datetime | None = None) -> Return:
    async with Source(move.dirac.url) as source:
        return await to_return(made.inspector, ADMIN, await DiracReading(made.inspector, source).standing(), since)


async def returned(made: Installation, move: Move, server: MariaDB, since: datetime | None = None) -> Return:
    """What was to be returned; it is written into DIRAC's tables by their own client."""
    found = await made_of(made, move, since)
    name = move.dirac.url.rpartition("/")[2].partition("?")[0]
    server.execute(f"USE {name};" + "\n".join(script(found.entries, found.now)))
    return found


def written(found: Return) -> set[tuple[str, str, str, str]]:
    return {(one.name, one.vo, one.status.label, one.owner or "") for one in found.entries}


@pytest.mark.parametrize("kind", LAYOUTS)
async def test_afterwards_dirac_says_what_is_so_here(kind: str, moves: Move, mariadb: MariaDB) -> None:
    await moves.dirac.run(*LAYOUTS[kind]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active"), said("CE-CMS", "Banned", TokenOwner="expert"))
    async with moves.open() as made:
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It's \\ the 'disk'; -- 😀")
        await made.tokens.release(ADMIN, [CE_CMS])
        first, again = await returned(made, moves, mariadb), await returned(made, moves, mariadb)
        async with Source(moves.dirac.url) as source:
            found = await Comparisons(made.inspector).now(await DiracReading(made.inspector, source).present(), None)

    assert written(first) == {("CE1", "all", "Banned", "admin"), ("CE-CMS", "all", "Probing", "")}
    assert (again.entries, again.unchanged, found.differences) == ((), 2, ())


async def test_importing_what_was_returned_changes_nothing(moves: Move, mariadb: MariaDB) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with moves.open() as made:
        await moves.take(made)
        wanted = Wanted(until=moves.clock.advance(hours=1, milliseconds=7).replace(year=2027))
        await made.statuses.set(ADMIN, [CE1], Status.DEGRADED, "Slow.", wanted=wanted)
        await returned(made, moves, mariadb)
        assert (await moves.take(made)).rows == 0


async def test_what_was_written_from_here_is_not_taken_for_dirac_history(moves: Move, mariadb: MariaDB) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceLog", said("CE1", "Active", 1), said("CE-CMS", "Banned", 1, TokenOwner="expert"))
    await moves.dirac.add("ResourceStatus", said("CE1", "Active", 1), said("CE-CMS", "Banned", 1, TokenOwner="expert"))
    async with moves.open() as made:
        await moves.take(made)
        moves.clock.advance(hours=1)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        await made.tokens.take(ADMIN, [CE_CMS], "mine")
        moves.clock.advance(hours=1)
        assert len((await returned(made, moves, mariadb)).entries) == 2
        again = await moves.take(made)
        # DIRAC checks, then it changes its mind
        later = 60 * 24 * 200
        checked = said("CE1", "Banned", later, TokenOwner="admin")
        await moves.dirac.add("ResourceLog", checked, said("CE1", "Active", later + 1))
        moves.clock.advance(days=90)
        last = await moves.take(made)
        history = [await told(made, name) for name in ("CE1", "CE-CMS")]

    assert (again.entries, again.counts[About.OURS], last.entries) == (0, 2, 1)
    assert [[one for one in past if one.endswith("dirac")] for past in history] == [
        [" 00:01 None>4  dirac", " 00:01 1>4  dirac"],
        [" 00:01 None>1 expert dirac"],
    ]


async def test_what_was_written_from_here_is_known_again_by_an_import_that_goes_on(moves: Move, mariadb: MariaDB) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceLog", said("CE1", "Active", 1))
    await moves.dirac.add("ResourceStatus", said("CE1", "Active", 1), said("CE-CMS", "Active", 1))
    async with moves.open() as made:
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        moves.clock.advance(hours=1)
        await returned(made, moves, mariadb)
        later = 60 * 24 * 152
        await moves.dirac.add("ResourceLog", said("CE-CMS", "Banned", later), said("CE1", "Active", later))
        async with Source(moves.dirac.url) as source:
            await interrupted(DiracImport(made.inspector, ADMIN, source))
        moves.clock.advance(days=90)
        await moves.take(made)

        assert [one for one in await told(made, "CE1") if one.endswith("dirac")][1:] == [" 00:00 1>4  dirac"]


async def interrupted(making: DiracImport) -> None:
    """Begin an import that is killed once a part of the history is kept."""
    await making._note(f"{ACTION} begun", str(making._source))
    ground = await making._ground()
    async with making._source.one_moment():
        layout = await making._source.layout()
        timeline = Timeline(ground.naming, making._inspector.clock(), making.report, ground.tracks)
        [log] = [table for table in layout.journals("Resource") if table.name == "ResourceLog"]
        records = [record async for page in making._source.journal(log, 0) for record in page if record.name == "CE-CMS"]
        await making._keep(timeline.take(records), ground)


async def test_what_becomes_of_a_row_here_after_going_back_is_not_undone(moves: Move, mariadb: MariaDB) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with moves.open() as made:
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1], Status.DEGRADED, "Slow.")
        moves.clock.advance(hours=1)
        await returned(made, moves, mariadb)
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "Slower.")
        await made.tokens.release(ADMIN, [CE1])
        assert (await moves.take(made)).rows == 0


async def test_only_what_changed_since_is_returned_if_wished(moves: Move) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active"), said("CE-CMS", "Banned"))
    async with moves.open() as made:
        cutover = moves.clock.advance(hours=1)
        moves.clock.advance(hours=1)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        some, everything = await made_of(made, moves, cutover), await made_of(made, moves)

    assert (written(some), some.earlier) == ({("CE1", "all", "Banned", "admin")}, 1)
    assert {one.name for one in everything.entries} == {"CE1", "CE-CMS"}


async def test_a_vos_own_row_is_made_where_it_says_something_else(moves: Move, mariadb: MariaDB) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with moves.open() as made:
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1_LHCB], Status.BANNED, "Not for them.")
        found, again = await returned(made, moves, mariadb), await made_of(made, moves)

    assert [(one.vo, one.is_new) for one in found.entries] == [("lhcb", True)]
    assert again.entries == ()


async def test_without_a_vo_column_such_a_row_is_left_out_and_told(moves: Move) -> None:
    await moves.dirac.run(*LAYOUTS["before VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with moves.open() as made:
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1_LHCB], Status.BANNED, "Not for them.")
        found = await made_of(made, moves)

    assert (found.entries, found.without_vo) == ((), 1)


async def test_what_binds_here_is_written_over_the_rows_of_vos(moves: Move) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active", VO="all"), said("CE1", "Active", VO="lhcb"))
    async with moves.open() as made:
        await moves.take(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "A hole.", binding=True)
        found = await made_of(made, moves)

    assert written(found) == {("CE1", vo, "Banned", "admin") for vo in ("all", "lhcb")}


async def test_a_row_of_a_vo_that_ended_here_follows_all(moves: Move) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("CE1", "Active", VO="all"), said("CE1", "Banned", VO="lhcb"))
    async with moves.open() as made:
        await made.statuses.set(ADMIN, [CE1], Status.ACTIVE, "It works.")
        found = await made_of(made, moves, moves.clock.advance(hours=1))

    assert written(found) == {("CE1", "lhcb", "Active", "admin")}


async def test_what_is_not_in_service_here_is_left_to_dirac(moves: Move) -> None:
    await moves.dirac.run(*LAYOUTS["with VOs"]())
    await moves.dirac.add("ResourceStatus", said("Gone", "Active"))
    async with moves.open() as made:
        found = await made_of(made, moves)

    assert (found.entries, {key.name for key in found.left_out}) == ((), {"Gone"})

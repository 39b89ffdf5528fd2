"""Recordings as files: a period taken out of a database, and one brought into a database that nobody operates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.recording import file
from gridmask.recording.recording import revisions
from gridmask.service.recordings import beginning, line_of
from gridmask.store import policies, recording

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.recording.recording import Recording
    from gridmask.store.database import Database


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of what is recorded, from one moment at which it was written down how everything stood to the next.

    ``bytes``: how much it takes in the database; with that of how everything stood.
    """

    since: datetime
    until: datetime
    happened: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What was taken out. ``begins``: where a replay can begin, which is at ``since`` or before."""

    since: datetime
    until: datetime
    begins: datetime
    happened: int
    bytes: int


class RecordingFiles:
    """The use cases around files of recordings. They are for administrators: a recording tells of every VO."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def periods(self, actor: Actor, now: datetime) -> list[Period]:
        """What is recorded, the oldest first.

        Raises:
            Forbidden: ``actor`` may not.
        """
        actor.require(Action.CARRY_RECORDINGS, ALL)
        async with self._database.reading() as connection:
            places = await recording.worlds(connection)
            sizes = [*await recording.sizes(connection, places), 0]
            counts = [*[await recording.count(connection, place.follows, now) for place in places], 0]
        if not places:
            return []
        ends = [*(place.at for place in places[1:]), now]
        counted, taken = ([one - other for one, other in pairwise(numbers)] for numbers in (counts, sizes))
        return [
            Period(place.at, end, count, size) for place, end, count, size in zip(places, ends, counted, taken, strict=True)
        ]

    async def export(self, actor: Actor, path: Path, since: datetime | None, until: datetime) -> Exported:
        """Write what happened from ``since`` up to ``until`` to a file; ``since`` None: from the first moment that is kept.

        Raises:
            Forbidden: ``actor`` may not. InvalidRequest: nothing is recorded of that time.
            InvalidConfiguration: the file cannot be written.
        """
        actor.require(Action.CARRY_RECORDINGS, ALL)
        if since is not None and until < since:
            raise InvalidRequest("A period begins before it ends: --since comes before --until.")
        async with self._database.reading() as connection:
            place = beginning(await recording.worlds(connection), since)
            world = await recording.world(connection, place)
            begins, count = since or world.at, 0
            with file.writing(path) as writer:
                await to_thread.run_sync(writer.begin, world, begins, until)
                await _refer(connection, writer, revisions(world, ()))
                async for entry in recording.entries(connection, place.follows, until):
                    await _refer(connection, writer, revisions(world, (entry.body.told,)))
                    await to_thread.run_sync(writer.add, line_of(entry))
                    count += 1
        size = await to_thread.run_sync(lambda: path.stat().st_size)
        return Exported(begins, until, world.at, count, size)

    async def bring(self, actor: Actor, path: Path) -> Recording:
        """Bring the recording in a file into the database, in which there is nothing yet.

        Raises:
            Forbidden: ``actor`` may not. InvalidConfiguration: the file is no recording, or not whole.
            Conflict: somebody operates the database, or a recording is in it already.
        """
        actor.require(Action.CARRY_RECORDINGS, ALL)
        found = await to_thread.run_sync(file.read, path)
        # all of it, or nothing
        await self._database.change(lambda connection, _: _bring(connection, found))
        return found


async def _bring(connection: AsyncConnection, found: Recording) -> None:
    await _begin(connection, found)
    for line in found.lines:
        around = line.surroundings.circumstances() if line.surroundings else None
        gone = [key.key() for key in line.forgotten]
        await recording.note(connection, line.told, line.at, line.action, line.revision, around, gone)


async def _begin(connection: AsyncConnection, found: Recording) -> None:
    if await policies.revision_in_force(connection) is not None or await recording.last(connection):
        raise Conflict(
            "There is something in this database already. A recording is brought into one of its own, which nobody operates: "
            "name another with --database."
        )
    for revision, document in sorted(found.documents.items()):
        await policies.note(connection, policies.Loaded(revision, found.world.at, document))
    await recording.keep_world(connection, found.world, 0)


async def _refer(connection: AsyncConnection, writer: file.Writer, named: frozenset[str]) -> None:
    lacking = [revision for revision in sorted(named) if writer.lacks(revision)]
    if lacking:
        documents = await policies.documents(connection, lacking)
        for revision in lacking:
            writer.rules(revision, documents.get(revision))

"""Worlds: every so often it is written down how everything stands. From there on, what is recorded can happen again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.recording.world import World
from gridmask.store import guard, policies, recording, vos, world

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.state import State
    from gridmask.inspection.inspector import Inspector
    from gridmask.settings import Recording as Settings
    from gridmask.store.recording import Place


class Worlds:
    """Writes down how everything stands: from there on, what is recorded can happen again."""

    def __init__(self, inspector: Inspector, settings: Settings) -> None:
        self._inspector = inspector
        self._settings = settings

    async def keep(self) -> bool:
        """Write it down, if it is time for that. Returns whether it was."""
        inspector = self._inspector
        async with inspector.database.reading() as connection:
            now = inspector.clock()
            if not await self._is_due(connection, now):
                return False
            follows, revision = await recording.last(connection), await vos.last_revision(connection)
            state = await whole(connection, inspector, now)
        one = await to_thread.run_sync(World.of, state, now)
        await inspector.database.change(lambda connection, _: recording.keep_world(connection, one, follows, revision))
        return True

    async def _is_due(self, connection: AsyncConnection, now: datetime) -> bool:
        # what this process judges by is to be what everybody else does
        if await policies.revision_in_force(connection) != self._inspector.policies.revision:
            return False
        known = await recording.worlds(connection)
        if not known or known[-1].at <= now - self._settings.worlds:
            return True
        # a replay must not go on over what happened while nothing was recorded
        return await recording.newest_revision(connection) < await vos.last_revision(connection)


async def whole(connection: AsyncConnection, inspector: Inspector, now: datetime) -> State:
    """The whole world, with what was taken of late."""
    state = await world.load(connection, world.EVERYTHING, inspector.policies, await inspector.types(connection), now)
    recent = await guard.recall(connection, state.policies.guard, state.vos, now)
    return replace(state, watch=replace(state.watch, recent=recent, is_complete=True))


async def beginning(connection: AsyncConnection, settings: Settings, now: datetime) -> Place | None:
    """From where on what is recorded is to be kept; None: all of it is.

    That is the last world of before the time for which it is kept; a later one, where all that is too much.
    """
    known = await recording.worlds(connection)
    old = [place for place in known if place.at <= now - settings.kept]
    left = known[len(old) - 1 :] if old else known
    if await recording.size(connection) > settings.at_most:
        sizes = await recording.sizes(connection, left)
        # the last one stays, whatever its size: without it nothing could happen again
        left = [place for place, size in zip(left, sizes, strict=True) if size <= settings.at_most] or left[-1:]
    return left[0] if left and left[0] != known[0] else None

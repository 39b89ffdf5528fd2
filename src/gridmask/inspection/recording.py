"""Recording: what happens is written down in the transaction in which it does, and every so often how everything stands.

Only what leaves a trace is: an event after which nothing has to be remembered would, if it happened again, lead to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.events import TimePassed
from gridmask.domain.instructions import EndRow, SaveRow
from gridmask.recording.events import told
from gridmask.recording.happening import Circumstances
from gridmask.recording.world import World
from gridmask.store import guard, policies, recording, world

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.events import Event
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.state import State
    from gridmask.inspection.inspector import Inspector
    from gridmask.settings import Recording as Settings
    from gridmask.store.recording import Place


class Recorder:
    """Writes down events."""

    def __init__(self) -> None:
        self._known: Circumstances | None = None

    async def note(
        self,
        connection: AsyncConnection,
        happened: tuple[State, Event, tuple[Instruction, ...]],
        at: datetime,
        action: str,
        revision: int | None,
    ) -> Circumstances | None:
        """Write down that an event happened to a state ``at`` a moment, after which this has to be remembered.

        Returns:
            The circumstances, if these are written down, too; see :meth:`committed`.
        """
        state, event, instructions = happened
        if not instructions:
            return None
        around = Circumstances.of(state)
        news = None if around.alike(self._known) else around
        form = await to_thread.run_sync(told, _as_far_as_it_mattered(event, instructions))
        await recording.note(connection, form, at, action, revision, news)
        return news

    def committed(self, news: Iterable[Circumstances | None]) -> None:
        """That these circumstances are written down for good."""
        for one in news:
            self._known = one or self._known


def _as_far_as_it_mattered(event: Event, instructions: Iterable[Instruction]) -> Event:
    """``event``; of a look at many elements, that at those of which something has to be remembered."""
    if not isinstance(event, TimePassed):
        return event
    rows = (one.after if isinstance(one, SaveRow) else one.row for one in instructions if isinstance(one, SaveRow | EndRow))
    return replace(event, elements=frozenset(row.key.element for row in rows))


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
            follows, state = await recording.last(connection), await whole(connection, inspector, now)
        one = await to_thread.run_sync(World.of, state, now)
        await inspector.database.change(lambda connection, _: recording.keep_world(connection, one, follows))
        return True

    async def _is_due(self, connection: AsyncConnection, now: datetime) -> bool:
        # what this process judges by is to be what everybody else does
        if await policies.revision_in_force(connection) != self._inspector.policies.revision:
            return False
        known = await recording.worlds(connection)
        return not known or known[-1].at <= now - self._settings.worlds


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

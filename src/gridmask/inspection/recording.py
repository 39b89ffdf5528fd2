"""Recording: what happens is written down in the transaction in which it does.

Only what leaves a trace is: an event after which nothing has to be remembered would, if it happened again, lead to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from anyio import to_thread

from gridmask.domain.events import TimePassed
from gridmask.domain.instructions import EndRow, SaveRow
from gridmask.recording.events import told
from gridmask.recording.happening import Circumstances
from gridmask.store import recording

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.events import Event
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.state import State


class Written(NamedTuple):
    """What was written down last: its place, and the circumstances."""

    number: int
    around: Circumstances


class Recorder:
    """Writes down events; with the circumstances, where these are others than those of the event before.

    That is known where this process wrote that one, too. Another may see other circumstances, as while settings are changed.
    """

    def __init__(self) -> None:
        self._last: Written | None = None

    async def note(
        self,
        connection: AsyncConnection,
        happened: tuple[State, Event, tuple[Instruction, ...]],
        at: datetime,
        action: str,
        revision: int | None,
    ) -> Written | None:
        """Write down that an event happened to a state ``at`` a moment, after which this has to be remembered.

        Returns:
            What was written; None: nothing. See :meth:`committed`.
        """
        state, event, instructions = happened
        if not instructions:
            return None
        around = Circumstances.of(state)
        news = None if await self._is_known(connection, around) else around
        form = await to_thread.run_sync(told, _as_far_as_it_mattered(event, instructions))
        return Written(await recording.note(connection, form, at, action, revision, news), around)

    async def _is_known(self, connection: AsyncConnection, around: Circumstances) -> bool:
        """Whether the last event that is written down was ours, in the same circumstances."""
        if self._last is None or not around.alike(self._last.around):
            return False
        return await recording.last(connection) == self._last.number

    def committed(self, written: Iterable[Written | None]) -> None:
        """That this is written down for good."""
        for one in written:
            self._last = one or self._last


def _as_far_as_it_mattered(event: Event, instructions: Iterable[Instruction]) -> Event:
    """``event``; of a look at many elements, that at those of which something has to be remembered."""
    if not isinstance(event, TimePassed):
        return event
    rows = (one.after if isinstance(one, SaveRow) else one.row for one in instructions if isinstance(one, SaveRow | EndRow))
    return replace(event, elements=frozenset(row.key.element for row in rows))

"""Recording: what happens is written down in the transaction in which it does.

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
from gridmask.store import recording

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.events import Event
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.state import State


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

"""What an actuator remembers, in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from gridmask.store import deliveries

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.actions.actuating.values import Limits

_Kept = dict[str, bool | str]


class Written(msgspec.Struct):
    """What was last written of a thing; ``kept``: whether it was so when it was read back, None: that is not known."""

    states: _Kept
    at: datetime
    kept: bool | None = None
    note: str = ""


class Held(msgspec.Struct):
    """A step that is held."""

    after: _Kept
    since: datetime


class Failing(msgspec.Struct):
    """A thing that could not be read (``unread``) or written, or did not keep it. It is tried again at ``again_at``."""

    why: str
    since: datetime
    attempts: int
    again_at: datetime
    unread: bool = False


class Entry(msgspec.Struct):
    """A line of the drift report; see :class:`~gridmask.service.actuators.Drifting`."""

    thing: str
    found: _Kept
    wished: _Kept
    since: datetime
    state: str
    touched_by: str = ""
    written_at: datetime | None = None
    detail: str = ""


class Memory(msgspec.Struct):
    """All of it.

    Attributes:
        written: what was last written, by thing; what was switched on again is forgotten after a while.
        spent: when something changed, each time with the thing.
        held: what is held; ``failing``: what fails, by thing.
        drift: what was not as it should be at the last look.
        told: things that are unknown over there, of which that was told.
        read_at: when everything was last looked at; ``revision``: for which mask.
        problem: why that was not possible; empty: it was. ``problem_since``: since when.
        things: how many things there were; ``in_line``: how many of them are as they should be.
        changed_at: when something was last changed.
    """

    written: dict[str, Written] = {}
    spent: list[tuple[datetime, str]] = []
    held: dict[str, Held] = {}
    failing: dict[str, Failing] = {}
    drift: list[Entry] = []
    told: list[str] = []
    read_at: datetime | None = None
    revision: int = 0
    problem: str = ""
    problem_since: datetime | None = None
    things: int = 0
    in_line: int = 0
    changed_at: datetime | None = None

    def spend(self, thing: str, now: datetime) -> None:
        """Note that ``thing`` changes now."""
        self.spent.append((now, thing))

    def spent_within(self, limits: Limits, now: datetime) -> frozenset[str]:
        """Which things changed within the period; what is longer ago is forgotten."""
        since = now - timedelta(seconds=limits.period)
        self.spent = [(at, thing) for at, thing in self.spent if at > since]
        return frozenset(thing for _, thing in self.spent)


async def recollected(connection: AsyncConnection, name: str) -> Memory:
    """What the actuator called so remembers; what cannot be read is as if it were not there."""
    body = await deliveries.recollect(connection, name)
    try:
        return msgspec.json.decode(body, type=Memory) if body else Memory()
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Memory()


async def keep(connection: AsyncConnection, name: str, memory: Memory) -> None:
    """Remember ``memory``."""
    await deliveries.keep(connection, name, msgspec.json.encode(memory))

"""Bans of storage over the REST interface of FTS3. Only our own, which their message tells, are ever lifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from anyio import to_thread

from gridmask.actions.actuating.talking import Talking
from gridmask.actions.actuating.values import Found, Reading
from gridmask.actions.fts3.wishes import TRANSFERS, wishes
from gridmask.domain.errors import BadStatus, MalformedAnswer

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.actions.actuating.side import Outlook
    from gridmask.actions.actuating.values import Step, Wishes
    from gridmask.actions.fts3.wishes import Rules
    from gridmask.http.line import Line, OpenLine

PREFIX = "Gridmask"
"""What the messages of our bans begin with; then comes the name of the actuator."""

_LONGEST = 250
_MOST_JOBS = 1000
"""So many affected jobs are kept by name."""


class _Ban(msgspec.Struct, frozen=True):
    se: str
    message: str | None = None
    vo: str | None = None
    status: str | None = None
    admin_dn: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How storage is banned.

    Attributes:
        name: in whose name: the actuator's.
        vo: what FTS calls the VO.
        status: what becomes of transfers; ``allow_submit``: whether more can be submitted while they wait.
    """

    name: str
    vo: str
    status: str = "wait"
    allow_submit: bool = False


class Bans(Talking):
    """The bans of one FTS, for one VO; see :class:`~gridmask.actions.actuating.side.OtherSide`."""

    own_alone = True

    def __init__(self, line: Line, vo: str, rules: Rules, way: Way) -> None:
        self._line = line
        self._vo = vo
        self._rules = rules
        self._way = way
        self._mark = f"{PREFIX} {way.name}: "
        self._open: OpenLine | None = None

    async def wishes(self, outlook: Outlook, now: datetime) -> Wishes:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        del now
        return await to_thread.run_sync(wishes, await outlook.look(self._vo), self._rules)

    async def read(self, things: Collection[str]) -> Reading:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`. All bans of ours are told, asked for or not."""
        reply = await self._there.send("GET", "/ban/se")
        reply.require_success()
        try:
            bans = msgspec.json.decode(reply.body, type=list[_Ban])
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise MalformedAnswer(reply.place, f"is no list of bans by FTS: {error}") from error
        by_storage: dict[str, list[_Ban]] = {}
        for ban in bans:
            if not ban.vo or ban.vo == "*" or ban.vo.casefold() == self._way.vo.casefold():
                by_storage.setdefault(ban.se, []).append(ban)
        banned = {storage: self._found(those) for storage, those in by_storage.items()}
        ours = {storage: found for storage, found in banned.items() if found.ours}
        return Reading({thing: banned.get(thing, _FREE) for thing in things} | ours)

    def _found(self, bans: list[_Ban]) -> Found:
        note = "; ".join(f"{ban.message or 'no reason given'} ({ban.admin_dn or 'nobody told'})" for ban in bans)
        if all((ban.message or "").startswith(self._mark) for ban in bans):
            return Found({TRANSFERS: False}, frozenset({TRANSFERS}), note)
        # a server that keeps no messages leaves it to our memory
        silent = len(bans) == 1 and not bans[0].message
        return Found({TRANSFERS: False}, None if silent else frozenset(), note)

    async def write(self, step: Step) -> str:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`. Returns which jobs the ban affects."""
        if step.after[TRANSFERS]:
            reply = await self._there.send("DELETE", f"/ban/se?{urlencode({'storage': step.thing})}")
            if not reply.is_success:
                raise BadStatus(reply.place, reply.status)
            return ""
        message = f"{self._mark}{step.why}"[:_LONGEST]
        asked: dict[str, object] = {"storage": step.thing, "status": self._way.status, "message": message}
        if self._way.status == "wait":
            asked["allow_submit"] = self._way.allow_submit
        reply = await self._there.send("POST", "/ban/se", document=asked)
        if not reply.is_success:
            raise BadStatus(reply.place, reply.status)
        return _affected(reply.body)

    @property
    def _there(self) -> OpenLine:
        assert self._open is not None  # it was opened
        return self._open


_FREE = Found({TRANSFERS: True})


def _affected(body: bytes) -> str:
    try:
        jobs = msgspec.json.decode(body, type=list[str])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return f"it answered {body[:200].decode(errors='replace')!r}"
    more = f", and {len(jobs) - _MOST_JOBS:,} more" if len(jobs) > _MOST_JOBS else ""
    return f"{len(jobs):,} jobs affected: {', '.join(jobs[:_MOST_JOBS])}{more}" if jobs else "no jobs affected"

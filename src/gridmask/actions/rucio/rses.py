"""RSEs over Rucio's REST interface: read, and set what is to be other."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from anyio import to_thread

from gridmask.actions.actuating.talking import Talking
from gridmask.actions.actuating.values import Found, Reading
from gridmask.actions.rucio.wishes import wishes
from gridmask.domain.errors import BadStatus, GridmaskError, MalformedAnswer

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.actions.actuating.side import Outlook
    from gridmask.actions.actuating.values import Step, Wishes
    from gridmask.actions.rucio.access import Pass
    from gridmask.actions.rucio.wishes import Rules
    from gridmask.http.line import Line, OpenLine, Reply

ONE_BY_ONE = 25
"""From so many RSEs on, all are read at once."""

AT_ONCE = 8
"""So many requests are under way at the same time."""


class _Rse(msgspec.Struct, frozen=True):
    rse: str
    availability_read: bool
    availability_write: bool
    availability_delete: bool

    def found(self) -> Found:
        return Found({"read": self.availability_read, "write": self.availability_write, "delete": self.availability_delete})


class Rses(Talking):
    """The RSEs of one Rucio; see :class:`~gridmask.actions.actuating.side.OtherSide`, and ``Talk`` there.

    Args:
        line: where it is; ``entry``: how it knows who asks.
        vo: whose mask counts; ``rules``: what it wishes.
        own_alone: whether only what we switched off is switched on.
    """

    def __init__(self, line: Line, entry: Pass, vo: str, rules: Rules, *, own_alone: bool) -> None:
        self.own_alone = own_alone
        self._line = line
        self._entry = entry
        self._vo = vo
        self._rules = rules
        self._open: OpenLine | None = None
        self._headers: Mapping[str, str] | None = None

    async def wishes(self, outlook: Outlook, now: datetime) -> Wishes:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        del now
        return await to_thread.run_sync(wishes, await outlook.look(self._vo), self._rules)

    async def read(self, things: Collection[str]) -> Reading:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        await self._enter()
        return await (self._listed(things) if len(things) >= ONE_BY_ONE else self._each(things))

    async def write(self, step: Step) -> str:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        wanted = {f"availability_{aspect}": state for aspect, state in step.after.items()}
        reply = await self._send("PUT", _path(step.thing), wanted)
        if not reply.is_success:
            raise BadStatus(reply.place, reply.status)
        return ""

    async def _enter(self) -> None:
        """Show who asks; once, and not before something is asked."""
        assert self._open is not None  # it was opened
        if self._headers is None:
            self._headers = await self._entry.show(self._open)

    async def _send(self, method: str, path: str, document: object = None) -> Reply:
        assert self._open is not None  # it was opened
        return await self._open.send(method, path, document=document, headers=self._headers)

    async def _each(self, things: Collection[str]) -> Reading:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(thing: str) -> Found | GridmaskError | None:
            async with turns:
                try:
                    return await self._one(thing)
                except GridmaskError as error:
                    return error

        told = dict(zip(things, await asyncio.gather(*map(one, things)), strict=True))
        failed = {thing: error for thing, error in told.items() if isinstance(error, GridmaskError)}
        stranger = next((e for e in failed.values() if isinstance(e, BadStatus) and e.status == _WHO_ASKS), None)
        if stranger:
            raise stranger
        if len(failed) == len(told) > 1:
            raise next(iter(failed.values()))
        found = {thing: found for thing, found in told.items() if isinstance(found, Found)}
        unknown = frozenset(thing for thing, found in told.items() if found is None)
        return Reading(found, unknown, {thing: str(error) for thing, error in failed.items()})

    async def _one(self, rse: str) -> Found | None:
        """The RSE; None: there is none."""
        reply = await self._send("GET", _path(rse))
        if reply.status == 404:
            _require_said(reply.headers, reply.body, reply.place)
            return None
        reply.require_success()
        return _decoded(reply.body, reply.place, rse).found()

    async def _listed(self, things: Collection[str]) -> Reading:
        reply = (await self._send("GET", "/rses/")).require_success()
        lines = [line for line in reply.body.splitlines() if line.strip()]
        there = {one.rse: one.found() for one in (_decoded(line, reply.place) for line in lines)}
        # a list can be cut short where its end cannot be told: that something is not there, it has to say itself
        rest = [thing for thing in things if thing not in there]
        checked = await self._each(rest) if 0 < len(rest) < ONE_BY_ONE else Reading(failed=dict.fromkeys(rest, _NOT_LISTED))
        return replace(checked, found={thing: there[thing] for thing in things if thing in there} | dict(checked.found))


_WHO_ASKS = 401
_NOT_LISTED = "Rucio does not list it, nor many others; that may be none of them, or a list that was cut short."


def _path(rse: str) -> str:
    return f"/rses/{quote(rse, safe='')}"


def _require_said(headers: Mapping[str, str], body: bytes, place: str) -> None:
    """Check that it is Rucio who says that there is no such RSE, and not something before it."""
    if b"RSENotFound" not in body and "RSENotFound" not in headers.get("exceptionclass", ""):
        raise BadStatus(place, 404)


def _decoded(body: bytes, place: str, rse: str = "") -> _Rse:
    try:
        told = msgspec.json.decode(body, type=_Rse)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise MalformedAnswer(place, f"is no RSE by Rucio: {error}") from error
    if rse and told.rse != rse:
        raise MalformedAnswer(place, f"is about the RSE {told.rse[:100]!r}")
    return told

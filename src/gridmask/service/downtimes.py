"""Downtimes: list those that are known, declare one's own, cancel it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, or_, true

from gridmask.domain.actor import Actor
from gridmask.domain.downtime import MANUAL, Difference, Downtime, DowntimeKey, Interval, is_over
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.events import DowntimesChanged
from gridmask.domain.naming import handles, names
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL, VoRegistry
from gridmask.inspection.inspector import Plan
from gridmask.service.concerned import by_handle, concerned
from gridmask.service.reasons import require_text
from gridmask.service.selection import ElementName, find
from gridmask.store import downtimes, elements, vos
from gridmask.store.downtimes import Version
from gridmask.store.tables import downtimes as table
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos
    from gridmask.store.ledger import Outcome

SEVERITIES = ("OUTAGE", "WARNING")
"""What people can declare."""

MOST = 1000


class When(StrEnum):
    """Downtimes by where now is relative to them."""

    ONGOING = "ongoing"
    FUTURE = "future"
    PENDING = "pending"
    PAST = "past"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A downtime as a person declares it. ``sites``: with everything that the inventory has there now."""

    elements: tuple[ElementName, ...]
    start: datetime
    end: datetime | None
    severity: str
    description: str
    vo: str = ALL
    sites: tuple[str, ...] = ()


class Downtimes:
    """The use cases around downtimes."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def list(  # noqa: PLR0913 - each is a filter, and has its default
        self,
        when: When = When.PENDING,
        *,
        source: str | None = None,
        name: str | None = None,
        versions: bool = False,
        vos: Collection[str] | None = None,
        cursor: int = 0,
        limit: int = MOST,
    ) -> list[Version]:
        """The downtimes of ``source`` about elements called ``name`` or their hosts (None: any), as they became known.

        ``versions``: also those that were edited or withdrawn since. ``vos``: only those that are for everyone, or for one of
        these (None: any). ``cursor``: the number of the last one of the page before.
        """
        which = and_(_when(when, self._inspector.clock()), table.c.id > cursor)
        if not versions:
            which = and_(which, table.c.known_to.is_(None))
        if vos is not None:
            which = and_(which, table.c.vo.in_(sorted({ALL, *vos})))
        if source is not None:
            which = and_(which, table.c.source == source)
        if name is not None:
            which = and_(which, downtimes.named(elements.handles(name)))
        async with self._inspector.database.reading() as connection:
            return await downtimes.versions(connection, which, min(limit, MOST))

    async def told_to(self, vos: Collection[str], found: Sequence[Version]) -> Sequence[Version]:
        """Those of ``found`` that concern something which is offered to one of ``vos``, or nothing that the inventory has."""
        targets = {target for version in found for target in version.downtime.targets}
        async with self._inspector.database.reading() as connection:
            _, there = await elements.find(connection, await elements.meant_by(connection, targets))
        called = by_handle(there.values())

        def is_told(version: Version) -> bool:
            meant = concerned(version.downtime.targets, called)
            return not meant or any(element.is_offered_to(vo) for element in meant for vo in vos)

        return [version for version in found if is_told(version)]

    async def about(self, element: Element, when: When = When.PENDING) -> Sequence[Version]:
        """The downtimes that concern ``element``, by whatever name they call it; the earliest first."""
        which = and_(_when(when, self._inspector.clock()), table.c.known_to.is_(None), downtimes.named(handles(element)))
        async with self._inspector.database.reading() as connection:
            found = await downtimes.versions(connection, which)
        concerning = (v for v in found if any(names(target, element) for target in v.downtime.targets))
        return sorted(concerning, key=lambda version: version.downtime.interval.start)

    async def add(self, actor: Actor, declared: Declaration) -> tuple[Outcome, Downtime]:
        """Declare a downtime. No feed can remove it.

        Raises:
            Forbidden, NotKnown, Ambiguous, InvalidRequest: and nothing was changed.
        """
        vo = await self._vos.resolve(declared.vo)
        actor.require(Action.DECLARE_DOWNTIMES, vo)
        description = require_text(declared.description, "A description")
        now = self._inspector.clock()
        _check(declared, now)
        key = DowntimeKey(MANUAL, secrets.token_hex(6))
        scheduling = "SCHEDULED" if declared.start > now else "UNSCHEDULED"
        interval = Interval(declared.start, declared.end)
        downtime = Downtime(
            key, frozenset(), interval, declared.severity.upper(), scheduling, description, vo, actor.name, created_at=now
        )

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            nonlocal downtime
            VoRegistry(await vos.load(connection)).resolve(vo)
            downtime = replace(downtime, targets=await _targets(connection, declared))
            event = DowntimesChanged(MANUAL, Difference(added=(downtime,)), actor=actor)
            return Plan(event, Scope.meant_by(downtime.targets), "downtime declared", f"{key.record}: {description}")

        return await self._inspector.happen(prepare), downtime

    async def cancel(self, actor: Actor, record: str, reason: str) -> tuple[Outcome, Downtime]:
        """Cancel a downtime that was declared here.

        Raises:
            NotKnown: there is none with that id. InvalidRequest: it is over. Forbidden: it is another VO's.
        """
        reason = require_text(reason, "A reason")
        cancelled: Downtime | None = None

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal cancelled
            cancelled = await _cancellable(connection, actor, record, now)
            change = Difference(withdrawn=(cancelled.key,))
            event = DowntimesChanged(MANUAL, change, {cancelled.key: cancelled}, actor=actor)
            whose, said = frozenset({cancelled.vo}), f"{record}: {reason}"
            return Plan(event, Scope.meant_by(cancelled.targets), "downtime cancelled", said, whose)

        outcome = await self._inspector.happen(prepare)
        assert cancelled is not None
        return outcome, cancelled


async def _cancellable(connection: AsyncConnection, actor: Actor, record: str, now: datetime) -> Downtime:
    known = await downtimes.current(connection, MANUAL, now, [record])
    downtime = known.get(DowntimeKey(MANUAL, record))
    if downtime is None:
        raise NotKnown("downtime declared here", record, (key.record for key in known))
    actor.require(Action.CANCEL_DOWNTIMES, downtime.vo)
    if is_over(downtime, now):
        raise InvalidRequest(f"Downtime {record} is over; there is nothing left to cancel.")
    return downtime


async def _targets(connection: AsyncConnection, declared: Declaration) -> frozenset[ElementKey]:
    named = [(await find(connection, name)).key for name in declared.elements]
    for site in declared.sites:
        found = await elements.at_site(connection, site)
        if not found:
            raise NotKnown("site", site, await elements.names(connection, "Site"))
        named += found
    return frozenset(named)


def _check(declared: Declaration, now: datetime) -> None:
    if not declared.elements and not declared.sites:
        raise InvalidRequest("Name at least one element or site that is down.")
    if declared.severity.upper() not in SEVERITIES:
        raise InvalidRequest(f"{declared.severity!r} is no severity; there are {' and '.join(SEVERITIES)}.")
    if declared.end is not None and declared.end <= declared.start:
        raise InvalidRequest("The downtime ends before it begins.")
    if declared.end is not None and declared.end <= now:
        raise InvalidRequest("The downtime is over already.")


def _when(when: When, now: datetime) -> ColumnElement[bool]:
    not_over = or_(table.c.ends_at.is_(None), table.c.ends_at > now)
    conditions: dict[When, ColumnElement[bool]] = {
        When.ONGOING: and_(table.c.starts_at <= now, not_over),
        When.FUTURE: and_(table.c.starts_at > now, not_over),
        When.PENDING: not_over,
        When.PAST: table.c.ends_at <= now,
        When.ALL: true(),
    }
    return conditions[when]

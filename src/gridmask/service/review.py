"""Review: the bans that there are, whose each is, when to look at it again, and which have lost what they rested on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.automation import Mode, ruled
from gridmask.domain.decision import combine
from gridmask.domain.row import INHERITED, Row
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from gridmask.store import elements, rulings, statuses, vos

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.automation import Rulings
    from gridmask.domain.element import ElementKey, RowKey
    from gridmask.domain.policy import PolicySet
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos


class Doubt(StrEnum):
    """Why a ban should be looked at."""

    UNSUPPORTED = "nothing but its owner asks for it"
    UNWATCHED = "nothing is known that would support it"
    STALE = "its evidence is gone, and it is only repeated from before"
    RESTRAINED = "automation would end it, and may not"
    OVERDUE = "its review is due"


@dataclass(frozen=True, slots=True)
class Ban:
    """A row that is banned, or that a person restricted.

    Attributes:
        row: the row.
        owner: who answers for it: a person, or the policies that decide.
        review_at: when to look at it again; None: when something is learnt.
        doubts: why to look at it now.
    """

    row: Row
    owner: str
    review_at: datetime | None
    doubts: tuple[Doubt, ...]


class Reviews:
    """The use case around bans."""

    def __init__(self, inspector: Inspector, vos_: Vos) -> None:
        self._inspector = inspector
        self._vos = vos_

    async def bans(self, vo: str | None = None, *, every: bool = False) -> list[Ban]:
        """The bans that should be looked at, those whose review is due first, first; ``every``: all that there are.

        With ``vo``, its own, and those of ``all`` of what is offered to it.
        """
        name = await self._vos.resolve(vo) if vo else ALL
        whose = {name, ALL} if vo else None
        async with self._inspector.database.reading() as connection:
            rows = await statuses.remarkable(connection, whose or {ALL, *await vos.load(connection)})
            decided = await rulings.load(connection)
            hidden = await _hidden(connection, name, rows) if vo else frozenset()
        now, policies = self._inspector.clock(), self._inspector.policies
        wanted = (
            row for row in rows.values() if _restricts(row, now) and (row.key.vo == name or row.key.element not in hidden)
        )
        found = (_ban(row, decided.get(row.key.element, {}), policies, now) for row in wanted)
        last = datetime.max.replace(tzinfo=now.tzinfo)
        return sorted((ban for ban in found if every or ban.doubts), key=lambda ban: (ban.review_at or last, ban.row.key))


async def _hidden(connection: AsyncConnection, vo: str, rows: Iterable[RowKey]) -> frozenset[ElementKey]:
    """The elements of ``rows`` of all that are not offered to ``vo``."""
    _, there = await elements.find(connection, {row.element for row in rows if row.vo != vo})
    return frozenset(key for key, element in there.items() if not element.is_offered_to(vo))


def _restricts(row: Row, now: datetime) -> bool:
    if row.status in {Status.ERROR, Status.BANNED}:
        return INHERITED not in row.reasons
    # who follows a row of all is reviewed there
    return row.held(now) and row.status is not Status.ACTIVE and INHERITED not in row.reasons


def _ban(row: Row, rulings_: Rulings, policies: PolicySet, now: datetime) -> Ban:
    review_at = _review_at(row, now)
    doubts = tuple(_doubts(row, ruled(rulings_, policies.automation, row.key.vo), review_at, now))
    return Ban(row, _owner(row, now), review_at, doubts)


def _owner(row: Row, now: datetime) -> str:
    if row.token is not None and row.held(now):
        return row.token.owner
    # what automation would end is no policy's any more
    winners = combine(row.verdicts).winners if row.opinion is row.status else ()
    return ", ".join(sorted(f"{w.policy} of {w.layer}" for w in winners)) or ", ".join(
        sorted({reason.source for reason in row.reasons if reason.source})
    )


def _review_at(row: Row, now: datetime) -> datetime | None:
    if row.token is not None and row.held(now):
        return row.token.review_at or row.token.expires_at
    ends = [reason.until for reason in row.reasons if reason.until is not None]
    return min(ends, default=row.due)


def _doubts(row: Row, mode: Mode, review_at: datetime | None, now: datetime) -> Iterator[Doubt]:
    held, asked = row.held(now), combine(row.verdicts)
    if (held and asked.status is Status.UNKNOWN and row.status is not Status.UNKNOWN) or (not held and mode is Mode.OFF):
        yield Doubt.UNWATCHED
    elif held and usable(asked.status) and asked.status > row.status:
        yield Doubt.UNSUPPORTED
    elif not held and asked.winners and all(verdict.held for verdict in asked.winners):
        yield Doubt.STALE
    elif not held and not mode.permits(row.standing, row.opinion):
        yield Doubt.RESTRAINED
    if review_at is not None and review_at <= now:
        yield Doubt.OVERDUE

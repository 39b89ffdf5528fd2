"""Undoing: what a person did to rows is taken back, as long as nobody has done anything to them since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from gridmask.domain.element import RowKey
from gridmask.domain.errors import Forbidden, InvalidRequest, NotKnown
from gridmask.domain.events import StatusSet, TokenReleased
from gridmask.domain.rights import Action
from gridmask.domain.row import INHERITED, Rows, seen_by
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.status import Status
from gridmask.domain.token import Term
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.service.selection import vos_of
from gridmask.store import elements, history, statuses
from gridmask.store.elements import key_of
from gridmask.store.world import Scope

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.events import Event
    from gridmask.inspection.inspector import Inspector, Prepare
    from gridmask.store.ledger import Outcome

DEALINGS = ("set ", "token taken", "token extended", "released")
"""How actions begin, in the audit, that can be undone by what is known of the rows before."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a row was before a revision. ``owner`` empty: it was automation's.

    ``released``: to give it back is enough, since automation asks for just that.
    """

    key: RowKey
    status: Status
    owner: str = ""
    until: datetime | None = None
    agreed: bool = False
    binding: bool = False
    released: bool = False

    @property
    def alike(self) -> tuple[object, ...]:
        """What is the same of rows that are taken back together."""
        return self.status, self.owner, self.until, self.agreed, self.binding, self.released


class Undoing:
    """The use case around what people take back."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector

    async def undo(self, actor: Actor, revision: int, reason: str = "") -> Outcome:
        """Give the rows with which somebody dealt in ``revision`` the status and the holder that they had before.

        Where nobody held them, automation has them again, and decides about them at once.

        Raises:
            NotKnown: there is no such revision. Forbidden: a row belongs to a VO that the actor does not operate.
            InvalidRequest: nobody dealt with rows in it. StaleWrite: somebody, or automation, changed one of them since.
        """
        async with self._inspector.database.reading() as connection:
            earlier, did = await self._before(connection, revision)
        vos = sorted({row.key.vo for row in earlier})
        if any(vo != ALL and not actor.may(Action.READ, vo) for vo in vos):
            # whose rows they are is not theirs to know
            raise Forbidden(actor.name, f"undo revision {revision}", "an operator of each VO that it concerns")
        for vo in vos:
            actor.require(Action.SET_STATUSES, vo)
            actor.require(Action.HOLD_ROWS, vo)
        if not earlier:
            raise InvalidRequest(f"In revision {revision:,}, nobody dealt with a row so that it could be undone.")
        said = f"Undo of revision {revision}: {reason or did}"
        steps = [step for alike in _alike(earlier) for step in _steps(actor, alike, revision, said)]
        return await self._inspector.happen(*steps)

    async def _before(self, connection: AsyncConnection, revision: int) -> tuple[list[Earlier], str]:
        made = await history.signed(connection, revision)
        if made is None:
            raise NotKnown("revision", str(revision))
        if not made.action.startswith(DEALINGS):
            return [], ""
        changed = await history.with_previous(connection, revision)
        keys = {RowKey(key_of(change), change.status_type, change.vo) for change, _ in changed}
        ids, _ = await elements.find(connection, {key.element for key in keys})
        rows = group(await statuses.load(connection, ids.values()))
        now = self._inspector.clock()
        found: list[Earlier] = []
        for change, before in changed:
            key = RowKey(key_of(change), change.status_type, change.vo)
            if _is_dealt(change, before) and not _follows(change, key, keys):
                found.append(_earlier(key, change, before, rows.get(key.element, NO_ROWS), now))
        return found, f"{made.action}: {made.comment}"


def _is_dealt(change: sa.Row[Any], before: sa.Row[Any] | None) -> bool:
    """Whether somebody dealt with it; what only followed from that was nobody's before, and is nobody's after."""
    return change.token_owner is not None or (before is not None and before.token_owner is not None)


def _follows(change: sa.Row[Any], key: RowKey, keys: Iterable[RowKey]) -> bool:
    """Whether it changed only since the row of all did, which it follows; then it will follow that again."""
    return key.vo != ALL and INHERITED in change.reasons and key._replace(vo=ALL) in keys


def _earlier(key: RowKey, change: sa.Row[Any], before: sa.Row[Any] | None, rows: Rows, now: datetime) -> Earlier:
    row, general = seen_by(key.vo, key.status_type, rows), rows.get((key.status_type, ALL))
    # a row that began with it was that of all before
    status = general.status if change.old is None and general else Status(change.new if change.old is None else change.old)
    if before is not None and before.token_owner and (before.token_expires_at is None or before.token_expires_at > now):
        return Earlier(key, status, before.token_owner, before.token_expires_at, before.token_agreed, before.binding)
    # who bans has automation lead the row through Probing later, unless that is taken back as well
    free = change.new is None or Status(change.new) not in {Status.BANNED, Status.PROBING}
    return Earlier(key, status, released=change.new == status or (free and row is not None and row.opinion is status))


def _alike(earlier: Iterable[Earlier]) -> Iterator[list[Earlier]]:
    found: dict[tuple[object, ...], list[Earlier]] = {}
    for row in earlier:
        found.setdefault(row.alike, []).append(row)
    yield from found.values()


def _steps(actor: Actor, rows: Sequence[Earlier], revision: int, reason: str) -> Iterator[Prepare]:
    keys, one = tuple(row.key for row in rows), rows[0]
    seen = dict.fromkeys(keys, revision)
    if one.released:
        yield partial(_plan, TokenReleased(actor, keys, reason, seen), keys, reason)
        return
    term = Term(one.until, one.agreed)
    set_back = StatusSet(actor, keys, one.status, reason, term, one.binding, seen, one.owner)
    yield partial(_plan, set_back, keys, reason)
    if not one.owner:
        yield partial(_plan, TokenReleased(actor, keys, reason), keys, reason)


async def _plan(event: Event, keys: Sequence[RowKey], reason: str, _: AsyncConnection, __: datetime) -> Plan:
    return Plan(event, Scope.of(key.element for key in keys), "undone", reason, vos_of(keys)) if keys else NOTHING

"""What clients of DIRAC do with rows: set them, hold them, release them, and bring in elements of which nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.domain.events import InventoryChanged, StatusSet, TokenReleased, TokenTaken
from gridmask.domain.rights import Action
from gridmask.domain.row import Rows, seen_by
from gridmask.domain.state import NO_ROWS
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.service.dirac_declaring import SOURCE, Declaration
from gridmask.service.dirac_evidence import in_short
from gridmask.service.dirac_wishes import Wish, rows_of
from gridmask.service.reasons import as_text
from gridmask.service.selection import vos_of
from gridmask.store import elements
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.status import Status
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos

INSERTED = "dirac insert"
"""How a new row goes into the books. DIRAC's log tells of changes, and not of that."""

MODIFIED, TAKEN_OUT = "dirac modify", "dirac delete"

Meant = tuple[tuple[RowKey, ...], dict[ElementKey, Rows]]
"""The rows that are meant, and all that their elements have."""


class DiracWrites:
    """The use cases of clients of DIRAC that change rows.

    Each is one transaction, in which an element of which nobody knew is made known, and its rows become what was wished: there
    is no moment at which it is there and is not that, and who dies in between leaves nothing of either.
    """

    def __init__(self, inspector: Inspector, vos: Vos, *, declares: bool) -> None:
        """``declares``: elements, types and status types of which nobody knows are made known by whoever writes them."""
        self._inspector = inspector
        self._vos = vos
        self._declares = declares

    async def insert(self, actor: Actor, wish: Wish) -> bool:
        """Make new rows as ``wish`` says. Returns whether that was done: not if any is there already.

        Raises:
            Forbidden, NotKnown, Ambiguous, InvalidRequest: and nothing was changed.
        """
        deal, done = await self._deal(actor, wish), False

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal done
            meant = await deal.meant(connection)
            done = deal.is_of_new
            if wish.release or wish.status is None:
                # a new row is automation's, and is what that says
                return NOTHING
            done = done or not any(key[1:] in meant[1].get(key.element, NO_ROWS) for key in meant[0])
            plan = deal.plan(meant, now, INSERTED)
            return plan if done else NOTHING

        await self._inspector.happen(deal.declared, prepare)
        return done

    async def modify(self, actor: Actor, wish: Wish) -> None:
        """Make rows what ``wish`` says.

        Raises:
            Conflict: they are to be automation's, and something else than they are. Others as above.
        """
        if wish.status is None and not wish.holds:
            raise InvalidRequest("Say what is to change: a Status, or a TokenOwner.")
        deal = await self._deal(actor, wish)

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            if deal.is_of_new and wish.release:
                return NOTHING
            return deal.plan(await deal.meant(connection), now, INSERTED if deal.is_of_new else MODIFIED)

        await self._inspector.happen(deal.declared, prepare)

    async def _deal(self, actor: Actor, wish: Wish) -> _Deal:
        """How ``wish`` is dealt with, once it is sure that it makes sense."""
        if not wish.names:
            raise InvalidRequest("Name what this is about.")
        vo = None if wish.vo is None else await self._vos.resolve(wish.vo)
        wish.wanted.term(self._inspector.clock(), self._inspector.policies.tokens)
        return _Deal(self._inspector, actor, replace(wish, vo=vo, reason=as_text(wish.reason)), declares=self._declares)

    async def remove(self, actor: Actor, rows: Iterable[RowKey]) -> int:
        """Have ``rows`` end: those of VOs are released, elements that clients brought in leave. Returns how many it were.

        Raises:
            Conflict: one of ``all`` is of what an inventory lists; nothing was changed. Forbidden.
        """
        wanted = tuple(rows)
        if not wanted:
            return 0
        for vo in sorted({key.vo for key in wanted}):
            actor.require(Action.HOLD_ROWS, vo)
        general = frozenset(key.element for key in wanted if key.vo == ALL)
        own = tuple(key for key in wanted if key.vo != ALL and key.element not in general)

        async def take_out(connection: AsyncConnection, _: datetime) -> Plan:
            return await _taking_out(connection, actor, sorted(general))

        async def release(_: AsyncConnection, __: datetime) -> Plan:
            event = TokenReleased(actor, own, "Deleted by a client of DIRAC.")
            return Plan(event, Scope.of(key.element for key in own), TAKEN_OUT, "") if own else NOTHING

        await self._inspector.happen(take_out, release)
        return len(wanted)


class _Deal:
    """How somebody gets a wish."""

    def __init__(self, inspector: Inspector, actor: Actor, wish: Wish, *, declares: bool) -> None:
        self.inspector = inspector
        self.actor = actor
        self.wish = wish
        self.declaration = Declaration(inspector, actor, wish) if declares else None

    @property
    def is_of_new(self) -> bool:
        """Whether an element was brought in for it."""
        return self.declaration is not None and self.declaration.brought

    async def declared(self, connection: AsyncConnection, now: datetime) -> Plan:
        """What has to happen first, so that all is known that it is about."""
        return await self.declaration.prepare(connection, now) if self.declaration else NOTHING

    async def meant(self, connection: AsyncConnection) -> Meant:
        """The rows that it means."""
        return await rows_of(connection, self.wish, await self.inspector.types(connection))

    def plan(self, meant: Meant, now: datetime, action: str) -> Plan:
        """What is to happen to the rows."""
        wish, (keys, rows) = self.wish, meant
        for vo in sorted({key.vo for key in keys}):
            self.actor.require(Action.HOLD_ROWS if wish.status is None else Action.SET_STATUSES, vo)
        # once more, since it may have waited for its turn
        term = wish.wanted.term(now, self.inspector.policies.tokens)
        event: StatusSet | TokenTaken | TokenReleased
        if wish.release:
            _require_as_they_are(keys, rows, wish.status)
            event = TokenReleased(self.actor, keys, wish.reason)
        elif wish.status is None:
            event = TokenTaken(self.actor, keys, wish.reason or "Unspecified", term, holder=wish.owner)
        else:
            event = StatusSet(self.actor, keys, wish.status, wish.reason or "Unspecified", term, holder=wish.owner)
        return Plan(event, Scope.of(key.element for key in keys), action, wish.reason, vos_of(keys))


async def _taking_out(connection: AsyncConnection, actor: Actor, gone: list[ElementKey]) -> Plan:
    present = await elements.load(connection, gone) if gone else {}
    for element in present.values():
        if element.source != SOURCE:
            raise Conflict(
                f"{element.key} is in the inventory {element.source!r}: its rows last until that lists it no longer. "
                "Nothing was deleted."
            )
    event = InventoryChanged(SOURCE, taken_out=tuple(present), actor=actor)
    return Plan(event, Scope.of(present), TAKEN_OUT, in_short(map(str, present))) if present else NOTHING


def _require_as_they_are(keys: Iterable[RowKey], rows: dict[ElementKey, Rows], status: Status | None) -> None:
    for key in keys if status is not None else ():
        row = seen_by(key.vo, key.status_type, rows.get(key.element, NO_ROWS))
        if row is not None and status is not None and row.status is not status:
            raise Conflict(
                f"{key} is {row.status.label}. A row of TokenOwner 'rs_svc' is automation's, and is what that says; to make it "
                f"{status.label}, hold it in somebody's name. Nothing was changed."
            )

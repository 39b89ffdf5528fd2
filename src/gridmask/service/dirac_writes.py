"""What clients of DIRAC do with rows: set them, hold them, release them, and bring in elements of which nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import BUILT_IN_TYPES, SITE, WHOLE, Element, ElementKey, ElementType, RowKey, TypeRegistry
from gridmask.domain.errors import Ambiguous, Conflict, InvalidRequest, NotKnown
from gridmask.domain.events import InventoryChanged, StatusSet, TokenReleased, TokenTaken
from gridmask.domain.rights import Action
from gridmask.domain.row import Rows, seen_by
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.service.reasons import as_text
from gridmask.service.selection import MOST_ROWS, vos_of
from gridmask.service.tokens import CUSTOMARY, Wanted
from gridmask.store import elements, statuses, types
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.status import Status
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos

SOURCE = "dirac-rpc"
"""The inventory source of elements that clients of DIRAC brought in."""

INSERTED = "dirac insert"
"""How a new row goes into the books. DIRAC's log tells of changes, and not of that."""

MODIFIED, TAKEN_OUT = "dirac modify", "dirac delete"
_LONGEST_TYPE = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants rows to be.

    Attributes:
        family: of which family the elements are.
        names: what they are called.
        status_types: which of their rows; empty: all that they have.
        vo: for whom; None: for everyone, VOs with rows of their own included.
        type: what the client says that they are; empty: nothing.
        status: what they are to be; None: what they are.
        reason: why.
        owner: in whose name they are held; empty: the actor's. ``release`` instead: they are automation's again.
        wanted: for how long.
        holds: whether anything is said of who holds them, or for how long.
    """

    family: str
    names: tuple[str, ...]
    status_types: tuple[str, ...] = ()
    vo: str | None = ALL
    type: str = ""
    status: Status | None = None
    reason: str = ""
    owner: str = ""
    release: bool = False
    wanted: Wanted = CUSTOMARY
    holds: bool = False


class DiracWrites:
    """The use cases of clients of DIRAC that change rows."""

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
        brought = await self._made_known(actor, wish)
        if wish.release or wish.status is None:
            # a new row is automation's, and is what that says
            await self._require_known(wish)
            return brought
        return await self._deal(actor, wish, INSERTED, only_new=not brought)

    async def modify(self, actor: Actor, wish: Wish) -> None:
        """Make rows what ``wish`` says.

        Raises:
            Conflict: they are to be automation's, and something else than they are. Others as above.
        """
        if wish.status is None and not wish.holds:
            raise InvalidRequest("Say what is to change: a Status, or a TokenOwner.")
        new = await self._made_known(actor, wish)
        if not (new and wish.release):
            await self._deal(actor, wish, INSERTED if new else MODIFIED)

    async def remove(self, actor: Actor, rows: Iterable[RowKey]) -> int:
        """Have ``rows`` end: those of VOs are released, elements that clients brought in leave. Returns how many it were.

        Raises:
            Conflict: one of ``all`` is of what an inventory lists. Forbidden.
        """
        wanted = tuple(rows)
        if not wanted:
            return 0
        for vo in sorted({key.vo for key in wanted}):
            actor.require(Action.HOLD_ROWS, vo)
        general = {key.element for key in wanted if key.vo == ALL}
        if general:
            await self._take_out(actor, general)
        own = tuple(key for key in wanted if key.vo != ALL and key.element not in general)
        if own:
            event = TokenReleased(actor, own, "Deleted by a client of DIRAC.")
            await self._happen(Plan(event, Scope.of(key.element for key in own), TAKEN_OUT, ""))
        return len(wanted)

    async def _take_out(self, actor: Actor, keys: Iterable[ElementKey]) -> None:
        gone = tuple(sorted(keys))

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            present = await elements.load(connection, gone)
            for element in present.values():
                if element.source != SOURCE:
                    raise Conflict(
                        f"{element.key} is in the inventory {element.source!r}: its rows last until that lists it no longer. "
                        "Nothing was deleted."
                    )
            event = InventoryChanged(SOURCE, taken_out=tuple(present), actor=actor)
            return Plan(event, Scope.of(present), TAKEN_OUT, ", ".join(map(str, present))) if present else NOTHING

        await self._inspector.happen(prepare)

    async def _happen(self, plan: Plan) -> None:
        async def given(_: AsyncConnection, __: datetime) -> Plan:
            return plan

        await self._inspector.happen(given)

    async def _deal(self, actor: Actor, wish: Wish, action: str, *, only_new: bool = False) -> bool:
        """Do what ``wish`` says; ``only_new``: if none of the rows is there. Returns whether it was done."""
        reason = as_text(wish.reason)
        wish.wanted.term(self._inspector.clock(), self._inspector.policies.tokens)
        vo = None if wish.vo is None else await self._vos.resolve(wish.vo)
        done = True

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal done
            chosen = replace(wish, vo=vo, reason=reason)
            keys, rows = await _rows(connection, chosen, await self._inspector.types(connection))
            for one in sorted({key.vo for key in keys}):
                actor.require(Action.HOLD_ROWS if wish.status is None else Action.SET_STATUSES, one)
            done = not only_new or not any(key[1:] in rows.get(key.element, NO_ROWS) for key in keys)
            if not done:
                return NOTHING
            # once more, since it may have waited for its turn
            term = wish.wanted.term(now, self._inspector.policies.tokens)
            event: StatusSet | TokenTaken | TokenReleased
            if wish.release:
                _require_as_they_are(keys, rows, wish.status)
                event = TokenReleased(actor, keys, reason)
            elif wish.status is None:
                event = TokenTaken(actor, keys, reason or "Unspecified", term, holder=wish.owner)
            else:
                event = StatusSet(actor, keys, wish.status, reason or "Unspecified", term, holder=wish.owner)
            return Plan(event, Scope.of(key.element for key in keys), action, reason, vos_of(keys))

        await self._inspector.happen(prepare)
        return done

    async def _require_known(self, wish: Wish) -> None:
        vo = None if wish.vo is None else await self._vos.resolve(wish.vo)
        async with self._inspector.database.reading() as connection:
            await _rows(connection, replace(wish, vo=vo), await self._inspector.types(connection))

    async def _made_known(self, actor: Actor, wish: Wish) -> bool:
        """Make known what nobody knows of yet, if that is allowed here. Returns whether it was necessary."""
        if not wish.names:
            raise InvalidRequest("Name what this is about.")
        if not self._declares:
            return False
        brought = False

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            nonlocal brought
            present = await _present(connection, wish)
            missing = [name for name in wish.names if name not in {element.key.name for element in present}]
            known = await self._inspector.types(connection)
            widened = _widened(known, wish, present, missing)
            brought = bool(missing)
            if not missing and widened is None:
                return NOTHING
            actor.require(Action.SET_STATUSES, ALL)
            if widened is not None:
                await types.save(connection, [widened])
            type_ = widened or known.get(_type_of(wish))
            added = tuple(_element(wish.family, type_, name) for name in missing)
            # what gets more status types is looked at anew, as if it had been edited
            edited = tuple(element for element in present if widened is not None and element.key.type == widened.name)
            event = InventoryChanged(SOURCE, added=added, edited=edited, actor=actor)
            scope = Scope.of((element.key for element in (*added, *edited)), coming=added)
            return Plan(event, scope, "dirac declare", ", ".join(wish.names))

        await self._inspector.happen(prepare)
        return brought


def _type_of(wish: Wish) -> str:
    """The type of what a client brings in. Of sites, DIRAC tells the grid there; a made-up aspect makes a type of its own."""
    if wish.family == SITE and (not wish.type or set(wish.status_types) <= {WHOLE}):
        return SITE
    if not wish.type:
        raise InvalidRequest(f"Nobody knows of {', '.join(wish.names)}; say what it is: an ElementType is needed.")
    if len(wish.type) > _LONGEST_TYPE:
        raise InvalidRequest(f"An ElementType has {_LONGEST_TYPE} characters at most.")
    return wish.type


def _widened(known: TypeRegistry, wish: Wish, present: Sequence[Element], missing: Sequence[str]) -> ElementType | None:
    """The type as it must be for the rows to be possible, if that is not how it is."""
    if not missing and not wish.status_types:
        return None
    name = present[0].key.type if present and not missing else _type_of(wish)
    there = known.by_name.get(name)
    wanted = wish.status_types or (WHOLE,)
    if there is None:
        return ElementType(name, wish.family, "other", wanted)
    lacking = tuple(one for one in wanted if one not in there.status_types)
    if there.family != wish.family and name in _BUILT_IN:
        raise InvalidRequest(f"{name} is a type of the family {there.family}, and not of {wish.family}.")
    if not (wish.status_types and lacking):
        return None
    if name in _BUILT_IN:
        raise NotKnown(f"status type of {name}", lacking[0], there.status_types)
    return replace(there, status_types=(*there.status_types, *lacking))


_BUILT_IN = frozenset(type_.name for type_ in BUILT_IN_TYPES)


def _element(family: str, type_: ElementType, name: str) -> Element:
    key = ElementKey(family, type_.name, name)
    return Element(key, name if family == SITE else "", category=type_.category, source=SOURCE)


async def _present(connection: AsyncConnection, wish: Wish) -> list[Element]:
    """The elements in the inventory that ``wish`` names.

    Raises:
        Ambiguous: a name could mean several.
    """
    found: list[Element] = []
    for name in wish.names:
        called = await elements.named(connection, name, None, wish.family)
        same = [element for element in called if element.key.type == wish.type] or called
        if len(same) > 1:
            raise Ambiguous(f"{name!r}", (f"ElementType {element.key.type}" for element in same))
        found += same
    return found


async def _rows(
    connection: AsyncConnection, wish: Wish, known: TypeRegistry
) -> tuple[tuple[RowKey, ...], dict[ElementKey, Rows]]:
    """The rows that ``wish`` means, and all that these elements have.

    Raises:
        NotKnown: there is no such element or status type. InvalidRequest: a VO may not use one; or they are too many.
    """
    present = await _present(connection, wish)
    _require_known(wish, present, await elements.names(connection, None) if len(present) < len(wish.names) else ())
    ids = await elements.ids(connection, [element.key for element in present])
    rows = group(await statuses.load(connection, ids.values()))
    keys: list[RowKey] = []
    for element in present:
        if wish.vo is not None and not element.is_offered_to(wish.vo):
            raise InvalidRequest(f"{element.key} is not offered to {wish.vo}: only to {', '.join(sorted(element.offered))}.")
        keys += _keys(element.key, wish, known.status_types(element.key), rows.get(element.key, NO_ROWS))
    if len(keys) > MOST_ROWS:
        raise InvalidRequest(f"These are {len(keys):,} rows; at most {MOST_ROWS:,} are dealt with at once. Nothing was done.")
    return tuple(keys), dict(rows)


def _require_known(wish: Wish, present: Sequence[Element], known: Iterable[str]) -> None:
    there = {element.key.name for element in present}
    for name in wish.names:
        if name not in there:
            # what is called so may well be of another family
            raise NotKnown(f"element of the family {wish.family}", name, [other for other in known if other != name])


def _keys(element: ElementKey, wish: Wish, declared: Sequence[str], rows: Rows) -> list[RowKey]:
    for status_type in wish.status_types:
        if status_type not in declared:
            raise NotKnown(f"status type of {element.type}", status_type, declared)
    aspects = wish.status_types or tuple(declared)
    if wish.vo is not None:
        return [RowKey(element, aspect, wish.vo) for aspect in aspects]
    # for everyone: for all, and for each VO that has a row of its own there
    owners = {aspect: sorted({vo for status_type, vo in rows if status_type == aspect} | {ALL}) for aspect in aspects}
    return [RowKey(element, aspect, vo) for aspect in aspects for vo in owners[aspect]]


def _require_as_they_are(keys: Iterable[RowKey], rows: dict[ElementKey, Rows], status: Status | None) -> None:
    for key in keys if status is not None else ():
        row = seen_by(key.vo, key.status_type, rows.get(key.element, NO_ROWS))
        if row is not None and status is not None and row.status is not status:
            raise Conflict(
                f"{key} is {row.status.label}. A row of TokenOwner 'rs_svc' is automation's, and is what that says; to make it "
                f"{status.label}, hold it in somebody's name. Nothing was changed."
            )

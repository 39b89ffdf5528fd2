"""What nobody knows of yet, and clients of DIRAC write about: how it becomes known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import BUILT_IN_TYPES, SITE, WHOLE, Element, ElementKey, ElementType, TypeRegistry
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.events import InventoryChanged
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.printable import writable
from gridmask.service.dirac_evidence import in_short
from gridmask.service.dirac_wishes import Wish, present
from gridmask.store import types
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.inspection.inspector import Inspector

SOURCE = "dirac-rpc"
"""The inventory source of elements that clients of DIRAC brought in."""

_LONGEST_TYPE = 64


class Declaration:
    """Makes known what ``wish`` is about, as far as nobody knows of it.

    Attributes:
        brought: whether an element was brought in.
    """

    def __init__(self, inspector: Inspector, actor: Actor, wish: Wish) -> None:
        self._inspector = inspector
        self._actor = actor
        self._wish = wish
        self.brought = False

    async def prepare(self, connection: AsyncConnection, _: datetime) -> Plan:
        """What has to happen so that it is known.

        Raises:
            Forbidden: the actor may not bring in anything. InvalidRequest: nobody could tell what it is.
        """
        wish, known = self._wish, await self._inspector.types(connection)
        there = await present(connection, wish, known)
        missing = tuple(dict.fromkeys(name for name in wish.names if name not in there))
        widened = _widened(known, wish, list(there.values()), missing)
        self.brought = bool(missing)
        if not missing and widened is None:
            return NOTHING
        self._actor.require(Action.SET_STATUSES, ALL)
        if widened is not None:
            await types.save(connection, [widened])
        type_ = widened or known.get(_type_of(wish))
        added = tuple(_element(wish.family, type_, name) for name in missing)
        # what gets more status types is looked at anew, as if it had been edited
        edited = tuple({one for one in there.values() if widened is not None and one.key.type == widened.name})
        event = InventoryChanged(SOURCE, added=added, edited=edited, actor=self._actor)
        scope = Scope.of((element.key for element in (*added, *edited)), coming=added)
        return Plan(event, scope, "dirac declare", in_short(wish.names))


def _type_of(wish: Wish) -> str:
    """The type of what a client brings in. Of sites, DIRAC tells the grid there; a made-up aspect makes a type of its own."""
    if wish.family == SITE and (not wish.type or set(wish.status_types) <= {WHOLE}):
        return SITE
    if not wish.type:
        raise InvalidRequest(f"Nobody knows of {', '.join(wish.names)}; say what it is: an ElementType is needed.")
    if len(wish.type) > _LONGEST_TYPE:
        raise InvalidRequest(f"An ElementType has {_LONGEST_TYPE} characters at most.")
    return wish.type


def _widened(known: TypeRegistry, wish: Wish, there: Collection[Element], missing: Collection[str]) -> ElementType | None:
    """The type as it must be for the rows to be possible, if that is not how it is."""
    if not missing and not wish.status_types:
        return None
    name = next(iter(there)).key.type if there and not missing else _type_of(wish)
    declared = known.by_name.get(name)
    wanted = wish.status_types or (WHOLE,)
    if odd := [one for one in wanted if writable(one) != one or len(one) > _LONGEST_TYPE]:
        raise InvalidRequest(f"{writable(odd[0][:40])!r} can be no StatusType.")
    if declared is None:
        return ElementType(name, wish.family, "other", wanted)
    lacking = tuple(one for one in wanted if one not in declared.status_types)
    if declared.family != wish.family and name in _BUILT_IN:
        raise InvalidRequest(f"{name} is a type of the family {declared.family}, and not of {wish.family}.")
    if not (wish.status_types and lacking):
        return None
    if name in _BUILT_IN:
        raise NotKnown(f"status type of {name}", lacking[0], declared.status_types)
    return replace(declared, status_types=(*declared.status_types, *lacking))


_BUILT_IN = frozenset(type_.name for type_ in BUILT_IN_TYPES)


def _element(family: str, type_: ElementType, name: str) -> Element:
    key = ElementKey(family, type_.name, name)
    return Element(key, name if family == SITE else "", category=type_.category, source=SOURCE)

"""Succession: what has to be judged anew when other policies come into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.vo import ALL
from gridmask.policies import files
from gridmask.store import elements, policies, statuses, vos
from gridmask.store.world import EVERYTHING, Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import TypeRegistry
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.policy_changes import PolicyChange


async def predecessor(connection: AsyncConnection, known: PolicySet) -> PolicySet | None:
    """The policies in force, by which every row is judged; ``known``, where these are them.

    None: there are none, or they cannot be made of their document any more, as where a plug-in is gone.
    """
    loaded = await policies.in_force(connection)
    if loaded is None or loaded.revision == known.revision:
        return known if loaded else None
    places = dict.fromkeys(loaded.document, f"the policies in force ({loaded.revision[:12]})")
    try:
        return await to_thread.run_sync(files.compiled, loaded.document, places)
    except InvalidConfiguration:
        return None


async def scope(connection: AsyncConnection, change: PolicyChange, types: TypeRegistry) -> Scope:
    """The elements with rows that ``change`` concerns."""
    if change.is_general:
        return EVERYTHING
    everyone = await vos.load(connection)
    if not any(map(change.differing, (ALL, *everyone))):
        return Scope()
    inventory = await elements.load(connection)
    found = set(change.elements(inventory.values(), types, everyone))
    # people may hold rows of VOs that an element is not offered to
    owners = [vo for vo in everyone if vo != ALL and change.differing(vo)]
    for row in await statuses.keys_of(connection, owners):
        element = inventory.get(row.element)
        if element is not None and row.element not in found and change.concerns(row, element):
            found.add(row.element)
    return EVERYTHING if inventory and len(found) == len(inventory) else Scope.of(found)

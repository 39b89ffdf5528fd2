"""What rows are in DIRAC, taken over into ours: a part of them in a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.dirac_db.report import About
from gridmask.dirac_db.timeline import SOURCE
from gridmask.domain.element import SITE, Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.events import RowsTakenOver
from gridmask.domain.state import group
from gridmask.domain.status import Status
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.service.dirac_choice import Applied, Choice, Doings, Memory, Said
from gridmask.store import elements, imported, statuses
from gridmask.store.world import Scope

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.takeover import Former
    from gridmask.inspection.inspector import Inspector

ACTION = "import dirac-db"
"""How its revisions go into the books."""


@dataclass(slots=True)
class Taken:
    """What became of some rows: which were taken, how many are so already, what there is to say, and the revision made."""

    rows: tuple[Former, ...] = ()
    unchanged: int = 0
    made_known: int = 0
    remarks: list[tuple[About, str]] = field(default_factory=list)
    revision: int | None = None


class Takeover:
    """Takes rows over, each state of them in DIRAC once: what became of it here since then is ours."""

    def __init__(
        self,
        inspector: Inspector,
        actor: Actor,
        comment: str,
        before: Mapping[RowKey, tuple[Status, str | None]],
        types: TypeRegistry,
        *,
        gave_back: bool = False,
    ) -> None:
        """``before``, ``gave_back``: as in :class:`Memory`."""
        self._inspector = inspector
        self._actor = actor
        self._comment = comment
        self._before = before
        self._types = types
        self._gave_back = gave_back
        self._memory: Memory | None = None

    async def take(self, rows: list[Former]) -> Taken:
        """Take ``rows``, all of each element's."""
        taken = Taken()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal taken
            taken = await self._chosen(connection, rows, now)
            if not taken.rows:
                return NOTHING
            event = RowsTakenOver(self._actor, taken.rows)
            return Plan(event, Scope.of(former.key.element for former in taken.rows), ACTION, self._comment)

        taken.revision = (await self._inspector.happen(prepare)).revision
        return taken

    async def _chosen(self, connection: AsyncConnection, rows: list[Former], now: datetime) -> Taken:
        """Which of ``rows`` are to be taken; their elements are known from then on."""
        there = {former.key: former for former in rows}
        keys = {key.element for key in there}
        ids, present = await elements.find(connection, keys)
        here = group(await statuses.load(connection, ids.values()))
        choice = Choice(there, here, present, await self._remembered(connection), now)
        choice.choose(await _doings(connection, choice.doubtful(), ids))
        taken = Taken(tuple(choice.taken.values()), choice.unchanged)
        taken.remarks += [(remark, str(key)) for key, remark in choice.remarks.items()]
        taken.remarks += [(About.NOT_IN_INVENTORY, str(key)) for key in sorted(keys - present.keys())]
        missing = {former.key.element for former in taken.rows} - ids.keys()
        await imported.make_known(connection, (unlisted(key, self._types) for key in missing), now)
        taken.made_known = len(missing)
        return taken

    async def _remembered(self, connection: AsyncConnection) -> Memory:
        if self._memory is None:
            applied = {_key(change): _applied(change) for change in await imported.applied(connection, ACTION)}
            self._memory = Memory(applied, self._before, self._gave_back)
        return self._memory


async def _doings(connection: AsyncConnection, doubtful: Mapping[RowKey, int], ids: Mapping[ElementKey, int]) -> Doings:
    """What became of these rows here, each after a change."""
    if not doubtful:
        return {}
    numbers = {ids[key.element] for key in doubtful if key.element in ids}
    found: dict[RowKey, list[sa.Row[tuple[object, ...]]]] = {}
    for change in await imported.later(connection, numbers, min(doubtful.values())):
        if change.id > doubtful.get(_key(change), change.id):
            found.setdefault(_key(change), []).append(change)
    return found


def _key(change: sa.Row[tuple[object, ...]]) -> RowKey:
    return RowKey(ElementKey(change.family, change.type, change.name), change.status_type, change.vo)


def _applied(change: sa.Row[tuple[object, ...]]) -> Applied:
    said = Said(Status(change.new), change.reasons[0].since, change.token_owner, change.token_expires_at)
    return Applied(said, change.id, change.revision)


def unlisted(key: ElementKey, types: TypeRegistry) -> Element:
    """The element ``key`` as far as it is known without an inventory."""
    site = key.name if key.family == SITE else ""
    return Element(key, site, in_service=False, category=types.get(key.type).category, source=SOURCE)

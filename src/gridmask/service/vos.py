"""VOs: which there are, whom a name means, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from gridmask.domain.errors import Conflict, NotKnown, StoreUnavailable
from gridmask.domain.events import VosChanged
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL, VoRegistry, canonical
from gridmask.inspection.inspector import Plan
from gridmask.service.board import POLL_SECONDS
from gridmask.service.reasons import require_text
from gridmask.store import vos
from gridmask.store.world import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.inspection.inspector import Inspector
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Roll:
    """The VOs: of those that exist, and of ``all``, the last revision that changed the mask; of the others, when they left."""

    masks: Mapping[str, int]
    retired: Mapping[str, datetime]


class Vos:
    """The VOs of the settings, those that inventories brought, and those that people added."""

    def __init__(self, inspector: Inspector, declared: VoRegistry, elapsed: Callable[[], float] = monotonic) -> None:
        """``elapsed``: tells seconds, from whenever."""
        self._inspector = inspector
        self._registry = declared
        self._elapsed = elapsed
        self._fresh_until = elapsed()
        self._notices = 0
        self._heeded = 0

    def notice(self) -> None:
        """Something was committed, perhaps another VO."""
        self._notices += 1

    async def resolve(self, name: str) -> str:
        """The canonical name of the VO called ``name``; ``all`` stands for itself.

        Raises:
            NotKnown: there is none.
        """
        try:
            return self._registry.resolve(name)
        except NotKnown:
            await self._read()
        return self._registry.resolve(name)

    def among(self, name: str, known: Collection[str]) -> str:
        """The canonical name of the VO called ``name``, one of those ``known``; the database is not asked.

        Raises:
            NotKnown: it is none of these.
        """
        folded = name.strip().casefold()
        found = self._registry.aliases.get(folded, folded)
        if found not in known:
            raise NotKnown("VO", name, [*known, *self._registry.aliases])
        return found

    async def registry(self) -> VoRegistry:
        """The VOs that there are; while the database is away, those that were known last."""
        with suppress(StoreUnavailable):
            await self._read()
        return self._registry

    async def known(self) -> VoRegistry:
        """The same for those who ask all the time.

        One that another process brought is among them as soon as masks are followed here: within :data:`POLL_SECONDS`.
        """
        if self._heeded != self._notices or self._elapsed() >= self._fresh_until:
            return await self.registry()
        return self._registry

    async def _read(self) -> None:
        heard, began = self._notices, self._elapsed()
        async with self._inspector.database.reading() as connection:
            self._registry = self._registry.with_names(await vos.load(connection))
        self._heeded, self._fresh_until = heard, began + POLL_SECONDS

    async def resolve_ever(self, name: str) -> str:
        """The canonical name of the VO called ``name``, which may have left; ``all`` stands for itself.

        Raises:
            NotKnown: there never was one.
        """
        async with self._inspector.database.reading() as connection:
            left = await vos.retired(connection)
            self._registry = self._registry.with_names(await vos.load(connection))
        return self._registry.with_names(left).resolve(name)

    async def roll(self) -> Roll:
        """All VOs that there are, and that there were."""
        async with self._inspector.database.reading() as connection:
            return Roll(await vos.mask_revisions(connection), await vos.retired(connection))

    async def add(self, actor: Actor, name: str, reason: str = "") -> Outcome:
        """Make the VO called ``name`` exist, for the first time or again.

        It gets the rows that policies call for; of everything else it sees the rows of ``all``.

        Raises:
            Forbidden. InvalidRequest: no VO can be called so. Conflict: there is one, by this name or alias.
        """
        actor.require(Action.ADD_VOS, ALL)
        added = self._registry.aliases.get(canonical(name), canonical(name))

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            known = await vos.load(connection)
            if added in {ALL, *known}:
                other = "" if canonical(name) == added else f", which {canonical(name)!r} is another name of"
                raise Conflict(f"There is a VO {added!r} already{other}.")
            return Plan(
                VosChanged(added=frozenset({added}), actor=actor), EVERYTHING, "VO added", f"{added}: {reason}".rstrip(": ")
            )

        return await self._inspector.happen(prepare)

    async def retire(self, actor: Actor, name: str, reason: str) -> Outcome:
        """Let the VO called ``name`` leave for good. Its own rows end, held or not, and its mask with them; its history stays.

        Inventories that go on naming it do not bring it back; :meth:`add` does.

        Raises:
            Forbidden. NotKnown: there is none. InvalidRequest: it is ``all``, or there is no reason.
        """
        actor.require(Action.RETIRE_VOS, ALL)
        said = require_text(reason, "A reason")
        retired = await self.resolve(name)
        if retired == ALL:
            raise Conflict(f"{ALL!r} stands for everyone, and cannot leave.")

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            VoRegistry(await vos.load(connection)).resolve(retired)
            return Plan(VosChanged(retired=frozenset({retired}), actor=actor), EVERYTHING, vos.VO_RETIRED, f"{retired}: {said}")

        outcome = await self._inspector.happen(prepare)
        self._registry = VoRegistry(self._registry.names - {retired}, self._registry.aliases)
        return outcome

"""Automation: how far it goes with elements, as people decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.automation import Mode, Ruling
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.events import AutomationRuled
from gridmask.domain.rights import Action
from gridmask.inspection.inspector import Plan
from gridmask.service.reasons import require_text
from gridmask.service.selection import ElementName, find_elements
from gridmask.store import rulings
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.matching import Match
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Ruled:
    """What was decided about one element, for one VO or for all that have nothing of their own decided."""

    element: ElementKey
    vo: str
    ruling: Ruling


class Automation:
    """The use cases around rulings."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    @property
    def by_layer(self) -> Mapping[str, Mode]:
        """How far it goes where nothing was decided about an element, by policy layer; where none says so, all the way."""
        return self._inspector.policies.automation

    async def list(self, vo: str | None = None) -> list[Ruled]:
        """All that was decided; of one VO, if that is given."""
        wanted = await self._vos.resolve(vo) if vo else None
        async with self._inspector.database.reading() as connection:
            known = await rulings.load(connection)
        found = [Ruled(key, whose, ruling) for key, by_vo in known.items() for whose, ruling in by_vo.items()]
        return sorted((r for r in found if wanted in {None, r.vo}), key=lambda ruled: (ruled.element, ruled.vo))

    async def rule(
        self, actor: Actor, chosen: Iterable[ElementName | Match], vo: str, mode: Mode | None, reason: str
    ) -> tuple[Outcome, frozenset[ElementKey]]:
        """Let automation go as far as ``mode`` with what is ``chosen``, for ``vo``; None: as far as with all others.

        Raises:
            Forbidden, NotKnown, Ambiguous, InvalidRequest: and nothing was changed.
        """
        said = require_text(reason, "A reason")
        whose = await self._vos.resolve(vo)
        actor.require(Action.RULE_AUTOMATION, whose)
        wanted = tuple(chosen)
        if not wanted:
            raise InvalidRequest("Name the elements, or say what they match.")
        keys: frozenset[ElementKey] = frozenset()

        async def prepare(connection: AsyncConnection, _: datetime) -> Plan:
            nonlocal keys
            keys = await find_elements(connection, wanted)
            event = AutomationRuled(actor, keys, whose, mode, said)
            return Plan(event, Scope.of(keys), f"automation {mode or 'as elsewhere'}", f"{whose}: {said}")

        return await self._inspector.happen(prepare), keys

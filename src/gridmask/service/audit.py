"""The audit: what was done, by whom, for those who answer for a VO."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.store import audit as store

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.service.vos import Vos
    from gridmask.store.audit import Record, Wanted
    from gridmask.store.database import Database

MOST_ENTRIES = 500
"""So many entries are told at once."""


class Audit:
    """The use case around the audit."""

    def __init__(self, database: Database, vos: Vos) -> None:
        self._database = database
        self._vos = vos

    async def list(self, actor: Actor, wanted: Wanted, limit: int = 100) -> list[Record]:
        """Up to ``limit`` entries, the last first; what concerns a VO, for its operators, and all, for administrators.

        Raises:
            Forbidden: the actor does not operate the VO. NotKnown: there never was such a VO.
        """
        vo = None if wanted.vo is None else await self._vos.resolve_ever(wanted.vo)
        actor.require(Action.READ_AUDIT, vo or ALL)
        async with self._database.reading() as connection:
            return await store.listed(connection, replace(wanted, vo=vo), min(limit, MOST_ENTRIES))

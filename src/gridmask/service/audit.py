"""The audit: what was done, by whom, for those who answer for a VO."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from gridmask.domain.errors import StoreError
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.store import audit as store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.access.identity import Identity
    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor, Origin
    from gridmask.service.vos import Vos
    from gridmask.store.audit import Record, Wanted
    from gridmask.store.database import Database

log = structlog.get_logger()

LOGGED_IN, LOGGED_OUT = "logged in", "logged out"
"""What entries about sessions are called."""

NO_VO = ""
"""Whose the changes are of an element as such."""

MOST_ENTRIES = 500
"""So many entries are told at once."""


class Audit:
    """The use cases around the audit."""

    def __init__(self, database: Database, vos: Vos, clock: Clock) -> None:
        self._database = database
        self._vos = vos
        self._clock = clock

    async def note(self, who: Identity, whence: Origin, action: str) -> None:
        """Put into the books that somebody logged in or out, which concerns the VOs for which they were granted something.

        It changes nothing else, so that nobody is kept from it by a database that does not answer: then it is only logged.
        """
        log.info(action, name=who.name, issuer=who.issuer, address=whence.address, request=whence.request)
        entry = store.Entry(who.actor(whence.address, whence.request), action, "", self._clock())
        vos = {grant.vo for grant in who.grants} or {ALL}

        async def work(connection: AsyncConnection, _: int) -> None:
            await store.sign(connection, entry, None, vos)

        try:
            await self._database.change(work)
        except StoreError as error:
            log.warning("who logged in or out could not be put into the books", name=who.name, problem=str(error))

    async def list(self, actor: Actor, wanted: Wanted, limit: int = 100) -> list[Record]:
        """Up to ``limit`` entries, the last first; what concerns a VO, for its operators, and all, for administrators.

        Of what was done to several VOs at once, whoever may not read about all is told what was done to this one, and to the
        rows that count for everyone.

        Raises:
            Forbidden: the actor does not operate the VO. NotKnown: there never was such a VO.
        """
        vo = None if wanted.vo is None else await self._vos.resolve_ever(wanted.vo)
        actor.require(Action.READ_AUDIT, vo or ALL)
        told = None if vo is None or actor.may(Action.READ, ALL) else frozenset({vo, ALL, NO_VO})
        async with self._database.reading() as connection:
            return await store.listed(connection, replace(wanted, vo=vo, told=told), min(limit, MOST_ENTRIES))

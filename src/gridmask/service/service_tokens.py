"""Service tokens: issue, list and revoke them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.access.identity import LONGEST_NAME
from gridmask.access.opaque import called, mint
from gridmask.domain.errors import Conflict, InvalidRequest, NotKnown
from gridmask.domain.rights import IMPOSSIBLE, Action, Grant
from gridmask.domain.service_token import LONGEST_TERM, ServiceToken
from gridmask.domain.vo import ALL
from gridmask.service.reasons import require_text
from gridmask.store import service_tokens as store
from gridmask.store.audit import Entry, sign

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.service.vos import Vos
    from gridmask.store.database import Database


class ServiceTokenDesk:
    """The use cases around service tokens."""

    def __init__(self, database: Database, vos: Vos, clock: Clock) -> None:
        self._database = database
        self._vos = vos
        self._clock = clock

    async def issue(
        self, actor: Actor, name: str, grants: Iterable[Grant], lasts: timedelta, reason: str
    ) -> tuple[ServiceToken, str]:
        """A new token for who is to be called ``name``, and the token as it is to be shown: it can be had this once only.

        Raises:
            Forbidden: the actor does not administer the installation. NotKnown: there is no such VO.
            InvalidRequest: the name is none, it lasts too long, it grants nothing, or nonsense; or there is no reason.
        """
        actor.require(Action.ISSUE_TOKENS, ALL)
        service, said = _name(name), require_text(reason, "A reason")
        granted = frozenset([Grant(grant.role, await self._vos.resolve(grant.vo)) for grant in grants])
        _check(granted, lasts)
        minted, now = mint(), self._clock()
        token = ServiceToken(minted.id, service, granted, actor.name, now, now + lasts, said)

        async def work(connection: AsyncConnection, _: int) -> None:
            await store.save(connection, token, minted.digest)
            told = {"token": token.id, "name": service, "grants": sorted(map(str, granted)), "expires_at": token.expires_at}
            entry = Entry(actor, "service token issued", f"{token.id} ({service}): {said}", now)
            await sign(connection, entry, None, {grant.vo for grant in granted}, {"after": told})

        await self._database.change(work)
        return token, minted.shown

    async def revoke(self, actor: Actor, number: str, reason: str) -> ServiceToken:
        """Have the token with this id count no more, within seconds.

        Raises:
            Forbidden. NotKnown: there is none. Conflict: it was revoked already. InvalidRequest: there is no reason.
        """
        actor.require(Action.ISSUE_TOKENS, ALL)
        said, now = require_text(reason, "A reason"), self._clock()

        async def work(connection: AsyncConnection, _: int) -> ServiceToken:
            found = await store.find(connection, number)
            if found is None:
                raise NotKnown("service token", number, [token.id for token in await store.listed(connection)])
            if found[0].revoked_at is not None:
                raise Conflict(f"The service token {number} was revoked at {found[0].revoked_at:%FT%TZ} already.")
            await store.revoke(connection, number, now)
            entry = Entry(actor, "service token revoked", f"{number} ({found[0].name}): {said}", now)
            await sign(connection, entry, None, {grant.vo for grant in found[0].grants}, {"token": number})
            return found[0]

        return await self._database.change(work)

    async def list(self, actor: Actor) -> list[ServiceToken]:
        """All tokens that there ever were, the last first.

        Raises:
            Forbidden: the actor does not administer the installation.
        """
        actor.require(Action.ISSUE_TOKENS, ALL)
        async with self._database.reading() as connection:
            return await store.listed(connection)

    async def find(self, number: str) -> tuple[ServiceToken, str] | None:
        """The token with this id, and the digest of its secret; None: there is none."""
        async with self._database.reading() as connection:
            return await store.find(connection, number)


def _name(name: str) -> str:
    said, longest = require_text(name, "A name"), LONGEST_NAME - len(called(""))
    if len(said) > longest or not said.isprintable() or "@" in said:
        raise InvalidRequest(
            f"{said[:60]!r} cannot name a service: up to {longest} characters that can be shown, and no @, "
            "which is in the names of those for whom issuers vouch."
        )
    return said


def _check(grants: frozenset[Grant], lasts: timedelta) -> None:
    if not grants:
        raise InvalidRequest("A token that grants nothing opens nothing: name a role and a VO.")
    for grant in sorted(grants):
        if not grant.makes_sense:
            raise InvalidRequest(f"Nobody can be {grant}: {IMPOSSIBLE}.")
    if not timedelta() < lasts <= LONGEST_TERM:
        raise InvalidRequest(f"A service token may count for {LONGEST_TERM.days} days at most; issue another then.")

"""Tokens: take rows out of automation's hands as they are, hold them for longer, give them back, and see who holds what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.events import TokenExtended, TokenReleased, TokenTaken
from gridmask.domain.rights import Action
from gridmask.domain.row import INHERITED, Row
from gridmask.domain.token import Custom, Term
from gridmask.inspection.inspector import Plan
from gridmask.service.reasons import as_text, require_text
from gridmask.service.selection import Chosen, authorised, keys_of, sight, vos_of
from gridmask.store import statuses
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.element import RowKey
    from gridmask.domain.events import Sight
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos
    from gridmask.store.ledger import Outcome

    Event = Callable[[tuple[RowKey, ...], Mapping[RowKey, Sight], datetime], TokenTaken | TokenExtended | TokenReleased]


@dataclass(frozen=True, slots=True)
class Wanted:
    """For how long somebody wants to hold rows.

    Attributes:
        until: until when; None: as is customary, unless one of the others says otherwise.
        lasting: until they are released, instead.
        agreed: until automation asks for the very status that they have; until ``until`` at the latest, if that is given.
        review_at: when somebody should look at them again.
    """

    until: datetime | None = None
    lasting: bool = False
    agreed: bool = False
    review_at: datetime | None = None

    def term(self, now: datetime, custom: Custom) -> Term:
        """The term that begins ``now``.

        Raises:
            InvalidRequest: it would be over already, or reviewed only after its end.
        """
        if self.lasting and self.until is not None:
            raise InvalidRequest("Rows are held until some time, or until they are released; not both.")
        for what, moment in (("held", self.until), ("reviewed", self.review_at)):
            if moment is not None and moment <= now:
                raise InvalidRequest(f"{moment:%Y-%m-%d %H:%M} UTC is over already; rows are {what} at some time to come.")
        open_ended = self.lasting or self.agreed
        until = self.until or (None if open_ended else now + custom.lasts)
        if until is not None and self.review_at is not None and self.review_at > until:
            raise InvalidRequest(f"By {self.review_at:%Y-%m-%d %H:%M} UTC, nobody holds them any more; review them before.")
        return Term(until, self.agreed, self.review_at)


CUSTOMARY = Wanted()


class Tokens:
    """The use cases around tokens."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def list(self, *, vo: str | None = None, owner: str | None = None, before: datetime | None = None) -> list[Row]:
        """The rows that people hold, those that end or are to be reviewed first, first; a row that follows another is not told.

        Args:
            vo: only those of this VO, or of ``all``.
            owner: only those of this person.
            before: only those that end or are to be reviewed before then.
        """
        owners = {await self._vos.resolve(vo)} if vo else None
        async with self._inspector.database.reading() as connection:
            held = await statuses.held(connection, owner=owner, vos=owners)
        now = self._inspector.clock()
        told = [row for row in held if row.held(now) and INHERITED not in row.reasons]
        return sorted((row for row in told if before is None or _ends(row) < before), key=lambda row: (_ends(row), row.key))

    async def take(
        self, actor: Actor, rows: Iterable[Chosen], reason: str, wanted: Wanted = CUSTOMARY, *, seen: Sight | None = None
    ) -> tuple[Outcome, tuple[RowKey, ...]]:
        """Take ``rows`` out of the loop as they are, whosever they were, in one transaction.

        Raises:
            Forbidden, NotKnown, Ambiguous, InvalidRequest, StaleWrite: and nothing was changed.
        """
        said = require_text(reason, "A reason")
        self._term(wanted)
        return await self._deal(
            actor, rows, "token taken", said, seen, lambda k, s, now: TokenTaken(actor, k, said, self._term(wanted, now), s)
        )

    async def extend(
        self, actor: Actor, rows: Iterable[Chosen], wanted: Wanted, reason: str = "", *, seen: Sight | None = None
    ) -> tuple[Outcome, tuple[RowKey, ...]]:
        """Hold ``rows``, all of which are the actor's, for another term.

        Raises:
            Conflict: one of them is not. Forbidden, NotKnown, Ambiguous, InvalidRequest, StaleWrite: as above.
        """
        said = as_text(reason)
        self._term(wanted)
        return await self._deal(
            actor,
            rows,
            "token extended",
            said,
            seen,
            lambda k, s, now: TokenExtended(actor, k, said, self._term(wanted, now), s),
        )

    async def release(
        self, actor: Actor, rows: Iterable[Chosen], reason: str = "", *, seen: Sight | None = None
    ) -> tuple[Outcome, tuple[RowKey, ...]]:
        """Give ``rows`` back to automation, which decides about them at once.

        Raises:
            Forbidden, NotKnown, Ambiguous, InvalidRequest, StaleWrite: as above.
        """
        said = as_text(reason)
        return await self._deal(actor, rows, "released", said, seen, lambda k, s, _: TokenReleased(actor, k, said, s))

    def _term(self, wanted: Wanted, now: datetime | None = None) -> Term:
        """The term that is ``wanted``, as it begins ``now``. It is worked out again when its turn has come: that may take time.

        Raises:
            InvalidRequest: it would be over already, or reviewed only after its end.
        """
        return wanted.term(now or self._inspector.clock(), self._inspector.policies.tokens)

    async def _deal(
        self, actor: Actor, rows: Iterable[Chosen], action: str, reason: str, seen: Sight | None, event: Event
    ) -> tuple[Outcome, tuple[RowKey, ...]]:
        chosen = await authorised(actor, self._vos, rows, Action.HOLD_ROWS)
        keys: tuple[RowKey, ...] = ()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal keys
            keys = await keys_of(connection, chosen, await self._inspector.types(connection))
            happening = event(keys, sight(keys, seen), now)
            return Plan(happening, Scope.of(key.element for key in keys), action, reason, vos_of(keys))

        return await self._inspector.happen(prepare), keys


def _ends(row: Row) -> datetime:
    """When something is to be done about a row that somebody holds."""
    assert row.token is not None
    # what was taken before there were reviews comes last
    return row.token.expires_at or row.token.review_at or datetime.max.replace(tzinfo=UTC)

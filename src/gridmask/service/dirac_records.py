"""What clients of DIRAC keep in its caches. What some of it says of the world is taken as evidence, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.service.dirac_evidence import dropping, putting
from gridmask.store import dirac_records

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.inspection.inspector import Inspector, Plan
    from gridmask.service.vos import Vos
    from gridmask.store.dirac_records import Record, Wanted

MOST = 100_000
"""So many records a cache may have."""

MOST_CHARACTERS = 2**26
"""So long they may be together."""

LONGEST = 2**16
"""So long one of them may be."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of a cache.

    Attributes:
        keep: records, in place of those with their keys.
        drop: the numbers of those to forget.
        put: what the former say of the world.
        gone: kinds and records of evidence that the latter were taken as.
    """

    keep: Sequence[Record] = ()
    drop: Sequence[int] = ()
    put: Sequence[Evidence] = ()
    gone: Sequence[tuple[str, str]] = ()


Decide = Callable[["list[Record]"], Edit]
"""Works out, within the transaction, what is to become of the records that there are."""


class DiracRecords:
    """The use cases of clients of DIRAC around its caches."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def some(self, wanted: Wanted) -> list[Record]:
        """The records that are wanted, in the order in which they came."""
        async with self._inspector.database.reading() as connection:
            return await dirac_records.load(connection, wanted)

    async def edit(self, actor: Actor, wanted: Wanted, decide: Decide, action: Action = Action.REPORT_EVIDENCE) -> None:
        """Have become of a cache what ``decide`` makes of the records that are ``wanted``. All of it is done, or nothing.

        ``action`` is what it takes, beside what it takes to put or drop the evidence.

        Raises:
            Forbidden. InvalidRequest: the cache would have too much in it. NotKnown: there is no such VO. Conflict: a
            measurement is of the future. What ``decide`` raises.
        """
        actor.require(action, ALL)
        registry = await self._vos.registry()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            edit = decide(await dirac_records.load(connection, wanted))
            await dirac_records.drop(connection, edit.drop)
            await _keep(connection, wanted.cache, edit.keep, now)
            if edit.gone:
                return await dropping(connection, actor, edit.gone)
            return await putting(connection, now, actor, edit.put, registry)

        await self._inspector.happen(prepare)


async def _keep(connection: AsyncConnection, cache: str, records: Sequence[Record], now: datetime) -> None:
    if any(len(record.text) > LONGEST for record in records):
        raise InvalidRequest(f"A record of {cache} has {LONGEST:,} characters at most, written as JSON.")
    await dirac_records.keep(connection, cache, records, now)
    count, size = await dirac_records.measure(connection, cache) if records else (0, 0)
    if count > MOST or size > MOST_CHARACTERS:
        raise InvalidRequest(f"{cache} has {count:,} records of {size:,} characters then, which is too much; delete some.")

"""What clients of DIRAC keep in its caches. What some of it says of the world is taken as evidence, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

A_LITTLE = 256
"""Characters by which a record may grow without anybody counting."""


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
            found = await dirac_records.load(connection, wanted)
            edit = decide(found)
            _require_short(wanted.cache, edit.keep)
            await dirac_records.drop(connection, edit.drop)
            await dirac_records.keep(connection, wanted.cache, edit.keep, now)
            if _takes_room(found, edit.keep):
                await _require_room(connection, wanted.cache)
            if edit.gone:
                return await dropping(connection, actor, edit.gone)
            return await putting(connection, now, actor, edit.put, registry)

        await self._inspector.happen(prepare)


def _require_short(cache: str, records: Iterable[Record]) -> None:
    if any(len(record.text) > LONGEST for record in records):
        raise InvalidRequest(f"A record of {cache} has {LONGEST:,} characters at most, written as JSON.")


def _takes_room(found: Iterable[Record], kept: Iterable[Record]) -> bool:
    """Whether it is worth counting how much there is, which takes longer the more that is."""
    before = {record.key: len(record.text) for record in found}
    return any(record.key not in before or len(record.text) > before[record.key] + A_LITTLE for record in kept)


async def _require_room(connection: AsyncConnection, cache: str) -> None:
    count, size = await dirac_records.measure(connection, cache)
    if count > MOST or size > MOST_CHARACTERS:
        raise InvalidRequest(f"{cache} has {count:,} records of {size:,} characters then, which is too much; delete some.")

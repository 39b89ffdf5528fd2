"""Quarantine in the database: of each source, the answer that would change too much, as it came."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from gridmask.domain.upheaval import Upheaval
from gridmask.store.snapshots import PART
from gridmask.store.tables import quarantine, quarantine_parts, sources
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection


class HeldState(StrEnum):
    """What became of an answer in quarantine. One that was accepted, or that a better one followed, is there no more."""

    HELD = "held"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """An answer in quarantine, without its bytes.

    Attributes:
        source: whose it is.
        since: since when the answers of the source would change too much; this need not have been the first one.
        url, fetched_at, elapsed, sha256, size, etag, last_modified: its provenance.
        repeated_at: when the source last said something that would change the same.
        times: how often it said so.
        upheaval: what it would change.
        state: whether it waits for a person.
        decided_at, decided_by, reason: who dropped it, and why.
    """

    source: str
    since: datetime
    url: str
    fetched_at: datetime
    elapsed: timedelta
    sha256: str
    size: int
    etag: str | None
    last_modified: str | None
    repeated_at: datetime
    times: int
    upheaval: Upheaval
    state: HeldState = HeldState.HELD
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self.state is HeldState.HELD


async def listed(connection: AsyncConnection) -> dict[str, HeldAnswer]:
    """By source, what is in quarantine; of sources that are configured."""
    question = select(quarantine).join(sources, sources.c.name == quarantine.c.source).where(sources.c.configured)
    return {row.source: _held(row) for row in await connection.execute(question.order_by(quarantine.c.source))}


async def find(connection: AsyncConnection, source: str) -> HeldAnswer | None:
    """What of ``source`` is in quarantine."""
    row = (await connection.execute(select(quarantine).where(quarantine.c.source == source))).one_or_none()
    return _held(row) if row else None


async def keep(connection: AsyncConnection, held: HeldAnswer, body: bytes) -> None:
    """Put an answer into quarantine, with its packed ``body``, in place of the one of its source that was there."""
    await _drop_body(connection, held.source)
    await upsert(connection, quarantine, [_columns(held)], key=("source",))
    rows = [
        {"source": held.source, "part": part, "body": body[start : start + PART]}
        for part, start in enumerate(range(0, len(body), PART))
    ]
    for row in rows:
        # one by one: servers limit what one message may hold
        await connection.execute(insert(quarantine_parts), [row])


async def repeat(connection: AsyncConnection, held: HeldAnswer, now: datetime) -> None:
    """Note that the source of ``held`` said the same again."""
    again = {"repeated_at": now, "times": held.times + 1}
    await connection.execute(update(quarantine).where(quarantine.c.source == held.source).values(again))


async def drop(connection: AsyncConnection, held: HeldAnswer) -> None:
    """Keep what was decided about ``held``; its bytes are forgotten."""
    decided = {name: getattr(held, name) for name in ("state", "decided_at", "decided_by", "reason")}
    await connection.execute(update(quarantine).where(quarantine.c.source == held.source).values(decided))
    await _drop_body(connection, held.source)


async def end(connection: AsyncConnection, source: str) -> None:
    """Nothing of ``source`` is in quarantine any more."""
    await _drop_body(connection, source)
    await connection.execute(delete(quarantine).where(quarantine.c.source == source))


async def body(connection: AsyncConnection, source: str) -> bytes:
    """The packed bytes of what of ``source`` is in quarantine; none, if they are not kept."""
    question = select(quarantine_parts.c.body).where(quarantine_parts.c.source == source).order_by(quarantine_parts.c.part)
    return b"".join(await connection.scalars(question))


def packed(bodies: Sequence[bytes]) -> bytes:
    """The bodies of an answer as they are kept."""
    return zlib.compress(msgspec.msgpack.encode(list(bodies)))


def unpacked(kept: bytes) -> tuple[bytes, ...]:
    """The bodies of an answer that were kept. Only what :func:`packed` made comes here."""
    return tuple(msgspec.msgpack.decode(zlib.decompress(kept), type=list[bytes]))


async def _drop_body(connection: AsyncConnection, source: str) -> None:
    await connection.execute(delete(quarantine_parts).where(quarantine_parts.c.source == source))


def _held(row: Row[Any]) -> HeldAnswer:
    said = {column.name: getattr(row, column.name) for column in quarantine.columns}
    return HeldAnswer(**{**said, "elapsed": timedelta(milliseconds=row.elapsed), "state": HeldState(row.state)})


def _columns(held: HeldAnswer) -> dict[str, Any]:
    said = {column.name: getattr(held, column.name) for column in quarantine.columns}
    return {**said, "elapsed": milliseconds(held.elapsed)}


def milliseconds(length: timedelta) -> int:
    """``length`` as columns keep it."""
    return round(length / timedelta(milliseconds=1))

"""Isolation: how an answer comes into quarantine, and out of it as it came in."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.errors import Conflict
from gridmask.http import Gathered, Provenance, Validators
from gridmask.plugins import kind_of
from gridmask.store import quarantine, sources
from gridmask.store.quarantine import HeldAnswer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.upheaval import Upheaval
    from gridmask.source import Source

LONGEST_URL = 1024
"""So much of a URL is kept."""

SHORTEST = 12
"""So much of a hash has to be named: as much as is shown."""


def held_of(source: Source, answer: Gathered, upheaval: Upheaval) -> HeldAnswer:
    """An ``answer`` of ``source`` as it is held."""
    provenance = answer.provenance
    return HeldAnswer(
        source.name,
        since=provenance.fetched_at,
        url=provenance.url[:LONGEST_URL],
        fetched_at=provenance.fetched_at,
        elapsed=provenance.elapsed,
        sha256=provenance.sha256,
        size=provenance.size,
        etag=provenance.validators.etag,
        last_modified=provenance.validators.last_modified,
        repeated_at=provenance.fetched_at,
        times=1,
        upheaval=upheaval,
    )


def restored(held: HeldAnswer, kept: bytes) -> Gathered:
    """The answer that is ``held``, of the bytes that were ``kept`` of it.

    Raises:
        Conflict: they are not what came then.
    """
    try:
        bodies = quarantine.unpacked(kept)
    except (zlib.error, msgspec.DecodeError, msgspec.ValidationError):
        bodies = ()
    hashes = [hashlib.sha256(body).hexdigest() for body in bodies]
    whole = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    if whole != held.sha256:
        raise Conflict(f"What is kept of the answer of {held.source} is not what came. Drop it, and read the source again.")
    validators = Validators(held.etag, held.last_modified)
    provenance = Provenance(held.url, held.fetched_at, 200, held.sha256, held.size, validators, held.elapsed)
    return Gathered(bodies, provenance)


async def named(connection: AsyncConnection, source: str, sha256: str) -> HeldAnswer:
    """What of ``source`` waits in quarantine, if its hash begins with ``sha256``.

    Raises:
        Conflict: something else does, or nothing.
    """
    held = await quarantine.find(connection, source)
    if held is None:
        last = [row.fetched_at for row in await sources.load(connection, source) if row.fetched_at]
        since = f" Its last answer, of {last[0]:%F %T} UTC, is as it should be and in force." if last else ""
        raise Conflict(f"Nothing of {source} is in quarantine any more.{since}")
    if len(sha256) < SHORTEST or not held.sha256.startswith(sha256.lower()):
        raise Conflict(
            f"What of {source} is in quarantine is {held.sha256[:SHORTEST]}, which came {held.fetched_at:%F %T} UTC, and not "
            f"{sha256[:SHORTEST] or 'what has no hash'}. Look at it before you decide: gridmask source quarantine {source}"
        )
    if not held.waits:
        raise Conflict(
            f"{held.decided_by} dropped this answer of {source} at {held.decided_at:%F %T} UTC: {held.reason}. "
            f"If it is right after all: gridmask sync {source} --force"
        )
    return held


async def acceptable(connection: AsyncConnection, source: Source, sha256: str, now: datetime) -> HeldAnswer:
    """The same, if it may be taken in.

    Raises:
        Conflict: as above; or a newer answer was good; or it was said too long ago to count.
    """
    held = await named(connection, source.name, sha256)
    last = max((row.fetched_at for row in await sources.load(connection, source.name) if row.fetched_at), default=None)
    if last is not None and last > held.fetched_at:
        raise Conflict(
            f"This answer of {source.name} came {held.fetched_at:%F %T} UTC, and is older than the last good one, which came "
            f"{last:%F %T} UTC. What is older is not taken in; drop it."
        )
    if kind_of(source).evidence and held.fetched_at + source.valid_for <= now:
        raise Conflict(
            f"This answer of {source.name} came {held.fetched_at:%F %T} UTC, and what it says does not count any more. "
            "Drop it, read the source again, and look at what it says now."
        )
    return held

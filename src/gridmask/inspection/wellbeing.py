"""Wellbeing: what is noted of how a source fares, what becomes of its quarantine, and what operators are told of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gridmask.domain.actor import AUTOMATION
from gridmask.domain.vo import ALL
from gridmask.store import outbox, quarantine, sources
from gridmask.store.audit import Entry, sign
from gridmask.store.ledger import SOURCE
from gridmask.store.quarantine import HeldAnswer, HeldState, milliseconds

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.errors import Quarantined

UNWELL_AFTER = 3
"""After so many failures in a row operators are told that a source fails: one alone passes by itself, as a rule."""


@dataclass(frozen=True, slots=True)
class Word:
    """A person's word that an answer is right, whatever it takes back.

    Attributes:
        actor: who gives it.
        action: what they do, as the audit has it.
        reason: why.
    """

    actor: Actor
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class Came:
    """That a usable answer of ``source`` came.

    Attributes:
        source: its name.
        at: when it was complete.
        elapsed: how long that took.
        word: that of a person, if it took one.
    """

    source: str
    at: datetime
    elapsed: timedelta
    word: Word | None = None


async def note_answer(connection: AsyncConnection, came: Came, noted: dict[str, Any], now: datetime) -> None:
    """Note a usable answer: its source is well, and nothing of it from before is in quarantine any more.

    ``noted`` is what else there is to note.
    """
    before = next(iter(await sources.load(connection, came.source)), None)
    await tell_well(connection, came.source, now)
    well = {"failures": 0, "failure": None, "failing_since": None}
    provenance = {"fetched_at": came.at, "elapsed": milliseconds(came.elapsed)}
    trusted = {"trusted_at": now} if came.word else {}
    previous = {"previous_at": before.fetched_at if before else None}
    await sources.note(connection, came.source, **well, **provenance, **trusted, **previous, **noted)
    await _release(connection, came, now)


async def note_failure(
    connection: AsyncConnection, name: str, attempted: datetime, failure: str, *, isolated: bool = False
) -> None:
    """Note that an attempt failed. Operators are told, once, of a source that fails again and again, or counts no more.

    Of what is ``isolated`` they know; that the answer before it counts no more, they do not.
    """
    await sources.note_failure(connection, name, attempted, failure)
    for noted in await sources.load(connection, name):
        stale = noted.valid_until is not None and attempted >= noted.valid_until
        if stale or (noted.failures >= UNWELL_AFTER and not isolated):
            await tell_unwell(connection, name, failure, attempted)


async def tell_unwell(connection: AsyncConnection, name: str, failure: str, now: datetime) -> None:
    """Tell operators that the source called so fails, unless they know."""
    for noted in await sources.load(connection, name):
        if noted.unwell_since is None:
            await sources.note(connection, name, unwell_since=now)
            more = {"since": noted.failing_since, "failures": noted.failures}
            await _tell(connection, name, "failing", failure, now, more)


async def tell_well(connection: AsyncConnection, name: str, now: datetime) -> None:
    """Tell operators that it is well again, if they were told that it fails."""
    for noted in await sources.load(connection, name):
        if noted.unwell_since is not None:
            await sources.note(connection, name, unwell_since=None)
            await _tell(connection, name, "good", "", now, {"since": noted.unwell_since})


async def isolate(connection: AsyncConnection, held: HeldAnswer, body: bytes, attempted: datetime, refused: Quarantined) -> str:
    """Put an answer that was ``refused`` into quarantine, with its packed ``body``. Operators are told when that begins.

    What would change the same as the one that is there leaves that as it is: somebody may be looking at it. One that is older
    than the last usable one is not kept. Returns what became of it, in words.
    """
    noted = next(iter(await sources.load(connection, held.source)), None)
    there = await quarantine.find(connection, held.source)
    failure = str(refused)
    if noted is not None and noted.fetched_at is not None and held.fetched_at < noted.fetched_at:
        pass  # another process was quicker, and knows better
    elif there is not None and there.upheaval.fingerprint == held.upheaval.fingerprint:
        await quarantine.repeat(connection, there, held.fetched_at)
        failure = failure if there.waits else _dropped(there)
    else:
        await quarantine.keep(connection, _following(held, there), body)
        if there is None or not there.waits:
            await _tell(connection, held.source, "quarantined", failure, held.since, details(held))
    await note_failure(connection, held.source, attempted, failure, isolated=True)
    return failure


async def dismiss(connection: AsyncConnection, held: HeldAnswer, actor: Actor, reason: str, now: datetime) -> HeldAnswer:
    """What ``held`` says is wrong, says a person: as long as its source says that, nobody else need look at it."""
    dropped = replace(held, state=HeldState.DROPPED, decided_at=now, decided_by=actor.name, reason=reason)
    await quarantine.drop(connection, dropped)
    await _sign(connection, held, Entry(actor, "answer dropped", f"{held.source}: {reason}", now))
    await _tell(connection, held.source, "dropped", reason, now, details(held))
    return dropped


def details(held: HeldAnswer) -> dict[str, Any]:
    """What books and messages tell of an answer in quarantine."""
    counts = {"added": held.upheaval.added, "changed": held.upheaval.changed, "removed": held.upheaval.removed}
    provenance = {"sha256": held.sha256, "size": held.size, "url": held.url, "fetched_at": held.fetched_at}
    return {**provenance, "since": held.since, "problem": held.upheaval.problem, **counts}


async def _release(connection: AsyncConnection, came: Came, now: datetime) -> None:
    held = await quarantine.find(connection, came.source)
    word = came.word
    if held is None or held.fetched_at > came.at:
        if word is not None:
            await sign(connection, Entry(word.actor, word.action, _about(came, word), now), None, {ALL})
        return
    await quarantine.end(connection, came.source)
    if word is not None:
        entry = Entry(word.actor, word.action, _about(came, word), now)
    else:
        entry = Entry(AUTOMATION, "quarantine cleared", f"{came.source}: a newer answer is as it should be", now)
    await _sign(connection, held, entry)
    if held.waits:
        state = "accepted" if word else "cleared"
        await _tell(connection, came.source, state, word.reason if word else "", now, details(held))


def _dropped(held: HeldAnswer) -> str:
    return (
        f"{held.source}: this answer would {held.upheaval.problem}. All stays as it was: {held.decided_by} dropped what would "
        f"change the same, {held.decided_at:%F %H:%M} UTC: {held.reason}"
    )


def _about(came: Came, word: Word) -> str:
    return f"{came.source}: {word.reason}" if word.reason else came.source


def _following(held: HeldAnswer, there: HeldAnswer | None) -> HeldAnswer:
    """``held`` with since when the answers of its source would change too much."""
    return replace(held, since=there.since) if there is not None and there.waits else held


async def _sign(connection: AsyncConnection, held: HeldAnswer, entry: Entry) -> None:
    await sign(connection, entry, None, {ALL}, details(held))


async def _tell(connection: AsyncConnection, name: str, state: str, why: str, now: datetime, more: dict[str, Any]) -> None:
    payload = {"source": name, "state": state, "why": why, "failures": 0, **more}
    await outbox.add(connection, now, f"source-{name}-{state}-{uuid4().hex}", SOURCE, payload)

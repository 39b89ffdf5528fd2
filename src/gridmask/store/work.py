"""Work in the database: what is due, who takes it up, goes on with it, and is done. None of it waits for the counter.

Work is taken up under a ticket, whose numbers rise; all who take up work lock the last one, so that one does after the other.
What was taken up by somebody who was silent for longer than the term of the lease can be taken up by another. What the first
one can do no more then is told in :mod:`.fences`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, func, or_, select, update

from gridmask.store.fairness import Candidate, UnderWay, chosen
from gridmask.store.fences import Ticket
from gridmask.store.tables import tickets, work
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

NOBODY = ""

LONGEST_PAUSE = timedelta(hours=1)
"""Work at which one process after the other dies is begun again after so long, at the latest."""

UNSUSPICIOUS = 2
"""So many processes may die at some work one after the other before it is begun less often."""

DONE, FAILED, LOST = "done", "failed", "lost"


@dataclass(frozen=True, slots=True)
class Item:
    """Work that there is: of what ``kind`` and ``key``, for which ``vo``, at which ``host``; due first at ``due_at``."""

    kind: str
    key: str
    vo: str
    host: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Work that was taken up under ``ticket``.

    Attributes:
        ticket: what it is, and the right to do it.
        due_at: since when it was due.
        reserved: until when nobody else would begin it, unless it is wanted sooner.
        was_lost: whether somebody began it and was heard of no more.
    """

    ticket: Ticket
    due_at: datetime
    reserved: datetime
    was_lost: bool


@dataclass(frozen=True, slots=True)
class After:
    """What came of it: when it is due again, and the outcome."""

    due_at: datetime
    outcome: str = DONE


async def queue_up(connection: AsyncConnection) -> int:
    """Wait for those who change who does what, before anything is read: then it is seen what they did. Gives a new ticket."""
    await connection.execute(update(tickets).values(last=tickets.c.last + 1))
    return await connection.scalar(select(tickets.c.last)) or 0


async def plan(connection: AsyncConnection, items: Iterable[Item], kinds: Iterable[str]) -> None:
    """Let ``items`` be the work that there is of these ``kinds``. What was there keeps its times, and who does it."""
    wanted = {(item.kind, item.key): item for item in items}
    rows = await connection.execute(
        select(work.c.kind, work.c.key, work.c.vo, work.c.host).where(work.c.kind.in_(sorted(kinds)))
    )
    there = {(row.kind, row.key): (row.vo, row.host) for row in rows}
    for gone in there.keys() - wanted.keys():
        await connection.execute(delete(work).where(_is(*gone)))
    await insert_all(connection, work, [_new(item) for identity, item in wanted.items() if identity not in there])
    for identity, item in wanted.items():
        if there.get(identity, (item.vo, item.host)) != (item.vo, item.host):
            await connection.execute(update(work).where(_is(*identity)).values(vo=item.vo, host=item.host))


async def claim(
    connection: AsyncConnection,
    holder: str,
    room: Mapping[str, int],
    now: datetime,
    term: timedelta,
    known: Iterable[tuple[str, str]] = (),
) -> list[Claim]:
    """Have ``holder`` take up what is due, for ``term``: as much of each kind as there is ``room`` for, fairly.

    ``known``: the kinds and keys that it knows; it takes up no others. None: whatever they are.
    """
    kinds = sorted(kind for kind, count in room.items() if count > 0)
    if not kinds:
        return []
    first = await queue_up(connection)
    under_way = await _under_way(connection, now)
    due = await _due(connection, kinds, now, frozenset(known))
    claims = []
    for number, one in enumerate(chosen(due, under_way, room, holder), first):
        taken = await _taken(connection, Ticket(one.kind, one.key, number), holder, now, term)
        claims += [taken] if taken else []
    if len(claims) > 1:
        await connection.execute(update(tickets).values(last=first + len(claims)))
    return claims


async def renew(
    connection: AsyncConnection, held: Iterable[Ticket], holder: str, now: datetime, term: timedelta
) -> set[Ticket]:
    """Have ``holder`` go on with what it has for ``term``. Returns what of ``held`` is not its any more."""
    lost = set[Ticket]()
    for ticket in held:
        mine = and_(_of(ticket), work.c.holder == holder)
        # what is just being committed is passed over, and is the holder's for as long as that takes: to read waits for nobody
        if (await connection.execute(select(work.c.token).where(mine).with_for_update(skip_locked=True))).first():
            await connection.execute(update(work).where(mine).values(lease_until=now + term))
        elif (await connection.execute(select(work.c.token).where(mine))).first() is None:
            lost.add(ticket)
    return lost


async def complete(connection: AsyncConnection, done: Claim, after: After, now: datetime) -> bool:
    """Note that what was taken up is done. Returns whether that was for its holder to say."""
    # where it was wanted sooner meanwhile, that counts
    due = case((work.c.due_at == done.reserved, after.due_at), else_=work.c.due_at)
    said: dict[str, Any] = {"holder": NOBODY, "lease_until": None, "due_at": due, "outcome": after.outcome}
    said |= {"attempts": 0, "ended_at": now}
    return bool((await connection.execute(update(work).where(_of(done.ticket)).values(said))).rowcount)


async def release(connection: AsyncConnection, undone: Iterable[Claim]) -> None:
    """Let others do what was taken up and is not done: as if nobody had begun it."""
    for one in undone:
        said = {"holder": NOBODY, "lease_until": None, "due_at": one.due_at, "attempts": 0}
        await connection.execute(update(work).where(_of(one.ticket)).values(said))


async def wake(connection: AsyncConnection, kind: str, due_at: datetime, key: str | None = None) -> bool:
    """Let what there is of ``kind`` be due at ``due_at``, if it would be later, and say whether; ``key``: that alone."""
    which = and_(work.c.kind == kind, work.c.due_at > due_at, *(() if key is None else (work.c.key == key,)))
    return bool((await connection.execute(update(work).where(which).values(due_at=due_at))).rowcount)


async def soonest(connection: AsyncConnection, kinds: Iterable[str]) -> datetime | None:
    """Since when, or from when on, something of these ``kinds`` can be taken up; None: there is nothing."""
    free = case((work.c.holder != NOBODY, _later(work.c.lease_until, work.c.due_at)), else_=work.c.due_at)
    found: datetime | None = await connection.scalar(select(func.min(free)).where(work.c.kind.in_(sorted(kinds))))
    return found


async def due(connection: AsyncConnection, kinds: Iterable[str], now: datetime) -> list[Candidate]:
    """What of these ``kinds`` is due and nobody does, the first of each VO and kind before the second of any."""
    found, under_way = await _due(connection, sorted(kinds), now, frozenset()), UnderWay()
    return chosen(found, under_way, dict.fromkeys(kinds, len(found)), NOBODY)


async def listed(connection: AsyncConnection) -> list[Row[Any]]:
    """All work that there is."""
    return list(await connection.execute(select(work).order_by(work.c.kind, work.c.key)))


def _later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def _is(kind: str, key: str) -> ColumnElement[bool]:
    return and_(work.c.kind == kind, work.c.key == key)


def _of(ticket: Ticket) -> ColumnElement[bool]:
    return and_(_is(ticket.kind, ticket.key), work.c.token == ticket.number, work.c.holder != NOBODY)


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(work.c.due_at <= now, or_(work.c.holder == NOBODY, work.c.lease_until <= now))


def _new(item: Item) -> dict[str, Any]:
    said = {"kind": item.kind, "key": item.key, "vo": item.vo, "host": item.host, "due_at": item.due_at}
    return {**said, "holder": NOBODY, "token": 0, "attempts": 0, "outcome": ""}


async def _under_way(connection: AsyncConnection, now: datetime) -> UnderWay:
    held = select(work.c.kind, work.c.vo, work.c.host, work.c.holder).where(work.c.holder != NOBODY, work.c.lease_until > now)
    found = UnderWay()
    for kind, vo, host, holder in await connection.execute(held):
        found.add(kind, vo, host, holder)
    return found


async def _due(
    connection: AsyncConnection, kinds: list[str], now: datetime, known: frozenset[tuple[str, str]]
) -> list[Candidate]:
    question = select(work.c.kind, work.c.key, work.c.vo, work.c.host, work.c.due_at).where(work.c.kind.in_(kinds), _free(now))
    return [Candidate(*row) for row in await connection.execute(question) if not known or (row.kind, row.key) in known]


async def _taken(connection: AsyncConnection, ticket: Ticket, holder: str, now: datetime, term: timedelta) -> Claim | None:
    # who lost it may just be committing what it did: then it is not taken up, nor waited for
    question = select(work).where(_is(ticket.kind, ticket.key), _free(now)).with_for_update(skip_locked=True)
    row = (await connection.execute(question)).first()
    if row is None:
        return None
    reserved = now + _reserved(row.attempts, term)
    said = {"holder": holder, "token": ticket.number, "lease_until": now + term, "due_at": reserved, "began_at": now}
    said |= {"attempts": row.attempts + 1, **({"outcome": LOST} if row.holder else {})}
    await connection.execute(update(work).where(_is(ticket.kind, ticket.key)).values(said))
    return Claim(ticket, row.due_at, reserved, bool(row.holder))


def _reserved(attempts: int, term: timedelta) -> timedelta:
    """How long nobody else begins what was begun in vain so often."""
    doublings: int = min(max(attempts - UNSUSPICIOUS, 0), 10)
    return max(min(term * float(2**doublings), LONGEST_PAUSE), term)

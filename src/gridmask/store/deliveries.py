"""Deliveries in the database: how far each action is through the outbox, and what it could not tell.

An action is through with all entries up to its ``position``, but for those that are noted as failed: the one at which it
waits, those that a person called back, and the dead letters, which are not tried again by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Row, delete, false, func, insert, or_, select, update

from gridmask.printable import writable
from gridmask.store import outbox as entries
from gridmask.store.tables import action_states, actions, deliveries, outbox
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

WAITING, RECALLED, DEAD = "waiting", "recalled", "dead"
"""An entry at which its action waits; one that a person had tried again; a dead letter."""

ADDRESS = "address"
"""The kind of actions that are told of nothing but what is addressed to them."""

MOST_AT_ONCE = 100
"""So many entries are taken up at once."""

_FROM_BEFORE = ""
"""In place of a name: where actions begin that were there before there were positions."""


@dataclass(frozen=True, slots=True)
class Failure:
    """That an entry could not be told.

    Attributes:
        entry: its number.
        state: :data:`WAITING`, :data:`RECALLED` or :data:`DEAD`.
        attempts: how often it was tried.
        first_at: when that failed first.
        next_at: when it is tried again; None: not by itself.
        trouble: the kind of error.
        text: the error, in words.
    """

    entry: int
    state: str
    attempts: int
    first_at: datetime
    next_at: datetime | None
    trouble: str
    text: str


@dataclass(frozen=True, slots=True)
class Work:
    """What an action has to do.

    Attributes:
        position: it is through with entries up to this one.
        last: the number of the last entry that there is.
        waits: the entry at which it waits, if it does.
        recalled: those that a person had tried again, and that are due.
        wake_at: when it wants to be woken.
    """

    position: int
    last: int
    waits: Failure | None
    recalled: tuple[Failure, ...]
    wake_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Whether anything of that can be done at ``now``."""
        held_up = self.waits is not None and self.waits.next_at is not None and self.waits.next_at > now
        woken = self.wake_at is not None and self.wake_at <= now
        return bool(self.recalled) or woken or (self.last > self.position and not held_up)


async def register(connection: AsyncConnection, names: Mapping[str, str], now: datetime) -> None:
    """Make these actions, by name with their kinds, the ones that are configured. New ones begin at the present.

    One that was not configured of late begins there, too: what nobody was to be told is not told later.
    """
    there = {row.name: row for row in await connection.execute(select(actions))}
    legacy = there.pop(_FROM_BEFORE, None)
    present = await entries.last(connection)
    begin = legacy.position if legacy else present
    gone = [name for name, row in there.items() if row.configured and name not in names]
    await connection.execute(update(actions).where(actions.c.name.in_(gone)).values(configured=False, wake_at=None))
    await connection.execute(delete(deliveries).where(deliveries.c.action.in_(gone), deliveries.c.state != DEAD))
    new = {name for name in names if name not in there}
    back = [name for name in names if name not in new and not there[name].configured]
    # what it gathered before is not told later either
    await connection.execute(delete(action_states).where(or_(*(_remembered(name) for name in (*new, *back)), false())))
    returned = {"configured": True, "position": present, "since": now}
    await connection.execute(update(actions).where(actions.c.name.in_(back)).values(returned))
    for name, kind in names.items():
        if name in new:
            row = {"name": name, "kind": kind, "configured": True, "since": now, "position": begin}
            await connection.execute(insert(actions).values(row))
        elif there[name].kind != kind:
            await connection.execute(update(actions).where(actions.c.name == name).values(kind=kind))
    if legacy:
        await connection.execute(delete(actions).where(actions.c.name == _FROM_BEFORE))


async def work(connection: AsyncConnection, name: str, now: datetime) -> Work | None:
    """What the action called so has to do; None: it is not configured."""
    noted = (await connection.execute(select(actions).where(actions.c.name == name))).first()
    if noted is None or not noted.configured:
        return None
    due = or_(deliveries.c.next_at <= now, deliveries.c.next_at.is_(None))
    wanted = or_(deliveries.c.state == WAITING, (deliveries.c.state == RECALLED) & due)
    question = select(deliveries).where(deliveries.c.action == name, wanted).order_by(deliveries.c.entry_id)
    failed = list(await connection.execute(question.limit(MOST_AT_ONCE)))
    waits = next((_failure(row) for row in failed if row.state == WAITING), None)
    recalled = tuple(_failure(row) for row in failed if row.state == RECALLED)
    return Work(noted.position, await entries.last(connection), waits, recalled, noted.wake_at)


async def claim(connection: AsyncConnection, name: str, holder: str, now: datetime, term: timedelta) -> bool:
    """Have ``holder`` work on the action for ``term``, if nobody else does. Returns whether it may."""
    free = or_(actions.c.leased_by.is_(None), actions.c.leased_by == holder, actions.c.leased_until <= now)
    question = update(actions).where(actions.c.name == name, actions.c.configured, free)
    return bool((await connection.execute(question.values(leased_by=holder, leased_until=now + term))).rowcount)


async def leave(connection: AsyncConnection, name: str, holder: str) -> None:
    """Have ``holder`` work on the action no more."""
    question = update(actions).where(actions.c.name == name, actions.c.leased_by == holder)
    await connection.execute(question.values(leased_by=None, leased_until=None))


async def note(connection: AsyncConnection, name: str, **noted: object) -> None:
    """Note something about an action."""
    await connection.execute(update(actions).where(actions.c.name == name).values(noted))


async def note_failure(connection: AsyncConnection, name: str, failure: Failure, now: datetime) -> None:
    """Note that an entry could not be told."""
    row = {
        "action": name,
        "entry_id": failure.entry,
        "state": failure.state,
        "attempts": failure.attempts,
        "first_failed_at": failure.first_at,
        "failed_at": now,
        "next_at": failure.next_at,
        "trouble": failure.trouble,
        "failure": writable(failure.text),
    }
    await upsert(connection, deliveries, [row], key=("action", "entry_id"))


async def note_told(connection: AsyncConnection, name: str, numbers: Iterable[int], position: int) -> None:
    """Note that entries which had failed were told, and that the action waits at none up to ``position`` any more."""
    over = (deliveries.c.state == WAITING) & (deliveries.c.entry_id <= position)
    told = deliveries.c.entry_id.in_(sorted(numbers))
    await connection.execute(delete(deliveries).where(_of(name), or_(told, over)))


async def listed(connection: AsyncConnection) -> list[Row[Any]]:
    """All actions, those that are not configured last; each with how many dead letters there are."""
    dead = select(func.count()).where(deliveries.c.action == actions.c.name, deliveries.c.state == DEAD).scalar_subquery()
    question = select(actions, dead.label("dead")).where(actions.c.name != _FROM_BEFORE)
    return list(await connection.execute(question.order_by(actions.c.configured.desc(), actions.c.name)))


async def waiting(connection: AsyncConnection, name: str) -> tuple[int, datetime | None]:
    """How many entries the action has before it, and when the first of them was made."""
    noted = (await connection.execute(select(actions).where(actions.c.name == name))).one()
    which = entries.for_whom(name if noted.kind == ADDRESS else None)
    question = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.id > noted.position, which)
    count, first = (await connection.execute(question)).one()
    return count, first


async def failed(connection: AsyncConnection, name: str | None = None, limit: int = 1000) -> list[Row[Any]]:
    """What could not be told, by the action called so (None: by any), each with its entry; the oldest first."""
    columns = (outbox.c.key, outbox.c.topic, outbox.c.payload, outbox.c.created_at)
    question = select(deliveries, *columns).join_from(deliveries, outbox)
    question = question.order_by(deliveries.c.action, deliveries.c.entry_id).limit(limit)
    return list(await connection.execute(question if name is None else question.where(_of(name))))


async def recall(connection: AsyncConnection, name: str, keys: Iterable[str] | None, now: datetime) -> list[str]:
    """Have dead letters, or what is waited for, tried again at once; None: all of the action. Returns their keys."""
    found = await _chosen(connection, name, keys, {WAITING, RECALLED, DEAD})
    dead = [row.id for row in found if row.state == DEAD]
    again = {"state": RECALLED, "attempts": 0, "first_failed_at": now, "next_at": now}
    await connection.execute(update(deliveries).where(deliveries.c.id.in_(dead)).values(again))
    others = [row.id for row in found if row.state != DEAD]
    await connection.execute(update(deliveries).where(deliveries.c.id.in_(others)).values(next_at=now))
    return [row.key for row in found]


async def drop(connection: AsyncConnection, name: str, keys: Iterable[str] | None) -> list[str]:
    """Give up what could not be told; None: all of the action. Returns the keys.

    What is dropped where an action waits is passed over by it.
    """
    found = await _chosen(connection, name, keys, {WAITING, RECALLED, DEAD})
    await connection.execute(delete(deliveries).where(deliveries.c.id.in_([row.id for row in found])))
    if passed := [row.entry_id for row in found if row.state == WAITING]:
        behind = actions.c.position < max(passed)
        await connection.execute(update(actions).where(actions.c.name == name, behind).values(position=max(passed)))
    return [row.key for row in found]


async def recollect(connection: AsyncConnection, name: str) -> bytes | None:
    """What the action has had kept; None: nothing."""
    return await connection.scalar(select(action_states.c.body).where(action_states.c.name == name))


async def keep(connection: AsyncConnection, name: str, body: bytes) -> None:
    """Keep something for the action, in place of what it had kept before."""
    await upsert(connection, action_states, [{"name": name, "body": body}], key=("name",))


async def recollect_parts(connection: AsyncConnection, name: str, numbers: Iterable[int]) -> dict[int, bytes]:
    """Those of the parts that the action has had kept which have these ``numbers``."""
    by_name = {_part(name, number): number for number in sorted(set(numbers))}
    question = select(action_states.c.name, action_states.c.body)
    found: dict[int, bytes] = {}
    for some in _batched(list(by_name)):
        rows = await connection.execute(question.where(action_states.c.name.in_(some)))
        found |= {by_name[row.name]: row.body for row in rows}
    return found


async def keep_parts(connection: AsyncConnection, name: str, parts: Mapping[int, bytes], gone: Iterable[int] = ()) -> None:
    """Keep ``parts`` for the action, by number, beside what else it has kept; and those that are ``gone`` no more."""
    for some in _batched(sorted(set(gone))):
        names = [_part(name, number) for number in some]
        await connection.execute(delete(action_states).where(action_states.c.name.in_(names)))
    rows = [{"name": _part(name, number), "body": body} for number, body in parts.items()]
    await upsert(connection, action_states, rows, key=("name",))


def _batched(some: list[T]) -> Iterator[list[T]]:
    yield from (some[start : start + MOST_AT_ONCE] for start in range(0, len(some), MOST_AT_ONCE))


def _part(name: str, number: int) -> str:
    return f"{name}/{number}"


def _remembered(name: str) -> ColumnElement[bool]:
    """What the action has kept, with its parts."""
    return or_(action_states.c.name == name, action_states.c.name.startswith(_part(name, 0)[:-1], autoescape=True))


async def _chosen(connection: AsyncConnection, name: str, keys: Iterable[str] | None, states: Iterable[str]) -> list[Row[Any]]:
    question = select(deliveries.c.id, deliveries.c.entry_id, deliveries.c.state, outbox.c.key).join_from(deliveries, outbox)
    question = question.where(_of(name), deliveries.c.state.in_(sorted(states))).order_by(deliveries.c.entry_id)
    if keys is not None:
        question = question.where(outbox.c.key.in_(sorted(keys)))
    return list(await connection.execute(question))


def _of(name: str) -> ColumnElement[bool]:
    return deliveries.c.action == name


def _failure(row: Row[Any]) -> Failure:
    said = (row.entry_id, row.state, row.attempts, row.first_failed_at, row.next_at, row.trouble, row.failure)
    return Failure(*said)


async def busy(connection: AsyncConnection, names: Iterable[str]) -> frozenset[str]:
    """Those of ``names`` that have yet to be told something that is addressed to them."""
    found: set[str] = set()
    rows = await connection.execute(select(actions.c.name, actions.c.position).where(actions.c.name.in_(sorted(names))))
    for name, position in rows.all():
        question = select(outbox.c.id).where(outbox.c.id > position, entries.for_whom(name)).limit(1)
        if await connection.scalar(question) is not None:
            found.add(name)
    return frozenset(found)

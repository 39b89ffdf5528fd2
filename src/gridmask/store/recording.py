"""What is recorded, in the database: events in their order, and every so often how everything stood."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import to_thread
from sqlalchemy import and_, delete, func, insert, or_, select

from gridmask.domain.errors import InvalidRequest
from gridmask.recording.events import EvidenceChanged
from gridmask.recording.packing import LARGEST, Body, Part, measurements, packed, packed_world, unpacked, unpacked_world
from gridmask.store.tables import recorded_events, recorded_parts

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.evidence import EvidenceKey
    from gridmask.recording.events import Told
    from gridmask.recording.forms import Measured
    from gridmask.recording.happening import Circumstances
    from gridmask.recording.world import World

WORLD = "World"
"""The kind of an entry that tells how everything stood; ``follows`` names the last event before that."""

PAGE = 200
"""So many events are read at a time."""

AT_ONCE = 4 * 1024 * 1024
"""So many bytes of events are read in one question; or one event, however large."""

_FEW = 100
"""So many parts are read in one question."""


class Entry(NamedTuple):
    """An event as it is recorded: its place among all, when it was, what people call it, and the revision that it led to."""

    number: int
    at: datetime
    action: str
    revision: int | None
    body: Body


class Place(NamedTuple):
    """A recorded world: its place among all, of when it is, and the last event before it."""

    number: int
    at: datetime
    follows: int


async def note(  # noqa: PLR0913, PLR0917 - what an entry is made of
    connection: AsyncConnection,
    form: Told,
    at: datetime,
    action: str,
    revision: int | None,
    circumstances: Circumstances | None,
    forgotten: Iterable[EvidenceKey] = (),
) -> int:
    """Record that an event happened ``at`` a moment, on the connection that writes what came of it. Returns its place.

    ``circumstances``, ``forgotten``: see :class:`~gridmask.recording.happening.Happening`.
    """
    parts = await to_thread.run_sync(packed, form, circumstances, forgotten)
    about = {"at": at, "kind": type(form).__name__, "action": action, "revision": revision}
    return await _save(connection, about, parts)


async def keep_world(connection: AsyncConnection, world: World, follows: int, revision: int | None = None) -> None:
    """Record how everything stood after the event that ``follows`` names, or any before it; ``revision``: the last of ours."""
    parts = await to_thread.run_sync(packed_world, world)
    await _save(connection, {"at": world.at, "kind": WORLD, "action": "", "follows": follows, "revision": revision}, parts)


async def _save(connection: AsyncConnection, about: dict[str, object], parts: list[Part]) -> int:
    size = sum(len(part.body) for part in parts)
    made = await connection.execute(insert(recorded_events).values(size=size, **about))
    assert made.inserted_primary_key is not None
    number: int = made.inserted_primary_key[0]
    rows = [{"event_id": number, "part": part, **one._asdict()} for part, one in enumerate(parts)]
    for message in _messages(rows):
        await connection.execute(insert(recorded_parts), message)
    return number


def _messages(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """``rows`` in messages that a server takes."""
    message: list[dict[str, Any]] = []
    room = LARGEST
    for row in rows:
        if message and room < len(row["body"]):
            yield message
            message, room = [], LARGEST
        message.append(row)
        room -= len(row["body"])
    if message:
        yield message


async def last(connection: AsyncConnection) -> int:
    """The place of the last event; 0: there is none."""
    return await connection.scalar(select(func.max(recorded_events.c.id))) or 0


async def newest_revision(connection: AsyncConnection) -> int:
    """The last revision that is recorded; where there is a later one, something happened that is not."""
    return await connection.scalar(select(func.max(recorded_events.c.revision))) or 0


async def worlds(connection: AsyncConnection) -> list[Place]:
    """All recorded worlds, the oldest first."""
    columns = (recorded_events.c.id, recorded_events.c.at, recorded_events.c.follows)
    question = select(*columns).where(recorded_events.c.kind == WORLD).order_by(recorded_events.c.at, recorded_events.c.id)
    return [Place(*record) for record in await connection.execute(question)]


async def world(connection: AsyncConnection, place: Place) -> World:
    """How everything stood there."""
    return await to_thread.run_sync(unpacked_world, await _parts(connection, place.number))


async def entries(connection: AsyncConnection, after: int, until: datetime) -> AsyncIterator[Entry]:
    """The events after the place ``after`` that happened up to ``until``, in their order.

    Raises:
        InvalidRequest: something happened between two of them that is not recorded.
    """
    events, before = recorded_events.c, None
    while True:
        wanted = and_(events.id > after, events.at <= until, events.kind != WORLD)
        columns = (events.id, events.at, events.action, events.revision, events.size)
        found = (await connection.execute(select(*columns).where(wanted).order_by(events.id).limit(PAGE))).all()
        for some in _together(found):
            parts = await _parts_of(connection, [record.id for record in some])
            for number, at, action, revision, _ in some:
                before = _following(before, revision, at)
                yield Entry(number, at, action, revision, await to_thread.run_sync(unpacked, parts[number]))
        if len(found) < PAGE:
            return
        after = found[-1].id


def _following(before: int | None, revision: int | None, at: datetime) -> int | None:
    """The last revision, now that there is ``revision``."""
    if before is not None and revision is not None and revision != before + 1:
        raise InvalidRequest(
            f"Shortly before {at:%FT%TZ} something happened that is not recorded, as when recording was switched off: revision "
            f"{before + 1} is missing. A period can begin after that, or end before."
        )
    return before if revision is None else revision


def _together(records: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[list[Row[*tuple[Any, ...]]]]:
    """``records`` of events whose parts are read in one question: not more than fit into memory with ease."""
    some: list[Row[*tuple[Any, ...]]] = []
    room = AT_ONCE
    for record in records:
        if some and room < record.size:
            yield some
            some, room = [], AT_ONCE
        some.append(record)
        room -= record.size
    if some:
        yield some


async def count(connection: AsyncConnection, after: int, until: datetime) -> int:
    """How many events these are."""
    events = recorded_events.c
    wanted = and_(events.id > after, events.at <= until, events.kind != WORLD)
    return await connection.scalar(select(func.count()).where(wanted)) or 0


async def _parts(connection: AsyncConnection, number: int) -> list[Part]:
    return (await _parts_of(connection, [number]))[number]


async def _parts_of(connection: AsyncConnection, numbers: list[int]) -> dict[int, list[Part]]:
    """The parts of each of these entries, in their order."""
    found: dict[int, list[Part]] = {number: [] for number in numbers}
    parts = recorded_parts.c
    question = select(parts.event_id, parts.body, parts.lowest, parts.highest).where(parts.event_id.in_(numbers))
    for number, *part in await connection.execute(question.order_by(parts.event_id, parts.part)):
        found[number].append(Part(*part))
    return found


async def measured(
    connection: AsyncConnection, handles: Iterable[str], since: datetime, until: datetime, most: int
) -> list[Measured]:
    """What was measured of anything by one of ``handles``, as it came in from ``since`` up to ``until``.

    Of more than ``most`` parts, so many are looked at, spread over the time; the last one is among them.
    """
    names = frozenset(handles)
    places = await _holding(connection, names, since, until)
    step = -(-len(places) // most) if places else 1
    chosen = places[::-1][::step][::-1]
    found: list[Measured] = []
    for start in range(0, len(chosen), _FEW):
        which = or_(*(_is(place) for place in chosen[start : start + _FEW]))
        bodies = list(await connection.scalars(select(recorded_parts.c.body).where(which)))
        found += await to_thread.run_sync(_of, bodies, names)
    return found


async def _holding(
    connection: AsyncConnection, names: frozenset[str], since: datetime, until: datetime
) -> list[tuple[int, int]]:
    """The parts that can hold something about one of ``names``: event and number, in their order."""
    events, parts = recorded_events.c, recorded_parts.c
    within = and_(events.kind == EvidenceChanged.__name__, events.at >= since, events.at < until)
    # that it is sorted as Python sorts is held by the collation of the columns
    holds = or_(*(and_(parts.lowest <= name, parts.highest >= name) for name in sorted(names)))
    question = select(parts.event_id, parts.part).join_from(recorded_parts, recorded_events)
    found = await connection.execute(question.where(within, parts.highest != "", holds).order_by(events.id, parts.part))
    return [(event, part) for event, part in found]


def _is(place: tuple[int, int]) -> ColumnElement[bool]:
    return and_(recorded_parts.c.event_id == place[0], recorded_parts.c.part == place[1])


def _of(bodies: list[bytes], names: frozenset[str]) -> list[Measured]:
    return [one for body in bodies for one in measurements(body) if one.key.about[2] in names]


async def size(connection: AsyncConnection) -> int:
    """How many bytes are kept in all."""
    return int(await connection.scalar(select(func.coalesce(func.sum(recorded_events.c.size), 0))) or 0)


async def sizes(connection: AsyncConnection, places: Sequence[Place]) -> list[int]:
    """For each of ``places``, how many bytes are kept from there on."""
    asked = (select(func.sum(recorded_events.c.size)).where(recorded_events.c.id > place.follows) for place in places)
    return [int(await connection.scalar(question) or 0) for question in asked]


async def before(connection: AsyncConnection, place: Place) -> int:
    """How many entries are of before ``place``, from where on a replay can still begin."""
    return await connection.scalar(select(func.count()).select_from(recorded_events).where(_over(place))) or 0


async def forget(connection: AsyncConnection, place: Place) -> int:
    """Forget some of them. Returns how many."""
    question = select(recorded_events.c.id).where(_over(place)).order_by(recorded_events.c.id).limit(PAGE)
    gone = list(await connection.scalars(question))
    if gone:
        await connection.execute(delete(recorded_parts).where(recorded_parts.c.event_id.in_(gone)))
        await connection.execute(delete(recorded_events).where(recorded_events.c.id.in_(gone)))
    return len(gone)


def _over(place: Place) -> ColumnElement[bool]:
    events = recorded_events.c
    return and_(events.id < place.number, or_(events.id <= place.follows, events.kind == WORLD))

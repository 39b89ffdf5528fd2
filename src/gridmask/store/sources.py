"""Sources in the database: how each fares, and until when its silence says something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select, update

from gridmask.domain.element import ElementKey
from gridmask.domain.evidence import Coverage
from gridmask.domain.measurements import PROBE
from gridmask.printable import writable
from gridmask.store.elements import KEY
from gridmask.store.tables import changes, downtimes, element_versions, elements, evidence, sources
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

OF_LATE = timedelta(days=1)
"""What answers of a source took out within this counts together."""

ALERTS, REPORTS = "alertmanager", "reported"
"""The kinds of those that nobody reads: what they say is brought."""

_UNTRIED: Mapping[str, Any] = {"failures": 0, "problems": (), "records": 0}
_UNHEARD: Mapping[str, Any] = {
    **_UNTRIED,
    **dict.fromkeys(("attempted_at", "answered_at", "valid_until", "fetched_at", "previous_at", "etag", "last_modified")),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A source as the settings declare it. ``evidence`` is the kind that it gives; empty for an inventory."""

    name: str
    kind: str
    evidence: str
    url: str
    inventories: frozenset[str] = frozenset()
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What somebody brought, whom nobody reads.

    Attributes:
        name: in whose name.
        kind: one of :data:`ALERTS` and :data:`REPORTS`.
        records: how many there were.
        until: until when any of what is known of theirs counts; None: nobody can say.
        problems: what could not be taken.
    """

    name: str
    kind: str
    records: int
    until: datetime | None = None
    problems: tuple[str, ...] = ()


async def register(connection: AsyncConnection, declared: Iterable[Declared]) -> None:
    """Make the ``declared`` sources the ones that are configured; what is noted of them, and of others, stays.

    Of one that gives something else than it did under this name, nothing was heard yet: that its silence said something about
    measurements says nothing about downtimes.
    """
    declared = tuple(declared)
    known = {row.name: row for row in await connection.execute(select(sources))}
    others = [one.name for one in declared if one.name in known and _is_another(known[one.name], one)]
    await connection.execute(update(sources).where(sources.c.name.in_(others)).values(**_UNHEARD))
    await connection.execute(update(sources).values(configured=False))
    rows = [
        {
            "name": source.name,
            "kind": source.kind,
            "evidence": source.evidence,
            "configured": True,
            "url": source.url,
            "inventories": source.inventories,
            "every": None if source.every is None else round(source.every.total_seconds()),
            **_UNTRIED,
        }
        for source in declared
    ]
    await upsert(connection, sources, rows, key=("name",), keep=tuple(_UNTRIED))


def _is_another(noted: Row[Any], declared: Declared) -> bool:
    return noted.evidence != declared.evidence or noted.kind in {ALERTS, REPORTS}


async def expect(connection: AsyncConnection, receivers: Iterable[str]) -> None:
    """Expect alerts at ``receivers``. What is noted of them stays; of others, as long as something of theirs is there."""
    theirs = sources.c.kind == ALERTS
    await connection.execute(update(sources).where(theirs, sources.c.configured.is_(False)).values(kind=REPORTS))
    rows = [{**_brought(name, ALERTS), **_UNTRIED} for name in receivers]
    await upsert(connection, sources, rows, key=("name",), keep=tuple(_UNTRIED))


async def note_brought(connection: AsyncConnection, brought: Brought, now: datetime) -> None:
    """Note what was ``brought`` now in the name of somebody who is not read."""
    before = await connection.scalar(select(sources.c.fetched_at).where(sources.c.name == brought.name))
    row = {
        **_brought(brought.name, brought.kind),
        "attempted_at": now,
        "answered_at": now,
        "fetched_at": now,
        "previous_at": before,
        "valid_until": brought.until,
        "failures": 0,
        "problems": tuple(map(writable, brought.problems)),
        "records": brought.records,
    }
    await upsert(connection, sources, [row], key=("name",))


def _brought(name: str, kind: str) -> dict[str, Any]:
    given = {"evidence": PROBE if kind == ALERTS else "measurements", "url": "", "inventories": frozenset[str]()}
    return {"name": name, "kind": kind, "configured": False, **given}


async def brought(connection: AsyncConnection) -> list[Row[Any]]:
    """What is noted of receivers, and of others who report, as long as something of theirs is there."""
    there = select(evidence.c.id).where(evidence.c.source == sources.c.name).exists()
    which = (sources.c.kind == ALERTS) | ((sources.c.kind == REPORTS) & there)
    question = select(sources).where(sources.c.configured.is_(False), which).order_by(sources.c.name)
    return list(await connection.execute(question))


async def load(connection: AsyncConnection, name: str | None = None) -> list[Row[Any]]:
    """What is noted of the configured source called ``name``; None: of all of them."""
    question = select(sources).where(sources.c.configured).order_by(sources.c.name)
    return list(await connection.execute(question if name is None else question.where(sources.c.name == name)))


async def note(connection: AsyncConnection, name: str, **noted: object) -> None:
    """Note how the last attempt went."""
    await connection.execute(update(sources).where(sources.c.name == name).values(**noted))


async def note_failure(connection: AsyncConnection, name: str, attempted_at: datetime, failure: str) -> None:
    """Note that the last attempt failed, and why."""
    why = writable(failure)
    noted = {
        "attempted_at": attempted_at,
        "failure": why,
        "failures": sources.c.failures + 1,
        "failing_since": func.coalesce(sources.c.failing_since, attempted_at),
        "failed_at": attempted_at,
        "last_failure": why,
    }
    await connection.execute(update(sources).where(sources.c.name == name).values(noted))


async def gone_of_late(connection: AsyncConnection, name: str, now: datetime) -> frozenset[ElementKey]:
    """The elements that its answers took out or put out of service within :data:`OF_LATE`, since a person last said: right."""
    trusted = await connection.scalar(select(sources.c.trusted_at).where(sources.c.name == name))
    since = max(filter(None, (now - OF_LATE, trusted)))
    own = select(*KEY).where(elements.c.source == name)
    taken_out = own.where(elements.c.taken_out_at > since, elements.c.renamed_to.is_(None))
    # what was in service by the last change before that, or by a later one, and is not now
    last = select(changes.c.revision).where(changes.c.at <= since, changes.c.revision > 0).order_by(changes.c.at.desc())
    upto = await connection.scalar(last.limit(1)) or 0
    versions = select(element_versions.c.in_service).where(element_versions.c.element_id == elements.c.id)
    earlier = versions.where(element_versions.c.revision <= upto).order_by(element_versions.c.revision.desc()).limit(1)
    later = versions.where(element_versions.c.revision > upto, element_versions.c.in_service)
    gone = elements.c.taken_out_at.is_(None) & elements.c.in_service.is_(False)
    put_out = own.where(gone, earlier.scalar_subquery().is_(True) | later.exists())
    found = [row for question in (taken_out, put_out) for row in await connection.execute(question)]
    return frozenset(ElementKey(*row) for row in found)


async def in_force(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    """By source, how many elements, downtimes that are not over, or measurements that count are there of it."""
    there = elements.c.taken_out_at.is_(None)
    lasting = downtimes.c.known_to.is_(None) & (downtimes.c.ends_at.is_(None) | (downtimes.c.ends_at > now))
    counting = evidence.c.valid_until.is_(None) | (evidence.c.valid_until > now)
    found: dict[str, int] = {}
    for table, which in ((elements, there), (downtimes, lasting), (evidence, counting)):
        question = select(table.c.source, func.count()).where(which).group_by(table.c.source)
        found |= {name: found.get(name, 0) + count for name, count in await connection.execute(question)}
    return found


async def coverage(connection: AsyncConnection) -> dict[tuple[str, str], Coverage]:
    """What the configured sources of evidence cover, whether or not they ever answered."""
    return {
        (row.name, row.evidence): Coverage(row.name, row.evidence, row.answered_at, row.valid_until, row.inventories)
        for row in await load(connection)
        if row.evidence
    }


async def save_coverage(connection: AsyncConnection, saved: Coverage) -> None:
    """Keep that a source answered."""
    await note(connection, saved.source, answered_at=saved.answered_at, valid_until=saved.valid_until)

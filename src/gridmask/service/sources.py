"""Sources: how each fares, reading them now, and deciding about answers in quarantine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from prometheus_client import Gauge
from sqlalchemy import Row

from gridmask.domain.actor import Actor
from gridmask.domain.errors import NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.inspection.intake import LAST_GOOD
from gridmask.inspection.isolation import named
from gridmask.inspection.wellbeing import Word, dismiss
from gridmask.plugins import kind_of
from gridmask.series import become
from gridmask.service.reasons import require_text
from gridmask.store import quarantine, sources
from gridmask.store.quarantine import HeldAnswer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.inspector import Inspector
    from gridmask.inspection.intake import Intake
    from gridmask.inspection.plans import Report
    from gridmask.source import Source


FAILURES = Gauge("gridmask_source_failures", "Attempts to read a source that failed since its last usable answer.", ["source"])
IN_FORCE = Gauge("gridmask_source_records", "Elements, downtimes or measurements of a source that are in force.", ["source"])
QUARANTINED = Gauge("gridmask_source_quarantined", "1 while an answer of a source waits in quarantine.", ["source"])
AGE = Gauge("gridmask_source_age_seconds", "How old the last usable answer of a source is.", ["source"])
EVERY = Gauge("gridmask_source_every_seconds", "How often a source is to be asked.", ["source"])
VALID_UNTIL = Gauge(
    "gridmask_source_valid_until_timestamp_seconds", "Until when the silence of a source says something.", ["source"]
)


@dataclass(frozen=True, slots=True)
class Health:
    """How a source fares.

    Attributes:
        noted: what is noted of it.
        now: when that was looked up.
        held: its answer in quarantine, whether it waits for a person or was dropped.
        in_force: how many elements, downtimes that are not over, or measurements that count are there of it.
    """

    noted: Row[Any]
    now: datetime
    held: HeldAnswer | None = None
    in_force: int = 0

    @property
    def state(self) -> str:
        """How it is, in a word.

        ``good``; ``failing`` or ``quarantined`` (its last answer still counts); ``stale`` (it does not); or ``never`` answered.
        """
        if self.noted.answered_at is None:
            return "never"
        if self.noted.valid_until is not None and self.now >= self.noted.valid_until:
            return "stale"
        if self.held is not None and self.held.waits:
            return "quarantined"
        return "failing" if self.noted.failures else "good"

    @property
    def age(self) -> timedelta | None:
        """How old its last usable answer is."""
        return self.now - self.noted.answered_at if self.noted.answered_at else None

    @property
    def between(self) -> timedelta | None:
        """How much time passed between its last two usable answers."""
        noted = self.noted
        return noted.fetched_at - noted.previous_at if noted.fetched_at and noted.previous_at else None

    @property
    def next_at(self) -> datetime | None:
        """When it is asked next, more or less, if somebody is there to ask."""
        noted = self.noted
        return noted.attempted_at + timedelta(seconds=noted.every) if noted.attempted_at and noted.every else None


class Sources:
    """The use cases around sources."""

    def __init__(self, inspector: Inspector, intake: Intake, configured: Sequence[Source]) -> None:
        self._inspector = inspector
        self._intake = intake
        self._configured = configured

    async def health(self) -> list[Health]:
        """How each source fares: those that are configured, and those that nobody reads, whose evidence is brought."""
        now = self._inspector.clock()
        async with self._inspector.database.reading() as connection:
            held, in_force = await quarantine.listed(connection), await sources.in_force(connection, now)
            noted = [*await sources.load(connection), *await sources.brought(connection)]
        found = [Health(row, now, held.get(row.name), in_force.get(row.name, 0)) for row in noted]
        _measure(found)
        return found

    async def quarantined(self, name: str) -> HeldAnswer:
        """The answer of the source called ``name`` that is in quarantine.

        Raises:
            NotKnown: there is none.
        """
        async with self._inspector.database.reading() as connection:
            held = await quarantine.listed(connection)
            known = [row.name for row in await sources.load(connection)]
        if name not in known:
            raise NotKnown("source", name, known)
        if name not in held:
            raise NotKnown("answer in quarantine", name, held)
        return held[name]

    async def accept(self, actor: Actor, name: str, sha256: str, reason: str) -> Report:
        """Take in the answer of the source called ``name`` that is in quarantine, whose hash begins with ``sha256``.

        Raises:
            NotKnown: no such source. Forbidden. InvalidRequest: there is no reason. SourceError: it cannot be read.
            Conflict: something else is in quarantine, or nothing, or what counts no more.
        """
        actor.require(Action.DECIDE_QUARANTINE, ALL)
        word = Word(actor, "answer accepted", require_text(reason, "A reason"))
        [source] = self.chosen([name])
        return await self._intake.accept(source, sha256, word)

    async def drop(self, actor: Actor, name: str, sha256: str, reason: str) -> HeldAnswer:
        """Have the answer of the source called ``name`` that is in quarantine, whose hash begins with ``sha256``, wait no more.

        As long as the source says what would change the same, that is not put before anybody again.

        Raises:
            NotKnown: no such source. Forbidden. InvalidRequest: there is no reason.
            Conflict: something else is in quarantine, or nothing.
        """
        actor.require(Action.DECIDE_QUARANTINE, ALL)
        said = require_text(reason, "A reason")

        async def dropped(connection: AsyncConnection, _: int) -> HeldAnswer:
            known = [row.name for row in await sources.load(connection)]
            if name not in known:
                raise NotKnown("source", name, known)
            held = await named(connection, name, sha256)
            return await dismiss(connection, held, actor, said, self._inspector.clock())

        return await self._inspector.database.change(dropped)

    def chosen(self, names: Sequence[str] = ()) -> list[Source]:
        """The sources called ``names`` in the order in which they are read, inventories first; none: all of them.

        Raises:
            NotKnown: one is not configured.
        """
        return chosen(self._configured, names)

    async def sync(self, actor: Actor, names: Sequence[str] = (), *, force: bool = False) -> AsyncIterator[Report]:
        """Read the sources of :meth:`chosen` now, one after the other. One report at a time, as it is there.

        Raises:
            NotKnown: one is not configured; none is read then. Forbidden.
        """
        actor.require(Action.READ_SOURCES, ALL)
        for source in self.chosen(names):
            yield await self._intake.collect(source, force=force, by=actor)


def _measure(found: Sequence[Health]) -> None:
    """Have metrics tell how sources fare, also those that another process reads; of others nothing."""
    become(FAILURES, {(one.noted.name,): one.noted.failures for one in found})
    become(IN_FORCE, {(one.noted.name,): one.in_force for one in found})
    become(QUARANTINED, {(one.noted.name,): one.held is not None and one.held.waits for one in found})
    become(EVERY, {(one.noted.name,): one.noted.every for one in found if one.noted.every})
    become(VALID_UNTIL, {(one.noted.name,): one.noted.valid_until.timestamp() for one in found if one.noted.valid_until})
    become(AGE, {(one.noted.name,): one.age.total_seconds() for one in found if one.age is not None})
    become(LAST_GOOD, {(one.noted.name,): one.noted.answered_at.timestamp() for one in found if one.noted.answered_at})


def chosen(configured: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """Those ``configured`` that are called ``names`` (none: all), in the order in which they are read: inventories first.

    Raises:
        NotKnown: one is not configured.
    """
    by_name = {source.name: source for source in configured}
    for name in names:
        if name not in by_name:
            raise NotKnown("source", name, by_name)
    wanted = [by_name[name] for name in dict.fromkeys(names)] or list(configured)
    return sorted(wanted, key=lambda source: bool(kind_of(source).evidence))

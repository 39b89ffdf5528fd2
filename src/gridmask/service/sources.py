"""Sources: how each fares, and reading them now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from gridmask.domain.actor import Actor
from gridmask.domain.errors import NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.plugins import kind_of
from gridmask.store import sources

if TYPE_CHECKING:
    from gridmask.inspection.inspector import Inspector
    from gridmask.inspection.intake import Intake
    from gridmask.inspection.plans import Report
    from gridmask.source import Source


@dataclass(frozen=True, slots=True)
class Health:
    """How a source fares."""

    noted: Row[Any]
    now: datetime

    @property
    def state(self) -> str:
        """``good``, ``failing`` (its last answer still counts), ``stale`` (it does not), or ``never`` answered."""
        if self.noted.answered_at is None:
            return "never"
        if self.noted.valid_until is not None and self.now >= self.noted.valid_until:
            return "stale"
        return "failing" if self.noted.failures else "good"


class Sources:
    """The use cases around sources."""

    def __init__(self, inspector: Inspector, intake: Intake, configured: Sequence[Source]) -> None:
        self._inspector = inspector
        self._intake = intake
        self._configured = configured

    async def health(self) -> list[Health]:
        """How each configured source fares."""
        async with self._inspector.database.reading() as connection:
            return [Health(noted, self._inspector.clock()) for noted in await sources.load(connection)]

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
            yield await self._intake.collect(source, force=force)


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

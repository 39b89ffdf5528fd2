"""The cast: those who act in the play. They measure and report, and take decisions, by the use cases that all others have."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from gridmask.demo.deeds import Claim, Deed, Drop
from gridmask.domain.actor import Actor, ActorKind
from gridmask.domain.errors import GridmaskError
from gridmask.domain.rights import Grant, Role
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.demo.play import Play
    from gridmask.demo.readings import Measured

log = structlog.get_logger()

OFTEN = 0.5
"""Seconds between two looks at the script."""

LATE = timedelta(minutes=5)
"""A measurement counts until the next one, and for so long if that does not come."""


@dataclass(slots=True)
class Cast:
    """Acts what ``play`` has for them, on ``made``. Deeds from before ``acted_until`` are not caught up with."""

    play: Play
    made: Installation
    acted_until: datetime
    _reported: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    async def perform(self) -> None:
        """Act for ever. What goes wrong is logged; the play goes on."""
        while True:
            try:
                await self.act()
            except GridmaskError as error:
                log.warning("the play is in trouble", problem=str(error))
            except Exception:
                log.exception("the play met a fault of its own")
            await asyncio.sleep(OFTEN)

    async def act(self) -> None:
        """Do all that is to be done by now."""
        now, since = self.made.clock(), self.acted_until
        self.acted_until = max(now, since)
        await self._report(now)
        for moment, deed in self.play.deeds(since, now):
            await self._do(deed, moment, now)

    async def _report(self, now: datetime) -> None:
        """Report what was measured since the last time, source by source."""
        fresh: defaultdict[tuple[str, str], list[Measured]] = defaultdict(list)
        for measured in self.play.measured(now):
            if self._reported.get(_identity(measured)) != measured.at:
                fresh[measured.series.source, measured.series.vo].append(measured)
        for (source, vo), news in fresh.items():
            listed = [msgspec.Raw(msgspec.json.encode(m.document(m.next_at + LATE))) for m in news]
            await self.made.evidence.report(
                Actor(source, ActorKind.SERVICE, frozenset({Grant(Role.REPORTER, vo)})), source, listed
            )
            self._reported |= {_identity(measured): measured.at for measured in news}

    async def _do(self, deed: Deed, moment: datetime, now: datetime) -> None:
        match deed:
            case Drop():
                await self._drop(deed)
            case Claim():
                until = moment + self.play.span(deed.until - deed.at)
                # whoever was asleep for so long finds it over
                if until > now:
                    await self._claim(deed, until)

    async def _claim(self, deed: Claim, until: datetime) -> None:
        actor = Actor.operator(deed.by, deed.vo)
        rows = [RowName(ElementName(deed.element), vo=deed.vo)]
        await self.made.statuses.set(actor, rows, Status[deed.status.upper()], deed.reason, wanted=Wanted(until=until))

    async def _drop(self, deed: Drop) -> None:
        waiting = [batch for batch in await self.made.batches.list() if str(batch.cause) == deed.cause]
        for batch in waiting:
            await self.made.batches.drop(Actor.administrator(deed.by), batch.id, deed.reason)


def _identity(measured: Measured) -> tuple[str, str, str]:
    series = measured.series
    return series.source, series.vo, f"{series.kind} {sorted(series.about.items())}"

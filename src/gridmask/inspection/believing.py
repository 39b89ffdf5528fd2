"""Believing: what of the results of probes may be concluded from, while it may be us who are cut off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from gridmask.inspection.probe_health import Batch
from gridmask.probes.doubt import Doubt
from gridmask.probes.uplinks import Uplinks
from gridmask.store import beliefs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gridmask.probes.env import Workshop
    from gridmask.probes.schedule import Key
    from gridmask.probes.seen import Seen
    from gridmask.probes.settings import Probes
    from gridmask.store.database import Database

AWAY = "none of our own uplinks answers. Is it our network?"
TOO_MANY = "too many hosts began to fail at once. Is it our network? If not: gridmask probe believe"


class Believing:
    """Remembers who fails, and what was not believed of that.

    A person can say that the failures are real. Then those are believed that too many hosts brought, those of before as well;
    where none of our own uplinks answers, nobody knows better.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], settings: Probes, workshop: Workshop) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._doubt = Doubt(settings.doubt_share, settings.doubt_hosts)
        self.uplinks = Uplinks(settings.uplinks, workshop)
        self._withheld: dict[Key, Seen] = {}

    @property
    def has_withheld(self) -> bool:
        """Whether anything was not believed that may still be."""
        return bool(self._withheld)

    def begin(self, bad: Iterable[Key]) -> None:
        """Begin anew, with what others have found: ``bad`` fail, and are believed to."""
        self._doubt = Doubt(self._settings.doubt_share, self._settings.doubt_hosts)
        self._doubt.recall(bad)
        self._withheld.clear()

    def forget(self, gone: Collection[Key]) -> None:
        """Those are not probed any more."""
        self._doubt.forget(gone)
        for key in gone:
            self._withheld.pop(key, None)

    async def judged(self, seen: Sequence[Seen], now: float) -> Batch:
        """Those of ``seen`` that may be concluded from, and with them what was withheld before, if that may now.

        ``now``: in seconds.
        """
        batch = await self._judged(seen, now)
        for one in (*batch.seen, *batch.held):
            self._withheld.pop(one.key, None)
        if batch.why == TOO_MANY:
            self._withheld.update({one.key: one for one in batch.held})
        if not self._withheld or await self._belief() is None:
            return batch
        released = tuple(self._withheld.values())
        self._doubt.believe(self._withheld)
        self._withheld.clear()
        still = batch.why == AWAY
        return Batch((*batch.seen, *released), batch.held if still else (), batch.why if still else "")

    async def _judged(self, seen: Sequence[Seen], now: float) -> Batch:
        known = [one for one in seen if one.finding.result != "UNKNOWN"]
        bad = [one for one in known if one.finding.is_bad]
        if bad and not await self._are_we_there(bad):
            self._doubt.held([one.outcome for one in known if not one.finding.is_bad], now)
            return _without(seen, {one.key for one in bad}, AWAY)
        return _without(seen, self._doubt.held([one.outcome for one in known], now), TOO_MANY)

    async def _are_we_there(self, bad: Sequence[Seen]) -> bool:
        news = [one.ended for one in bad if self._doubt.is_news(one.outcome)]
        began = min(one.began for one in bad)
        return await self.uplinks.answered_since(began, at_least=max(news, default=float("-inf")))

    async def _belief(self) -> beliefs.Belief | None:
        async with self._database.reading() as connection:
            return await beliefs.in_force(connection, self._clock())


def _without(seen: Sequence[Seen], held: Collection[Key], why: str) -> Batch:
    kept = tuple(one for one in seen if one.key not in held)
    return Batch(kept, tuple(one for one in seen if one.key in held), why if held else "")

"""Trials over time: what policies that nobody put into force would have done instead of those that are. Nothing is written.

What is recorded happens again twice, by the same step: under the policies in force, and under those that are tried, both from
the beginning of the period on. So the two differ by nothing but the policies.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.rights import Action
from gridmask.policies.testing.patience import Exhausted, Patience
from gridmask.replay.comparison import Comparison, compared
from gridmask.service.lookback import DAY, Cost, Outcomes, Span, beginnings, longer, of_vo, replayed
from gridmask.service.policy_trials import draft_of, held_for
from gridmask.service.recordings import beginning
from gridmask.store import recording as store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.guard import Batch
    from gridmask.domain.policy import PolicySet
    from gridmask.inspection.inspector import Inspector
    from gridmask.recording.recording import Recording
    from gridmask.service.recordings import Recordings
    from gridmask.service.vos import Vos
    from gridmask.settings import Settings
    from gridmask.store.recording import Place

DAYS = (1, 7, 30)
"""So many days back one can ask."""

MOST_EVENTS = 5_000
"""So many recorded events are gone through; of a period with more, the last part is."""

MOST_BYTES = 16_000_000
"""So much they may take where they are kept, packed."""

MOST_STEPS = 200_000
"""So many steps may be taken, those included at which only time passes."""

MOST_SECONDS = 10.0
"""So long may they take, all together, while others wait."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What other policies of ``vo`` would have done.

    Attributes:
        vo: whose policies they are.
        days: how many days back somebody asked.
        since, until: the period that was replayed.
        recorded: when what is recorded begins.
        comparison: the policies in force beside those that are tried, on elements that are offered to the VO, as it saw them.
        batches: what the guard would have held of it. Nobody decides about that when it is replayed.
    """

    vo: str
    days: int
    since: datetime
    until: datetime
    recorded: datetime
    comparison: Comparison
    batches: tuple[Batch, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether more is recorded of what was asked for, and would have taken too long."""
        return self.since > max(self.recorded, self.until - self.days * DAY)

    @property
    def begins_late(self) -> bool:
        """Whether less is recorded than was asked for."""
        return self.recorded > self.until - self.days * DAY


class ReplayTrials:
    """The use case around policies that are not in force, and the past.

    One is tried after another, since each needs much in memory. ``clock`` tells seconds that pass.
    """

    def __init__(
        self,
        inspector: Inspector,
        registry: Vos,
        recordings: Recordings,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inspector = inspector
        self._vos = registry
        self._recordings = recordings
        self._records = settings.recording.enabled
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def over(self, actor: Actor, name: str, text: str, days: int) -> Replayed:
        """What would have been in the last ``days``, had ``text`` been the layer of the VO called ``name``.

        Of a period in which too much happened, or that takes too long, the last part is told: as long a one as can be.

        Raises:
            Forbidden. NotKnown: there is no such VO. Conflict: it stands for everyone. LayerRefused: something is wrong in it.
            InvalidRequest: nothing is recorded, or even the shortest period is too much; or one cannot ask so far back.
        """
        vo = await self._vos.resolve(name)
        actor.require(Action.CHECK_POLICIES, vo)
        self._require(days)
        async with self._one_at_a_time:
            async with self._inspector.database.reading() as connection:
                draft = await draft_of(connection, vo, text)
                now = self._inspector.clock()
                recorded, spans = await _spans(connection, now, days)
            span, both = await self._longest(spans, now, (self._inspector.policies, draft.policies))
            made = Replayed(vo, days, span.since, now, recorded, await to_thread.run_sync(_beside, both, vo))
        return replace(made, batches=tuple(_held(both, vo, partial(actor.may, Action.READ))))

    def _require(self, days: int) -> None:
        if days not in DAYS:
            raise InvalidRequest(
                f"One can look back over {', '.join(map(str, DAYS[:-1]))} or {DAYS[-1]} days, not over {days}."
            )
        if not self._records:
            raise InvalidRequest(
                "Nothing is recorded here: it is switched off, by `enabled = false` under [recording]. "
                "What policies would do now can be told all the same."
            )

    async def _longest(
        self, spans: list[Span], until: datetime, policies: tuple[PolicySet, PolicySet]
    ) -> tuple[Span, Outcomes]:
        """The longest of ``spans`` for which there is time, and what became of it: a short one tells how long another takes."""
        patience = Patience(MOST_STEPS, MOST_SECONDS, self._clock)
        end = self._clock() + MOST_SECONDS
        done: tuple[Span, Outcomes] | None = None
        read: tuple[Place, Recording, float] | None = None
        span: Span | None = spans[0]
        while span is not None:
            if read is None or read[0] != span.place:
                read = await self._read(span, until)
            _, recording, reading = read
            began = self._clock()
            try:
                done = span, await to_thread.run_sync(replayed, recording, span.since, policies, patience)
            except Exhausted as error:
                return done or _refused(error)
            now = self._clock()
            span = longer(spans, span, until, Cost(reading, now - began), end - now)
        assert done is not None
        return done

    async def _read(self, span: Span, until: datetime) -> tuple[Place, Recording, float]:
        """What is recorded from where ``span`` is replayed from, and how long it took to read it."""
        began = self._clock()
        recording = await self._recordings.period(span.since, until)
        return span.place, recording, self._clock() - began


def _refused(error: Exhausted) -> tuple[Span, Outcomes]:
    raise InvalidRequest(
        f"Even of the shortest period, too much is recorded to be replayed here: {error}. `gridmask replay` has no such bound."
    ) from error


async def _spans(connection: AsyncConnection, now: datetime, days: int) -> tuple[datetime, list[Span]]:
    """When what is recorded begins; and the periods that can be replayed, the shortest first."""
    places = await store.worlds(connection)
    first = beginning(places, None)
    if first.at >= now:
        raise InvalidRequest("What is recorded begins only now. Ask again in a while.")
    events: dict[Place, int] = {}
    spans = []
    for since in beginnings(first.at, now, days):
        place = beginning(places, since)
        if place not in events:
            [size] = await store.sizes(connection, [place])
            events[place] = await store.count(connection, place.follows, now)
            if size > MOST_BYTES or events[place] > MOST_EVENTS:
                break
        spans.append(Span(since, place, events[place]))
    if not spans:
        raise InvalidRequest(
            "Even in the last day, too much happened to be replayed here: `gridmask replay` has no such bound."
        )
    return first.at, spans


def _beside(both: Outcomes, vo: str) -> Comparison:
    made = compared(of_vo(both[0], vo), of_vo(both[1], vo))
    return replace(made, differing=tuple(one for one in made.differing if vo in one.vos))


def _held(both: Outcomes, vo: str, reads: Callable[[str], bool]) -> Iterator[Batch]:
    """What the guard holds under the policies that are tried, and not under those in force."""
    in_force, tried = both
    yield from held_for(vo, (batch for name, batch in tried.batches.items() if name not in in_force.batches), reads)

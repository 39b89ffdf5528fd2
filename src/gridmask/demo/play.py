"""The play: the script by the clock, week after week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import floor
from operator import itemgetter
from typing import TYPE_CHECKING

from gridmask.demo.readings import Measured
from gridmask.demo.script import WEEK, Script, the_script
from gridmask.demo.world import World, the_world
from gridmask.service.demonstration import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.demo.deeds import Deed
    from gridmask.demo.script import Incident, Mischief, Registry, Tale, Trouble

HOUR = timedelta(seconds=5)
"""How long an hour of the grid takes. A minute is half a day then, so that OSG, whose times are full minutes, can keep up."""

COMPRESSION = "One hour of the grid passes in five seconds, and its week of five days in ten minutes."

ANNOUNCED_NEXT = 3
"""So many scenes are told before they begin."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

_ERA = datetime(2020, 1, 6, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Announced:
    """An incident as its registry lists it.

    Attributes:
        number: of its own in each week.
        incident: what it is.
        inserted: when it was first listed.
        start, end: from when to when it lasts, as is published now.
    """

    number: int
    incident: Incident
    inserted: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Play:
    """Plays ``script`` in ``world``, from the full minute before ``began_at``. What it tells follows from the time alone."""

    began_at: datetime
    world: World = field(default_factory=the_world, repr=False)
    script: Script = field(default_factory=the_script, repr=False)

    @property
    def compression(self) -> str:
        """See :class:`~gridmask.service.demonstration.Demonstration`."""
        return COMPRESSION

    def moment(self, hour: float, week: int = 0) -> datetime:
        """The real time of ``hour`` in ``week``; the play begins with the hour 0 of week 0."""
        return self.began_at.replace(second=0, microsecond=0) + (week * WEEK + hour) * HOUR

    def span(self, hours: float) -> timedelta:
        """How long ``hours`` of the grid take."""
        return hours * HOUR

    def week(self, now: datetime) -> int:
        """Which week it is at ``now``."""
        return floor((now - self.moment(0)) / HOUR / WEEK)

    def hour(self, now: datetime, week: int) -> float:
        """The hour at ``now``, since ``week`` began."""
        return (now - self.moment(0, week)) / HOUR

    def told_time(self, now: datetime) -> str:
        """See :class:`~gridmask.service.demonstration.Demonstration`; to the hour."""
        day, hour = divmod(floor(self.hour(now, self.week(now))), 24)
        return f"{_DAYS[day]} {hour:02}:00"

    def announced(self, registry: Registry, now: datetime) -> Iterator[Announced]:
        """What ``registry`` lists at ``now``: of this week and the one before, and what is announced of the next."""
        for week in self._weeks(now):
            began, hour = self.moment(0, week), self.hour(now, week)
            for place, incident in enumerate(self.script.incident):
                version = incident.version(hour) if incident.registry == registry else None
                if version is not None:
                    inserted, start, end = (began + h * HOUR for h in (incident.announced, version.start, version.end))
                    yield Announced(self._number(place, began), incident, inserted, start, end)

    def running(self, now: datetime) -> frozenset[int]:
        """The numbers of the incidents that are published to be running at ``now``."""
        listed = (a for registry in ("gocdb", "osg") for a in self.announced(registry, now))
        return frozenset(a.number for a in listed if a.start <= now < a.end)

    def mischief(self, registry: Registry, now: datetime) -> Mischief | None:
        """How ``registry`` fails at ``now``; None: it does not."""
        hour = self.hour(now, self.week(now))
        return next((t.kind for t in self.script.trouble if t.registry == registry and t.is_on(hour)), None)

    def measured(self, now: datetime) -> Iterator[Measured]:
        """What was measured last by ``now``, of each series."""
        for series in self.script.measured:
            dated = [(self.moment(reading.at, week), reading) for week in self._weeks(now) for reading in series.readings]
            at, reading = max(((at, reading) for at, reading in dated if at <= now), key=itemgetter(0))
            yield Measured(series, reading, at, min(at for at, _ in dated if at > now))

    def deeds(self, after: datetime, until: datetime) -> list[tuple[datetime, Deed]]:
        """What people do after the moment ``after``, up to ``until``, in order."""
        every: tuple[Deed, ...] = (*self.script.drop, *self.script.claim)
        dated = ((self.moment(deed.at, week), deed) for week in self._weeks(until) for deed in every)
        return sorted(((at, deed) for at, deed in dated if after < at <= until), key=itemgetter(0))

    def scenes(self, now: datetime) -> tuple[Scene, ...]:
        """See :class:`~gridmask.service.demonstration.Demonstration`."""
        scenes = (_scene(part, self.moment(0, week)) for week in self._weeks(now) for part in self.script.told)
        every = sorted(scenes, key=lambda scene: scene.starts_at)
        ahead = [scene for scene in every if scene.starts_at > now]
        return (*(scene for scene in every if scene.is_on(now)), *ahead[:ANNOUNCED_NEXT])

    def _weeks(self, now: datetime) -> range:
        week = self.week(now)
        return range(week - 1, week + 2)

    def _number(self, place: int, began: datetime) -> int:
        # the same incident is another one each week, also after a new start of the play
        return floor((began - _ERA) / timedelta(minutes=1)) * len(self.script.incident) + place


def _scene(part: Incident | Trouble | Tale, began: datetime) -> Scene:
    start, end = part.watched
    return Scene(part.title, part.text, began + start * HOUR, began + end * HOUR)

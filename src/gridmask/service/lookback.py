"""Looking back: how much of what is recorded can be gone through while somebody waits, and what policies make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL
from gridmask.policies.testing.patience import Exhausted, Patience
from gridmask.replay.gathering import outcome
from gridmask.replay.outcome import Outcome
from gridmask.replay.replaying import Played, as_it_was, otherwise
from gridmask.replay.running.feed import Feed
from gridmask.replay.running.plan import compiled

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet
    from gridmask.recording.recording import Recording
    from gridmask.replay.outcome import Moment, Past
    from gridmask.store.recording import Place

DAY = timedelta(days=1)

Outcomes = tuple[Outcome, Outcome]
"""What became of a period under the policies in force, and what would have."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period up to now that can be replayed.

    Attributes:
        since: when it begins.
        place: the recorded world that it is replayed from.
        events: how many events are to be gone through from there on.
    """

    since: datetime
    place: Place
    events: int


def beginnings(recorded: datetime, now: datetime, days: int) -> list[datetime]:
    """Where periods of whole days up to ``now`` begin, the shortest first; none of them before anything was ``recorded``."""
    each = (max(recorded, now - number * DAY) for number in range(1, days + 1))
    return list(dict.fromkeys(each))


@dataclass(frozen=True, slots=True)
class Cost:
    """How many seconds something took: to read what is recorded, and to have it happen again."""

    reading: float
    playing: float


def longer(spans: Iterable[Span], done: Span, until: datetime, cost: Cost, left: float) -> Span | None:
    """The longest of ``spans`` that fits into the seconds ``left``, by what ``done`` cost; None: there is none.

    What is replayed from the same world is read already.
    """

    def is_possible(one: Span) -> bool:
        more = one.events / max(done.events, 1)
        reading = 0.0 if one.place == done.place else cost.reading * more
        return one.since < done.since and reading + cost.playing * max(more, (until - one.since) / (until - done.since)) <= left

    return min(filter(is_possible, spans), key=lambda one: one.since, default=None)


def replayed(recording: Recording, since: datetime, policies: tuple[PolicySet, PolicySet], patience: Patience) -> Outcomes:
    """What becomes of ``recording`` from ``since`` on under each of ``policies``.

    Raises:
        Exhausted: it takes too long. InvalidConfiguration: something that was recorded cannot be read.
    """
    opened, until = recording.opened(compiled), recording.until
    state = opened.state
    for one in _kept(as_it_was(state, Feed(recording.lines, opened.policies, until).before(since)), patience):
        state = one.after

    def under(these: PolicySet) -> Outcome:
        feed = Feed((line for line in recording.lines if line.at >= since), opened.policies, until)
        return outcome(state, _kept(otherwise(state, feed, these, since, until), patience), since, until)

    return under(policies[0]), under(policies[1])


def _kept(some: Iterable[Played], patience: Patience) -> Iterator[Played]:
    for one in some:
        patience.step()
        if patience.lost:
            raise Exhausted(patience.lost)
        yield one


def of_vo(of: Outcome, vo: str) -> Outcome:
    """What of an outcome concerns ``vo``: the elements that are offered to it by now, and the rows that it sees of them."""
    known = tuple(one for one in of.versions if one.downtime.vo in {ALL, vo})
    pasts = {key: replace(past, rows=_rows(past, vo)) for key, past in of.pasts.items() if _is_shown(past, vo)}
    there = {name: presences for name, presences in of.vos.items() if name == vo}
    return replace(of, pasts=pasts, vos=there, versions=known, deeds=(), batches={})


def _is_shown(past: Past, vo: str) -> bool:
    element = past.described[-1].element if past.described else None
    return element is not None and element.is_offered_to(vo)


def _rows(past: Past, vo: str) -> Mapping[tuple[str, str], tuple[Moment, ...]]:
    return {name: moments for name, moments in past.rows.items() if name[1] in {ALL, vo}}

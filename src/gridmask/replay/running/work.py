"""Work: plays one part of a plan from its beginning, or from where it was stopped, to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING

import msgspec

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.events import PoliciesLoaded
from gridmask.recording import file
from gridmask.recording.world import World
from gridmask.replay.agenda import Agenda
from gridmask.replay.changes import at_first, made_by
from gridmask.replay.replaying import Course, onwards
from gridmask.replay.revisions import makes_revision
from gridmask.replay.running import resumption
from gridmask.replay.running.feed import Feed
from gridmask.replay.running.parting import Part
from gridmask.replay.running.plan import Plan, compiled
from gridmask.replay.running.resumption import Kept
from gridmask.replay.running.sums import Sums, Trouble

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.state import State
    from gridmask.recording.happening import Happening
    from gridmask.recording.recording import Recording
    from gridmask.replay.changes import Change
    from gridmask.replay.replaying import Played

OFTEN = 20.0
"""Seconds between two moments at which it is kept how far it is."""

AT_FIRST, IN_TIME, AS_TOLD = 0, 1, 2
"""What a line comes from: how everything stood, time alone before something happened, or that it did."""

_IMPOSSIBLE = (msgspec.ValidationError, TypeError, KeyError, ValueError, AttributeError, OverflowError)
"""What comes of forms that are right and say what nobody ever said, such as a time without a zone."""

_encode = msgspec.json.Encoder().encode


def work(directory: Path, number: int, plan: Plan, stopped: Callable[[], bool], heard: Callable[[int], None]) -> Sums | None:
    """Do part ``number`` of the ``plan`` that is kept in ``directory``; None: it was stopped.

    Args:
        directory: where its lines go, and how far it is.
        number: of the part.
        plan: the plan.
        stopped: whether it is to stop.
        heard: is told how many lines of the recording are done with.

    Raises:
        InvalidConfiguration: the recording tells something that cannot be.
    """
    kept = resumption.recall(directory, number)
    if kept is not None and kept.done:
        return kept.sums
    try:
        return _worked(directory, number, plan, kept, stopped, heard)
    except _IMPOSSIBLE as error:
        what = (
            f"tells something that cannot be ({type(error).__name__}: {error}). If Gridmask wrote it, the fault is Gridmask's"
        )
        raise InvalidConfiguration(plan.recording, what) from error


def _worked(
    directory: Path, number: int, plan: Plan, kept: Kept | None, stopped: Callable[[], bool], heard: Callable[[int], None]
) -> Sums | None:
    recording = file.read(Path(plan.recording))
    with resumption.lines_of(directory, number).open("ab") as lines:
        lines.truncate(kept.written if kept else 0)
        run = _Run(plan, Part(plan, number), recording, kept, lines)
        last = monotonic()
        for done in run.steps():
            heard(done)
            stopping = stopped()
            if stopping or monotonic() > last + OFTEN:
                run.keep(directory, number)
                last = monotonic()
            if stopping:
                return None
        run.keep(directory, number, done=True)
    return run.sums


class _Run:
    """A part while it is worked on."""

    def __init__(self, plan: Plan, part: Part, recording: Recording, kept: Kept | None, lines: IO[bytes]) -> None:
        self._plan, self._part, self._lines = plan, part, lines
        self._chosen = plan.policy_set()
        self._opened = recording.opened(compiled)
        self._lived = recording.lived
        world = kept.world if kept else recording.world
        self._began_at = recording.world.at
        self._feed = Feed(recording.lines, self._policies, plan.until, kept.consumed if kept else 0)
        self._course = Course(part.of(world.state(self._policies)))
        self._agenda = Agenda(self._course.state, kept.noted if kept and kept.loaded else None)
        self._told = bool(kept and kept.opened)
        self._loaded = bool(kept and kept.loaded)
        self._at = kept.sums.reached if kept and kept.sums.reached else world.at
        self._consumed = self._feed.number
        self.sums = kept.sums if kept else Sums()

    def _policies(self, revision: str) -> PolicySet:
        chosen = self._chosen
        return chosen if chosen is not None and chosen.revision == revision else self._opened.policies(revision)

    def steps(self) -> Iterator[int]:
        """Play what is left; after each step, how many lines of the recording are done with."""
        for played in self._played():
            self._take(played)
            yield self._consumed
        self._tell_first(self._course.state)
        self.sums.happened = self._consumed

    def _played(self) -> Iterator[Played]:
        if self._chosen is None:
            yield from self._as_it_was(self._feed)
            return
        if not self._loaded:
            # what others put together was never decided about: it is from its beginning on
            begin = max(self._plan.since, self._began_at) if self._lived else self._began_at
            yield from self._as_it_was(self._feed.before(begin))
            self._loaded = True
            loaded = self._course.take(begin, PoliciesLoaded(self._chosen))
            self._agenda = Agenda(self._course.state)
            yield loaded
        yield from onwards(self._course, self._agenda, self._part.happening_to(self._feed), self._plan.until)

    def _as_it_was(self, feed: Iterator[Happening]) -> Iterator[Played]:
        for one in self._part.happening_to(feed):
            yield self._course.take(one.at, one.event, one)

    def _take(self, played: Played) -> None:
        told = played.happening is not None or isinstance(played.event, PoliciesLoaded)
        # what time alone does comes before something that was handed out, and has not happened yet
        waits = not told and not self._feed.exhausted
        self._consumed = self._feed.number - 1 if waits else self._feed.number
        self._at = played.at
        self._compare(played)
        if played.at >= self._plan.since:
            self._tell_first(played.before)
            place = self._consumed if told else self._consumed + 1
            for change in made_by(played, decisions=self._plan.decisions):
                self._write(place, AS_TOLD if told else IN_TIME, change)

    def _compare(self, played: Played) -> None:
        one = played.happening
        if one is None or not self._part.tells(one.event):
            return
        if played.refusal is not None:
            self.sums.refused += 1
            self.sums.first_refused = self.sums.first_refused or self._trouble(played, str(played.refusal))
        if self._lived and not self._loaded:
            made = makes_revision(played.before, played.instructions)
            if made is not (one.revision is not None):
                self.sums.differing += 1
                told = "makes a revision, and made none then" if made else f"makes no revision, and made {one.revision} then"
                self.sums.first_differing = self.sums.first_differing or self._trouble(played, told)

    def _trouble(self, played: Played, text: str) -> Trouble:
        return Trouble(self._feed.number, played.at, type(played.event).__name__, text)

    def _tell_first(self, state: State) -> None:
        if not self._told:
            self._told = True
            for change in at_first(state, self._plan.since):
                self._write(0, AT_FIRST, change)

    def _write(self, place: int, phase: int, change: Change) -> None:
        self.sums.count(change)
        self._lines.write(_encode((place, phase, change)) + b"\n")

    def keep(self, directory: Path, number: int, *, done: bool = False) -> None:
        """Keep how far it is."""
        self._lines.flush()
        self.sums.reached = self._plan.until if done else self._at
        resumption.keep(
            Kept(
                consumed=self._consumed,
                world=World.of(self._course.state, self._at),
                sums=self.sums,
                written=self._lines.tell(),
                opened=self._told,
                loaded=self._loaded,
                noted=self._agenda.noted if self._loaded else (),
                done=done,
            ),
            directory,
            number,
        )

"""Outcomes of plans: each is played, its parts beside those of the others, and only what changes is kept."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.events import PoliciesLoaded
from gridmask.memory import relax_collector
from gridmask.recording import file
from gridmask.replay.agenda import Agenda
from gridmask.replay.gathering import Gatherer
from gridmask.replay.merging import merged
from gridmask.replay.outcome import Outcome
from gridmask.replay.replaying import Course, Played, onwards
from gridmask.replay.running.feed import Feed
from gridmask.replay.running.parting import Part
from gridmask.replay.running.plan import Plan, compiled

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.state import State
    from gridmask.recording.happening import Happening
    from gridmask.recording.recording import Recording


class Taker(Protocol):
    """Takes in what is played."""

    def take(self, played: Played) -> None:
        """Take in that something happened."""


class Nobody:
    """Takes in nothing."""

    def __init__(self, state: State, since: datetime) -> None:
        del state, since

    def take(self, played: Played) -> None:
        """Do nothing."""


W = TypeVar("W", bound=Taker)

Task = tuple[Plan, int]
"""A part of a plan."""

WORTHWHILE = 2_000
"""With so many things that happened, it is quicker to begin further processes than to do all in one."""


def _unheard(done: int, of: int) -> None:
    del done, of


def outcomes(plans: Sequence[Plan], heard: Callable[[int, int], None] = _unheard) -> list[Outcome]:
    """What becomes of the recording by each of ``plans``.

    Args:
        plans: what is to be played; all of the same recording.
        heard: is told how many parts are done, of how many.

    Raises:
        InvalidConfiguration: a recording cannot be read.
    """
    tasks = [(plan, number) for plan in plans for number in range(plan.parts)]
    processes = min(len(tasks), len(os.sched_getaffinity(0)))
    done = _beside(tasks, processes, heard) if processes > 1 and _is_long(plans) else _in_turn(tasks, heard)
    parts = iter(done)
    return [merged([next(parts) for _ in range(plan.parts)]) for plan in plans]


def _is_long(plans: Iterable[Plan]) -> bool:
    lines = file.read(Path(next(iter(plans)).recording)).lines
    return isinstance(lines, file.Lines) and lines.count >= WORTHWHILE


def _in_turn(tasks: Sequence[Task], heard: Callable[[int, int], None]) -> list[Outcome]:
    found = []
    for task in tasks:
        found.append(outcome_of(*task))
        heard(len(found), len(tasks))
    return found


def _beside(tasks: Sequence[Task], processes: int, heard: Callable[[int, int], None]) -> list[Outcome]:
    with ProcessPoolExecutor(processes, mp.get_context("spawn"), _begun) as pool:
        futures = [pool.submit(outcome_of, *task) for task in tasks]
        waiting = set(futures)
        try:
            while waiting:
                _, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                heard(len(tasks) - len(waiting), len(tasks))
            return [future.result() for future in futures]
        except BrokenProcessPool as error:
            raise InvalidConfiguration("replay", "one of its processes died; there may be too little memory") from error
        except BaseException:
            # whoever is interrupted does not wait for the others
            for process in mp.active_children():
                process.terminate()
            raise


def _begun() -> None:
    """Prepare one of the processes."""
    # Ctrl-C reaches all of them: whoever began them ends them
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    relax_collector()


def outcome_of(plan: Plan, number: int = 0) -> Outcome:
    """What becomes of part ``number`` of ``plan``."""
    return gathered(plan, number, Nobody)[0]


def gathered(plan: Plan, number: int, watching: Callable[[State, datetime], W]) -> tuple[Outcome, W]:
    """The same, with who was ``watching`` it."""
    recording = file.read(Path(plan.recording))
    course = _course(plan, number, recording)
    takers, state = None, course.state
    for played in _played(plan, Part(plan, number), recording, course):
        if played.at < plan.since:
            state = played.after
            continue
        # not as it is before what is played: what was over by then is forgotten there
        takers = takers or (Gatherer(state, plan.since), watching(state, plan.since))
        for one in takers:
            one.take(played)
    gatherer, watcher = takers or (Gatherer(state, plan.since), watching(state, plan.since))
    return gatherer.outcome(plan.until), watcher


def _course(plan: Plan, number: int, recording: Recording) -> Course:
    return Course(Part(plan, number).of(recording.opened(compiled).state))


def _played(plan: Plan, part: Part, recording: Recording, course: Course) -> Iterator[Played]:
    chosen, opened = plan.policy_set(), recording.opened(compiled)
    feed = Feed(recording.lines, opened.policies, plan.until)

    def as_it_was(some: Iterator[Happening]) -> Iterator[Played]:
        return (course.take(one.at, one.event, one) for one in part.happening_to(some))

    if chosen is None:
        yield from as_it_was(feed)
        return
    # what others put together was never decided about: it is from its beginning on
    begin = max(plan.since, recording.world.at) if recording.lived else recording.world.at
    yield from as_it_was(feed.before(begin))
    yield course.take(begin, PoliciesLoaded(chosen))
    yield from onwards(course, Agenda(course.state), part.happening_to(feed), plan.until)

"""Together: the parts of a replay, each in a process of its own, and their lines as those of one."""

from __future__ import annotations

import multiprocessing as mp
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from heapq import merge
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.domain.errors import GridmaskError, InvalidConfiguration
from gridmask.memory import relax_collector
from gridmask.replay.changes import Change
from gridmask.replay.running import resumption
from gridmask.replay.running.plan import Plan
from gridmask.replay.running.sums import Sums
from gridmask.replay.running.work import work

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

Stopped = Callable[[], bool]
Heard = Callable[[int], None]

AWAKE = 0.2
"""Seconds between two looks at the processes."""

TOLD = 0.5
"""Seconds between two times that a process tells how far it is."""


def run(directory: Path, plan: Plan, stopped: Stopped, heard: Heard) -> Sums | None:
    """Do what is left of the ``plan`` that is kept in ``directory``; None: it was stopped, and can be gone on with.

    Args:
        directory: where it is done.
        plan: what is to be done.
        stopped: whether to stop.
        heard: is told how many lines of the recording are done with.

    Raises:
        InvalidConfiguration: the recording tells something that cannot be.
    """
    relax_collector()
    if plan.parts == 1:
        return work(directory, 0, plan, stopped, heard)
    sums = _Crew(directory, plan).done(stopped, heard)
    return None if None in sums else reduce(Sums.plus, (one for one in sums if one is not None))


def lines(directory: Path, plan: Plan) -> Iterator[Change]:
    """All lines that were made, in their order, which is that of one process."""
    parts = (_read(resumption.lines_of(directory, number)) for number in range(plan.parts))
    return (change for _, _, change in merge(*parts, key=_order))


def _read(path: Path) -> Iterator[tuple[int, int, Change]]:
    decode = msgspec.json.Decoder(tuple[int, int, Change]).decode
    with path.open("rb") as file:
        yield from map(decode, file)


def _order(line: tuple[int, int, Change]) -> tuple[Any, ...]:
    place, phase, change = line
    return place, phase, change.at, change.element


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    says: Connection
    done: int = 0
    sums: Sums | None = None
    problem: str = ""


class _Crew:
    """The processes."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        context = mp.get_context("spawn")
        self._stop = context.Event()
        self._workers: list[_Worker] = []
        for number in range(plan.parts):
            ours, theirs = context.Pipe(duplex=False)
            arguments = (str(directory), number, plan, self._stop, theirs)
            process = context.Process(target=_worked, args=arguments, name=f"replay-{number}", daemon=True)
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def done(self, stopped: Stopped, heard: Heard) -> list[Sums | None]:
        """What each came to, once all are done; None: it was stopped."""
        try:
            self._listen(stopped, heard)
        finally:
            # whoever fails or is stopped stops the others
            self._stop.set()
            for worker in self._workers:
                worker.process.join()
        problem = next((worker.problem for worker in self._workers if worker.problem), None)
        if problem is not None:
            raise InvalidConfiguration("replay", problem)
        return [worker.sums for worker in self._workers]

    def _listen(self, stopped: Stopped, heard: Heard) -> None:
        open_ = {worker.says: worker for worker in self._workers}
        while open_:
            for connection in wait(list(open_), timeout=AWAKE):
                worker = open_[connection]  # type: ignore[index]  # it is one of those
                if not self._hear(worker):
                    del open_[worker.says]
            heard(min(worker.done for worker in self._workers))
            if stopped() or any(worker.problem for worker in self._workers):
                self._stop.set()

    def _hear(self, worker: _Worker) -> bool:
        """Take in what ``worker`` says; whether it may say more."""
        try:
            said = worker.says.recv()
        except EOFError:
            worker.problem = "one of its processes died; go on with --resume"
            return False
        if isinstance(said, int):
            worker.done = said
            return True
        worker.sums, worker.problem = said
        return False


def _worked(directory: str, number: int, plan: Plan, stop: Any, says: Connection) -> None:  # noqa: ANN401 - an event
    """One of the processes."""
    # Ctrl-C reaches all of them: whoever began them tells them to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    relax_collector()
    parent, last = mp.parent_process(), monotonic()

    def heard(done: int) -> None:
        nonlocal last
        if monotonic() > last + TOLD:
            last = monotonic()
            says.send(done)
            if parent is not None and not parent.is_alive():
                stop.set()

    with suppress(BrokenPipeError):
        try:
            says.send((work(Path(directory), number, plan, stop.is_set, heard), ""))
        except GridmaskError as error:
            says.send((None, str(error)))

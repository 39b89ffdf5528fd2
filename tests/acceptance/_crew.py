"""The writers of a campaign, each a process of its own: started, listened to, killed, started again."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from tests.acceptance import _worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path
    from random import Random

    from tests.acceptance._notes import Notes

DIES_WITHIN = 20.0  # seconds


def nursery() -> multiprocessing.context.ForkServerContext:
    """Where writers come from: a process that has imported everything, so that a new one writes within a moment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_worker.__name__])
    return context


class WriterFailed(Exception):
    """A writer ended that nobody killed; what it printed tells why."""


@dataclass
class Member:
    """A writer. ``expected``: it is to die."""

    slot: int
    process: ForkServerProcess
    pipe: Connection
    expected: bool = False
    gone: bool = False


@dataclass
class Crew:
    """Some writers to one database, which may have several addresses."""

    urls: list[str]
    folder: Path
    random: Random
    notes: Notes
    members: dict[int, Member] = field(default_factory=dict)
    born: int = 0
    acks: dict[int, int] = field(default_factory=dict)
    context: multiprocessing.context.ForkServerContext = field(default_factory=nursery)

    def start(self, slot: int) -> None:
        """A writer in place ``slot``, in which there is none."""
        self.born += 1
        ours, theirs = self.context.Pipe()
        url = self.urls[slot % len(self.urls)]
        arguments = (theirs, url, str(self.folder), f"w{slot}.{self.born}", self.random.randrange(2**32))
        process = self.context.Process(target=_worker.main, args=arguments, daemon=True)
        process.start()
        theirs.close()
        self.members[slot] = Member(slot, process, ours)
        self.acks[slot] = 0

    def listen(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Take down what writers say, for so long, or until something is so."""
        deadline = time.monotonic() + seconds
        while not until() and (left := deadline - time.monotonic()) > 0:
            self._hear_those(left)

    def hear_out(self) -> None:
        """Take down all that has been said already."""
        while self._hear_those(0):
            pass

    def _hear_those(self, seconds: float) -> bool:
        """Hear one word of each who speaks within so long. Returns whether anybody did."""
        listening = [member for member in self.members.values() if not member.gone]
        ready = wait([member.pipe for member in listening], seconds)
        for member in listening:
            if member.pipe in ready:
                self._hear(member)
        return bool(ready)

    def _hear(self, member: Member) -> None:
        try:
            note = json.loads(member.pipe.recv_bytes())
        except (EOFError, ConnectionResetError):
            member.gone = True
            if not member.expected:
                raise WriterFailed(f"writer {member.slot} ended by itself") from None
            return
        self.notes.take(note)
        self.acks[member.slot] += note["say"] == "ack"

    def kill(self, slot: int) -> None:
        """Kill the writer in ``slot``, whatever it does, and hear its last words."""
        member = self.members[slot]
        member.expected = True
        member.process.kill()
        self._bury(member)

    def trap(self, slot: int, place: str, count: int) -> None:
        """Have the writer in ``slot`` die at the ``count``th ``place`` from now on, and hear its last words."""
        member = self.members[slot]
        member.expected = True
        self._tell(member, {"place": place, "count": count})
        self.listen(DIES_WITHIN, lambda: member.gone)
        member.process.kill()  # where it never got there
        self._bury(member)

    def dismiss(self) -> None:
        """Have all writers stop when they are done with what they do."""
        for member in self.members.values():
            member.expected = True
            self._tell(member, {"stop": True})
        self.listen(DIES_WITHIN, lambda: all(member.gone for member in self.members.values()))
        for member in self.members.values():
            member.process.kill()
            self._bury(member)
        self.members = {}

    def _tell(self, member: Member, message: dict[str, object]) -> None:
        try:
            member.pipe.send_bytes(json.dumps(message).encode())
        except (BrokenPipeError, ConnectionResetError):
            return

    def _bury(self, member: Member) -> None:
        self.listen(DIES_WITHIN, lambda: member.gone)
        member.process.join()
        member.pipe.close()

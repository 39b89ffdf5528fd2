"""Streams: from the commit of a change to every reader of a mask's stream, beside a bare ASGI app that writes the same bytes.

Server and readers are processes of their own on this machine, which share its processors; a reader is a socket that epoll looks
after. What a change took of the server's processor is divided by the readers, and so is its memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

ROWS = 1_000
EVENT = 330
"""Bytes of data of the bare app's event: those of a change of one row."""

PROCESSES = 2
CHANGES = 6
STREAM = "/api/v1/masks/vo/stream"


@dataclass(frozen=True, slots=True)
class Heard:
    """How changes were heard.

    Attributes:
        what: by whom they were told.
        readers, slow: how many heard them, and how many others took nothing of what they were told.
        seconds: after the commit, of each reader and change, in order.
        missed: how many did not hear one.
        processor: seconds of the server's processor that a change took for each reader.
        memory: bytes of the server's memory for each reader.
        joined: seconds until all had begun to hear.
    """

    what: str
    readers: int
    slow: int
    seconds: tuple[float, ...] = field(repr=False)
    missed: int
    processor: float
    memory: float
    joined: float

    def at(self, share: float) -> float:
        """The seconds within which this share of all was heard."""
        return self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


def measure(readers: int) -> Iterator[Heard]:
    """All figures for so many readers."""
    slow = max(readers // 100, 1)
    yield _heard("bare ASGI app", ("bare", EVENT), readers, 0)
    yield _heard("Gridmask", ("gridmask", ROWS), readers, 0)
    yield _heard("Gridmask, 1 % slow", ("gridmask", ROWS), readers, slow)


def _heard(what: str, server: tuple[str, int], readers: int, slow: int) -> Heard:
    with ExitStack() as stack:
        serving = stack.enter_context(_process("benchmarks.streams_servers", *map(str, server)))
        port = serving.told()["port"]
        before = serving.asked("memory")["memory"]
        began = time.monotonic()
        listening = [
            stack.enter_context(
                _process("benchmarks.streams_readers", str(port), STREAM, str(readers // PROCESSES), str(slow // PROCESSES), "1")
            )
            for _ in range(PROCESSES)
        ]
        there = sum(one.told() for one in listening)
        joined = time.monotonic() - began
        memory = (serving.asked("memory")["memory"] - before) / readers
        seconds, processor = [], []
        for _ in range(CHANGES):
            for one in listening:
                one.tell("hear")
            at = serving.asked("change")["at"]
            seconds += [moment - at for one in listening for moment in one.told()]
            processor.append(serving.told()["processor"] / readers)
        missed = (readers - slow) * CHANGES - len(seconds) + (readers - slow - there)
        return Heard(
            what, readers, slow, tuple(sorted(seconds)), missed, sorted(processor)[CHANGES // 2], memory, joined
        )


@dataclass(frozen=True, slots=True)
class _Process:
    process: subprocess.Popen[str]

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def told(self) -> Any:  # noqa: ANN401 - whatever it says
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"{self.process.args!r} ended"
        return json.loads(line)

    def asked(self, line: str) -> Any:  # noqa: ANN401 - whatever it says
        self.tell(line)
        return self.told()


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[_Process]:
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _Process(process)
        finally:
            process.kill()

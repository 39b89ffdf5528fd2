"""Streams: from the commit of a change to every reader of a mask's stream, beside a bare ASGI app that writes the same bytes.

Server and readers are processes of their own on this machine, which share its processors; a reader is a socket that epoll looks
after. What a change took of the server's processor is divided by the readers, and so is its memory.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

ROWS = 1_000
EVENT = 330
"""Bytes of data of the bare app's event: those of a change of one row."""

PROCESSES = 2
CHANGES = 6
PAUSE = 1.0
"""Seconds between two changes."""

STREAM = "/api/v1/masks/vo/stream"


@dataclass(frozen=True, slots=True)
class Heard:
    """How changes were heard.

    Attributes:
        what: by whom they were told.
        readers, slow: how many heard them, and how many others took nothing of what they were told.
        seconds: after the commit, of each reader and change, in order.
        missed: how many did not hear one.
        processor: seconds of the server's processor that a change took for each reader, with all else that it does meanwhile.
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
    yield _heard("bare ASGI app", readers, kind="bare")
    yield _heard("Gridmask", readers)
    yield _heard("1 % are slow", readers, slow=max(readers // 100, 1))
    yield _heard("another process", readers, of_another=True)
    redis = shutil.which("redis-server")
    if redis is not None:
        with _redis(redis) as url:
            yield _heard("..., by Redis", readers, of_another=True, redis=url)


def _heard(
    what: str, readers: int, *, kind: str = "gridmask", slow: int = 0, of_another: bool = False, redis: str = ""
) -> Heard:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmask-streams-"))
        said = [folder, str(EVENT if kind == "bare" else ROWS), *([redis] if redis else [])]
        serving = stack.enter_context(_process("benchmarks.streams_servers", kind, *said))
        port = serving.told()["port"]
        writing = stack.enter_context(_process("benchmarks.streams_servers", "writer", *said)) if of_another else serving
        if of_another:
            writing.told()
        before, began = serving.asked("memory")["memory"], time.monotonic()
        many = [str(port), STREAM, str(readers // PROCESSES), str(slow // PROCESSES), "1"]
        listening = [stack.enter_context(_process("benchmarks.streams_readers", *many)) for _ in range(PROCESSES)]
        there = sum(one.told() for one in listening)
        joined = time.monotonic() - began
        memory = (serving.asked("memory")["memory"] - before) / readers
        seconds, processor = _changes(serving, writing, listening)
        missed = (readers - slow) * CHANGES - len(seconds) + (readers - slow - there)
        each = processor / CHANGES / readers
        return Heard(what, readers, slow, tuple(sorted(seconds)), missed, each, memory, joined)


def _changes(serving: _Process, writing: _Process, listening: Sequence[_Process]) -> tuple[list[float], float]:
    """When all heard of each change, after it; and what all took of the server's processor."""
    seconds, before = [], serving.asked("memory")["processor"]
    for _ in range(CHANGES):
        for one in listening:
            one.asked("hear")
        at = writing.asked("change")["at"]
        seconds += [moment - at for one in listening for moment in one.told()]
        time.sleep(PAUSE)
    return seconds, serving.asked("memory")["processor"] - before


@contextmanager
def _redis(program: str) -> Iterator[str]:
    """A Redis of our own, on a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    quiet = ["--save", "", "--appendonly", "no", "--logfile", "/dev/null", "--bind", "127.0.0.1", "--port", port]
    with subprocess.Popen([program, *quiet]) as process:
        try:
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()


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

"""A crew: several processes that serve one address, and the one that starts them, watches over them, and ends them.

They share the socket: whoever is free takes the next connection. The one that started them serves nothing; without it they end.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from gridmask.api.server import GRACE, address_of, listening_for
from gridmask.domain.errors import GridmaskError, InvalidConfiguration

if TYPE_CHECKING:
    from gridmask.settings import Settings

log = structlog.get_logger()

READY = b"ready\n"

ENDED_WITHIN = GRACE + 15.0
"""Seconds that they may take to end, before they are ended."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds until one that ended is started anew, and how long that gets where it ends again and again."""

WELL_AFTER = 60.0
"""Who has lived for so many seconds was well."""

Command = Callable[[Sequence[str]], list[str]]
"""The command line of a process, given what it is to do."""


class CrewFailed(GridmaskError):
    """A process did not start; it has said itself why."""


@dataclass(slots=True)
class _Mate:
    """One of the processes: what it is called, and told to do."""

    name: str
    task: Sequence[str]
    serves: bool
    pause: float = FIRST_PAUSE
    process: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class Crew:
    """Starts ``count`` processes that serve ``settings``, and one that does the work, where nobody else is to.

    The first of them tells its metrics on the port ``metrics`` of loopback, if it is given, each of the others on the next.
    """

    def __init__(
        self, settings: Settings, count: int, command: Command, *, works: bool = True, metrics: int | None = None
    ) -> None:
        self._settings = settings
        self._command = command
        alone = works and settings.engine.kind == "in-process"
        self._mates = [_Mate(f"server {number}", ("serve", "--mate"), serves=True) for number in range(1, count + 1)]
        self._mates += [_Mate("worker", ("worker", "--mate"), serves=False)] if alone else []
        if metrics is not None:
            for number, mate in enumerate(self._mates):
                verb, *rest = mate.task
                mate.task = (verb, "--metrics", str(metrics + number), *rest)

    async def serve(self, *, host: str | None, port: int | None, announce: Callable[[str], None]) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            InvalidConfiguration: nobody may, or nothing can, listen there; or several processes cannot share the installation.
            CrewFailed: one of them does not start.
        """
        check(self._settings)
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        with listening_for(self._settings, host, port) as listening:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stopping.set)
            watching = [asyncio.create_task(self._watch(mate, listening), name=mate.name) for mate in self._mates]
            stop = asyncio.create_task(stopping.wait())
            begun = asyncio.create_task(self._begun(lambda: announce(address_of(listening, self._settings))))
            try:
                done, _ = await asyncio.wait([stop, *watching], return_when=asyncio.FIRST_COMPLETED)
                for task in done - {stop}:
                    task.result()
            finally:
                begun.cancel()
                await self._end(watching)
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.remove_signal_handler(number)

    async def _begun(self, announce: Callable[[], None]) -> None:
        for mate in self._mates:
            await mate.ready.wait()
        announce()

    async def _watch(self, mate: _Mate, listening: socket.socket) -> None:
        """Have ``mate`` run for ever."""
        while True:
            began = asyncio.get_running_loop().time()
            code = await self._run(mate, listening)
            if not mate.ready.is_set():
                raise CrewFailed(f"{mate.name} did not start, and ended with {code}; see above.")
            if asyncio.get_running_loop().time() - began > WELL_AFTER:
                mate.pause = FIRST_PAUSE
            log.warning("a process ended, and is started anew", process=mate.name, code=code, seconds=mate.pause)
            await asyncio.sleep(mate.pause)
            mate.pause = min(2 * mate.pause, LONGEST_PAUSE)

    async def _run(self, mate: _Mate, listening: socket.socket) -> int:
        """Run ``mate`` once, until it ends."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            given = (theirs.fileno(), *((listening.fileno(),) if mate.serves else ()))
            command = self._command([*mate.task, ",".join(map(str, given))])
            mate.process = await asyncio.create_subprocess_exec(*command, pass_fds=given, stdin=asyncio.subprocess.DEVNULL)
            theirs.close()
            hearing = asyncio.create_task(self._hear(mate, ours))
            try:
                return await mate.process.wait()
            finally:
                hearing.cancel()

    @staticmethod
    async def _hear(mate: _Mate, ours: socket.socket) -> None:
        if await asyncio.get_running_loop().sock_recv(ours, len(READY)) == READY:
            mate.ready.set()

    async def _end(self, watching: Sequence[asyncio.Task[None]]) -> None:
        """End all of them in good order, or else."""
        processes = [mate.process for mate in self._mates if mate.process and mate.process.returncode is None]
        for task in watching:
            task.cancel()
        for process in processes:
            with suppress(ProcessLookupError):
                process.terminate()
        waits = [asyncio.create_task(process.wait()) for process in processes]
        if waits:
            await asyncio.wait(waits, timeout=ENDED_WITHIN)
        for process in processes:
            if process.returncode is None:
                log.warning("a process did not end in time, and was ended", pid=process.pid)
                process.kill()
        await asyncio.gather(*watching, *waits, return_exceptions=True)


def check(settings: Settings) -> None:
    """Check that several processes can serve these ``settings``.

    Raises:
        InvalidConfiguration: they cannot.
    """
    if settings.database == "ephemeral":
        raise InvalidConfiguration("database", "is ephemeral: each of several processes would have one of its own. Name a file")
    access = settings.access
    if access and not access.session_key_file and any(issuer.client_id for issuer in settings.issuer):
        raise InvalidConfiguration(
            "access.session_key_file",
            "is missing: several processes need the same key for sessions. Make one: openssl rand -base64 32",
        )


class Mate:
    """One of a crew, seen from within: ``told`` are the numbers of what it was given."""

    def __init__(self, told: str) -> None:
        life, *rest = (int(number) for number in told.split(","))
        self._life = socket.socket(fileno=life)
        self.listening = socket.socket(fileno=rest[0]) if rest else None

    def begin(self) -> None:
        """End when whoever started this process does."""
        self._life.setblocking(False)
        asyncio.get_running_loop().add_reader(self._life, self._orphaned)

    def ready(self) -> None:
        """Say that it is ready."""
        with suppress(OSError):
            self._life.send(READY)

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self._life)
        os.kill(os.getpid(), signal.SIGTERM)


def command_with(options: Sequence[str]) -> Command:
    """How this program is started once more, with ``options`` for every command."""
    return lambda task: [sys.executable, "-m", "gridmask", *options, *task]

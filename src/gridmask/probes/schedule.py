"""When each target has its turn: pure, by a clock that is given.

A target is due ``every`` so often from when it last began, and never earlier. Where in its period it begins at first follows
from a hash of what it is, so that thousands are spread evenly, and in the same way after a restart. What is due waits in the
queue of its host until that has room; a host that hangs takes no more than half of all places, and none of another host's.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

JITTER = 0.01
"""By up to such a part a period is longer than asked, lest the same targets meet again and again."""


class Key(NamedTuple):
    """Which probe of which target it is: names of the probe, of the element, its VO and address."""

    probe: str
    element: str
    vo: str
    address: str


@dataclass(frozen=True, slots=True)
class Job:
    """A target that is probed again and again: which, whose host it burdens, and how often in seconds."""

    key: Key
    host: str
    every: float


@dataclass(frozen=True, slots=True)
class Turn:
    """That a job may begin now; it was ``due`` a bit earlier, at best just now."""

    job: Job
    due: float


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be under way.

    Attributes:
        most: probes at once.
        per_host: probes of one host at once.
        spacing: seconds between two beginnings at one host.
    """

    most: int = 500
    per_host: int = 2
    spacing: float = 0.5


@dataclass(slots=True)
class _Host:
    waiting: deque[tuple[float, Job]] = field(default_factory=deque)
    running: int = 0
    free_at: float = float("-inf")
    is_slow: bool = False


class Schedule:
    """Who is next. Not for several threads."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._jobs: dict[Key, Job] = {}
        self._due: list[tuple[float, Key]] = []
        self._at: dict[Key, float] = {}
        self._began: dict[Key, float] = {}
        self._hosts: dict[str, _Host] = {}
        self._candidates: list[tuple[float, str]] = []
        self._resting: list[tuple[float, str]] = []
        self._running: dict[Key, Job] = {}
        self._slow_running: set[Key] = set()

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def running(self) -> int:
        """How many are under way."""
        return len(self._running)

    @property
    def jobs(self) -> Mapping[Key, Job]:
        """All of them."""
        return self._jobs

    def replace(self, jobs: Iterable[Job], now: float, last: Mapping[Key, float] | None = None) -> None:
        """Let ``jobs`` be those that there are. Those that there were go on as before.

        ``last``: when each began last, as far as that is known from before this process.
        """
        new = {job.key: job for job in jobs}
        for key, began in (last or {}).items():
            self._began[key] = max(began, self._began.get(key, began))
        for key in self._jobs.keys() - new.keys():
            self._forget(key)
        for key, job in new.items():
            if self._jobs.get(key) != job:
                self._jobs[key] = job
                self._plan(key, max(_slot(job, now), self._began.get(key, float("-inf")) + job.every))

    def begin(self, now: float) -> list[Turn]:
        """Those that begin now; each has to be ended by :meth:`end`."""
        for due, key in self._popped(now):
            self._queue(due, self._jobs[key])
        while self._resting and self._resting[0][0] <= now:
            _, host = heapq.heappop(self._resting)
            self._offer(host)
        return list(self._turns(now))

    def end(self, key: Key, now: float, *, timed_out: bool = False) -> None:
        """That one is done; ``timed_out``: its host may be one that hangs."""
        job = self._running.pop(key, None)
        if job is None:
            return
        self._slow_running.discard(key)
        host = self._hosts[job.host]
        host.running -= 1
        host.is_slow = timed_out
        if host.waiting:
            self._offer(job.host)
        elif not host.running and host.free_at <= now and not host.is_slow:
            del self._hosts[job.host]

    def next_at(self) -> float | None:
        """When to call :meth:`begin` next, unless one ends before; None: not before something else happens."""
        self._drop_stale()
        moments = [heap[0][0] for heap in (self._due, self._resting) if heap]
        return min(moments, default=None)

    def due_at(self, key: Key) -> float | None:
        """When it is due next; None while it waits or is under way."""
        return self._at.get(key)

    def _turns(self, now: float) -> Iterator[Turn]:
        blocked = []
        while self._candidates and len(self._running) < self._room.most:
            due, name = heapq.heappop(self._candidates)
            host = self._hosts.get(name)
            if host is None or not host.waiting or host.running >= self._room.per_host:
                continue  # it is offered again when one of its probes ends
            if host.free_at > now:
                heapq.heappush(self._resting, (host.free_at, name))
            elif host.is_slow and len(self._slow_running) >= max(self._room.most // 2, 1):
                blocked.append((due, name))
            else:
                yield from self._begun(host, name, now)
        for one in blocked:
            heapq.heappush(self._candidates, one)

    def _begun(self, host: _Host, name: str, now: float) -> Iterator[Turn]:
        due, job = host.waiting.popleft()
        host.free_at = now + self._room.spacing
        if host.waiting:
            self._offer(name)
        if self._jobs.get(job.key) != job or job.key in self._running:
            host.free_at = now
            return  # it is no more, or was replaced while it waited
        host.running += 1
        self._running[job.key] = job
        if host.is_slow:
            self._slow_running.add(job.key)
        self._began[job.key] = now
        self._plan(job.key, now + job.every * (1 + JITTER * _fraction(job.key, str(int(now)))))
        yield Turn(job, due)

    def _queue(self, due: float, job: Job) -> None:
        host = self._hosts.setdefault(job.host, _Host())
        if all(waiting.key != job.key for _, waiting in host.waiting):
            host.waiting.append((due, job))
            self._offer(job.host)

    def _offer(self, name: str) -> None:
        heapq.heappush(self._candidates, (self._hosts[name].waiting[0][0], name))

    def _plan(self, key: Key, due: float) -> None:
        self._at[key] = due
        heapq.heappush(self._due, (due, key))

    def _forget(self, key: Key) -> None:
        for known in (self._jobs, self._at, self._began):
            known.pop(key, None)

    def _popped(self, now: float) -> Iterator[tuple[float, Key]]:
        while self._due and self._due[0][0] <= now:
            due, key = heapq.heappop(self._due)
            if self._at.get(key) == due:
                del self._at[key]
                yield due, key

    def _drop_stale(self) -> None:
        while self._due and self._at.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)


def _slot(job: Job, now: float) -> float:
    """The first moment from ``now`` on that is the turn of ``job`` by its hash."""
    offset = _fraction(job.key, "") * job.every
    return now + (offset - now) % job.every


def _fraction(key: Key, salt: str) -> float:
    """A number from 0 to 1 that looks random, and is the same each time."""
    digest = blake2b("\0".join((*key, salt)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64

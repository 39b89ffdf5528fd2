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

_REMEMBERED = 86_400.0


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
    """What is known of a host. ``listed``: it is among those who may begin one, or rest before they do."""

    waiting: deque[tuple[float, Job]] = field(default_factory=deque)
    running: int = 0
    free_at: float = float("-inf")
    is_slow: bool = False
    listed: bool = False


class _Running(NamedTuple):
    host: str
    at_slow_host: bool


class Schedule:
    """Who is next. Not for several threads."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._jobs: dict[Key, Job] = {}
        self._due: list[tuple[float, Key]] = []
        self._at: dict[Key, float] = {}
        self._began: dict[Key, float] = {}
        self._hosts: dict[str, _Host] = {}
        self._candidates: tuple[list[tuple[float, str]], list[tuple[float, str]]] = ([], [])
        self._resting: list[tuple[float, str]] = []
        self._running: dict[Key, _Running] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def running(self) -> int:
        """How many are under way."""
        return len(self._running)

    @property
    def hosts(self) -> frozenset[str]:
        """Those at which something is under way."""
        return frozenset(one.host for one in self._running.values())

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
            del self._jobs[key]
            self._at.pop(key, None)
        for key, job in new.items():
            if self._jobs.get(key) != job:
                self._jobs[key] = job
                self._plan(key, max(_slot(job, now), self._began.get(key, float("-inf")) + job.every))
        self._tidy(now)

    def begin(self, now: float) -> list[Turn]:
        """Those that begin now; each has to be ended by :meth:`end`."""
        for due, key in self._popped(now):
            self._queue(due, key, now)
        while self._resting and self._resting[0][0] <= now:
            _, name = heapq.heappop(self._resting)
            self._hosts[name].listed = False
            self._offer(name)
        return [turn for slow in (False, True, False) for turn in self._turns(now, slow=slow)]

    def end(self, key: Key, *, timed_out: bool = False) -> None:
        """That one is done; ``timed_out``: its host may be one that hangs."""
        running = self._running.pop(key, None)
        if running is None:
            return
        host = self._hosts[running.host]
        host.running -= 1
        host.is_slow = timed_out
        self._offer(running.host)

    def abandon(self) -> None:
        """That nothing is under way any more, whatever came of it."""
        for key in list(self._running):
            self.end(key)

    def next_at(self) -> float | None:
        """When to call :meth:`begin` next, unless one ends before; None: not before something else happens."""
        while self._due and self._at.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        return min((heap[0][0] for heap in (self._due, self._resting) if heap), default=None)

    def due_at(self, key: Key) -> float | None:
        """When it is due next; None while it waits."""
        return self._at.get(key)

    def _turns(self, now: float, *, slow: bool) -> Iterator[Turn]:
        candidates = self._candidates[slow]
        while candidates and self._has_room(slow=slow):
            _, name = heapq.heappop(candidates)
            host = self._hosts[name]
            host.listed = False
            if host.is_slow is not slow:
                self._offer(name)
            elif host.free_at > now:
                host.listed = True
                heapq.heappush(self._resting, (host.free_at, name))
            else:
                yield from self._begun(host, now)
                self._offer(name)

    def _has_room(self, *, slow: bool) -> bool:
        if len(self._running) >= self._room.most:
            return False
        return not slow or sum(one.at_slow_host for one in self._running.values()) < max(self._room.most // 2, 1)

    def _begun(self, host: _Host, now: float) -> Iterator[Turn]:
        due, job = host.waiting.popleft()
        key = job.key
        if key in self._at or self._jobs.get(key) != job:
            return  # it is no more, or is planned otherwise since it began to wait
        host.free_at = now + self._room.spacing
        host.running += 1
        self._running[key] = _Running(job.host, host.is_slow)
        self._began[key] = now
        self._plan(key, now + job.every * (1 + JITTER * _fraction(key, f"{now:.0f}")))
        yield Turn(job, due)

    def _queue(self, due: float, key: Key, now: float) -> None:
        job = self._jobs[key]
        if key in self._running:
            self._plan(key, now + 1.0)
            return
        self._hosts.setdefault(job.host, _Host()).waiting.append((due, job))
        self._offer(job.host)

    def _offer(self, name: str) -> None:
        """Let the host begin what waits for it, if anything may begin there."""
        host = self._hosts[name]
        if host.waiting and not host.listed and host.running < self._room.per_host:
            host.listed = True
            heapq.heappush(self._candidates[host.is_slow], (host.waiting[0][0], name))

    def _plan(self, key: Key, due: float) -> None:
        self._at[key] = due
        heapq.heappush(self._due, (due, key))

    def _popped(self, now: float) -> Iterator[tuple[float, Key]]:
        while self._due and self._due[0][0] <= now:
            due, key = heapq.heappop(self._due)
            if self._at.get(key) == due:
                del self._at[key]
                yield due, key

    def _tidy(self, now: float) -> None:
        """Forget hosts that are at rest, and what began so long ago that it keeps nothing back."""
        self._hosts = {n: h for n, h in self._hosts.items() if h.running or h.waiting or h.listed or h.free_at > now}
        self._began = {k: began for k, began in self._began.items() if k in self._jobs or began > now - _REMEMBERED}


def _slot(job: Job, now: float) -> float:
    """The first moment from ``now`` on that is the turn of ``job`` by its hash."""
    offset = _fraction(job.key, "") * job.every
    return now + (offset - now) % job.every


def _fraction(key: Key, salt: str) -> float:
    """A number from 0 to 1 that looks random, and is the same each time."""
    digest = blake2b("\0".join((*key, salt)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64

"""The replica of a mask in this process: the snapshot that lookups read, how old it is, and who wants to know of changes.

One follower writes it, where it lies. Readers are any number of threads, and none of them takes a lock to look up a name: what
is said of it is one value, put in the place of another. Who looks at many looks again if something changed meanwhile; if that
happens again and again, the follower waits for them.
"""

from __future__ import annotations

import logging
import math
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from gridmask_client.errors import GridmaskError, OutOfDate, Unavailable
from gridmask_client.snapshot import RowChange, Snapshot, changes, touched

if TYPE_CHECKING:
    from gridmask_client.masks import MaskDelta
    from gridmask_client.snapshot import Table

T = TypeVar("T")

log = logging.getLogger(__name__)

Beyond = Literal["keep", "refuse", "raise"]
"""What becomes of lookups in a mask that is too old: they go on, find nothing usable, or raise :class:`OutOfDate`."""

SKEW = 60.0
"""Seconds that clocks of machines which share a file may differ."""

TRIES = 3
"""How often somebody looks at many before the follower is made to wait."""

uptime: Callable[[], float] = partial(time.clock_gettime, time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic
"""Seconds, by a clock that nobody sets, and that goes on while the machine sleeps where there is such a one."""


@dataclass(frozen=True, slots=True)
class Change:
    """That a mask is another.

    Attributes:
        vo: whose.
        since: the revision before; None: there was no mask here.
        revision: the one now.
        rows: those of which it says something else.
        restored: it is not what came after ``since``: the server tells another past, as one does whose database was restored.
    """

    vo: str
    since: int | None
    revision: int
    rows: tuple[RowChange, ...] = field(repr=False)
    restored: bool = False


Heard = Callable[[Change], object]
"""Is told of a change; what it gives is dropped."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How old a mask may be, in seconds, and what becomes of lookups beyond."""

    seconds: float = math.inf
    beyond: Beyond = "keep"

    def until(self, confirmed: float) -> float:
        """Until when lookups go on in a mask that was known to be right at ``confirmed``."""
        return math.inf if self.beyond == "keep" else confirmed + self.seconds


@dataclass(frozen=True, slots=True)
class View:
    """What lookups read: a ``snapshot`` that counts until ``until``; it was known to be right at ``confirmed``."""

    snapshot: Snapshot = field(repr=False)
    confirmed: float
    until: float


class Replica:
    """See above. ``clock`` and ``wall`` are those of the machine: see :data:`uptime`.

    ``quick``: the table of a mask that counts however old it is; None: there is none, or somebody has to look at the clock.
    """

    def __init__(self, bound: Bound, clock: Callable[[], float] = uptime, wall: Callable[[], float] = time.time) -> None:
        self.bound = bound
        self.clock = clock
        self.wall = wall
        self.view: View | None = None
        self.quick: Table | None = None
        self.problem: Exception | None = None
        self._heard: tuple[Heard, ...] = ()
        self._version = 0
        """Odd while the snapshot becomes another one."""
        self._still = threading.Lock()
        """Whoever has it, nothing changes meanwhile."""
        _ALL.add(self)

    @property
    def snapshot(self) -> Snapshot | None:
        """The mask, if there is one."""
        return self.view.snapshot if self.view else None

    @property
    def age(self) -> float:
        """Seconds since the mask was known to be right; infinite if nobody knows."""
        return max(0.0, self.clock() - self.view.confirmed) if self.view else math.inf

    @property
    def confirmed_at(self) -> float:
        """Since when it is known to be right, in seconds since 1970."""
        return self.wall() - self.age

    def current(self) -> View | None:
        """What lookups are to read; None: nothing counts any more.

        Raises:
            Unavailable: there is no mask. OutOfDate: it is too old, and the reader wants to be told so.
        """
        view = self.view
        if view is None:
            self._here()
            return None
        if self.clock() <= view.until:
            return view
        if self.bound.beyond == "raise":
            raise OutOfDate(self.age, self.bound.seconds)
        return None

    def load(self, snapshot: Snapshot, confirmed_at: float) -> None:
        """Begin with what lay on disk. By a clock that was set back it is of the future: then nobody knows how old it is."""
        age = self.wall() - confirmed_at
        self._put(snapshot, -math.inf if age < -SKEW else self.clock() - max(0.0, age))

    def confirm(self, confirmed: float) -> None:
        """What is here was right at ``confirmed``, by :data:`uptime`."""
        view = self.view
        if view is not None and confirmed > view.confirmed:
            self.view = replace(view, confirmed=confirmed, until=self.bound.until(confirmed))

    def read(self, look: Callable[[Snapshot], T]) -> T:
        """What ``look`` finds in a snapshot that stays as it is meanwhile. It is called again if one did not.

        Raises:
            Unavailable: there is no mask.
        """
        for _ in range(TRIES):
            before = self._version
            if before % 2 == 0:
                try:
                    found = look(self._here())
                except (RuntimeError, KeyError):  # what it went through was another at the end than at the beginning
                    continue
                if self._version == before:
                    return found
        with self._still:
            return look(self._here())

    def _here(self) -> Snapshot:
        if self.view is None:
            raise Unavailable(f"There is no mask yet: {self.problem or 'no server answered so far'}")
        return self.view.snapshot

    def become(self, delta: MaskDelta, confirmed: float) -> None:
        """Take in what changed, and tell those who want to know."""
        here = self._here()
        since, concerned = here.revision, touched(delta) if self._heard else set()
        before = {key: here.elements[key] for key in concerned if key in here.elements}
        with self._still:
            self._version += 1
            try:
                here.become(delta)
            finally:
                self._version += 1
        self._put(here, confirmed)
        rows = changes(before, here.elements, sorted(concerned))
        if rows:
            self._tell(Change(here.vo, since, here.revision, rows))

    def take(self, snapshot: Snapshot, confirmed: float, *, restored: bool = False) -> None:
        """Put ``snapshot`` in the place of what is here, and tell those who want to know."""
        before = self.snapshot
        self._put(snapshot, confirmed)
        if restored and before:
            log.warning(
                "the mask of %s went from revision %d to %d: the server tells another past",
                snapshot.vo,
                before.revision,
                snapshot.revision,
            )
        rows = before.changes_to(snapshot.elements) if before and self._heard else ()
        if self._heard and (rows or restored or before is None):
            self._tell(Change(snapshot.vo, before.revision if before else None, snapshot.revision, rows, restored))

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Call ``heard`` with each change from now on. Returns what ends that."""
        self._heard = (*self._heard, heard)
        return lambda: self._forget(heard)

    def failed(self, error: Exception) -> None:
        """What is wrong; what was known stands."""
        if str(error) != str(self.problem or ""):
            level = logging.INFO if isinstance(error, GridmaskError) and not error.permanent else logging.WARNING
            log.log(level, "the mask is not followed for now: %s", error)
        self.problem = error

    def _put(self, snapshot: Snapshot, confirmed: float) -> None:
        self.view = View(snapshot, confirmed, self.bound.until(confirmed))
        if self.bound.beyond == "keep":
            self.quick = snapshot.table

    def _forget(self, heard: Heard) -> None:
        self._heard = tuple(one for one in self._heard if one is not heard)

    def _tell(self, change: Change) -> None:
        for heard in self._heard:
            try:
                heard(change)
            except Exception:
                log.exception("somebody who was told of a change failed")


_ALL: weakref.WeakSet[Replica] = weakref.WeakSet()
_HELD: list[Replica] = []


def _forking() -> None:
    """Nothing is to be half done in a process that is forked: who would do the rest is not in it."""
    _HELD.extend(_ALL)
    for replica in _HELD:
        replica._still.acquire()  # noqa: SLF001 - its own module


def _forked() -> None:
    for replica in _HELD:
        replica._still.release()  # noqa: SLF001 - likewise
    _HELD.clear()


os.register_at_fork(before=_forking, after_in_parent=_forked, after_in_child=_forked)

"""The replica of a mask in this process: the snapshot that lookups read, how old it is, and who wants to know of changes.

One follower writes it. Readers are any number of threads: what they read is one value, put in the place of another.
"""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from gridmask_client.errors import GridmaskError, OutOfDate, Unavailable
from gridmask_client.snapshot import Key, RowChange, Snapshot

log = logging.getLogger(__name__)

Beyond = Literal["keep", "refuse", "raise"]
"""What becomes of lookups in a mask that is too old: they go on, find nothing usable, or raise :class:`OutOfDate`."""

SKEW = 60.0
"""Seconds that clocks of machines which share a file may differ."""

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
    """What lookups read: ``table`` is that of ``snapshot``, and counts until ``until``."""

    snapshot: Snapshot
    table: Mapping[str, Mapping[str, str]] = field(repr=False)
    confirmed: float
    until: float


class Replica:
    """See above. ``clock`` and ``wall`` are those of the machine: see :data:`uptime`."""

    def __init__(self, bound: Bound, clock: Callable[[], float] = uptime, wall: Callable[[], float] = time.time) -> None:
        self.bound = bound
        self.clock = clock
        self.wall = wall
        self.view: View | None = None
        self.problem: Exception | None = None
        self._heard: tuple[Heard, ...] = ()

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
            raise Unavailable(f"There is no mask yet: {self.problem or 'no server answered so far'}")
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

    def take(self, snapshot: Snapshot, confirmed: float, *, among: Iterable[Key] | None = None, restored: bool = False) -> None:
        """Put ``snapshot`` in the place of what is here, and tell those who want to know.

        ``among``: the elements that can be others than before; None: all.
        """
        before = self.snapshot
        self._put(snapshot, confirmed)
        if restored and before:
            log.warning(
                "the mask of %s went from revision %d to %d: the server tells another past",
                snapshot.vo,
                before.revision,
                snapshot.revision,
            )
        rows = before.changes_to(snapshot, among) if before and self._heard else ()
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
        self.view = View(snapshot, snapshot.table, confirmed, self.bound.until(confirmed))

    def _forget(self, heard: Heard) -> None:
        self._heard = tuple(one for one in self._heard if one is not heard)

    def _tell(self, change: Change) -> None:
        for heard in self._heard:
            try:
                heard(change)
            except Exception:
                log.exception("somebody who was told of a change failed")

"""Patience: how much policy tests may do before they are given up, where others wait for their turn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

MOST_STEPS = 100_000
"""So many times something may come due in one test: a year of quarters of an hour, and then some."""


class _Lost(BaseException):
    """Time is over. No error of a policy is that, so that nothing takes it for one."""


class Exhausted(Exception):
    """Patience came to its end; the text says how."""


class Patience:
    """So many moments may come due, and so much time pass. What is played with one patience shares it.

    Args:
        steps: how many moments may come due.
        seconds: how long it may take, from now on; None: as long as it takes.
        clock: tells seconds that pass.
    """

    def __init__(
        self, steps: int = MOST_STEPS, seconds: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._steps = self._left = steps
        self._seconds = seconds
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds

    @property
    def lost(self) -> str:
        """Why nothing more is done; empty: more may be."""
        if self._left < 0:
            return f"more than {self._steps:,} moments come due"
        return f"it takes longer than {self._seconds:g} s" if self._is_over() else ""

    def step(self) -> None:
        """Let a moment come due.

        Raises:
            Exhausted: they are too many.
        """
        self._left -= 1
        if self._left < 0:
            raise Exhausted(self.lost)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Ends what is done in this thread once its time is over, wherever it is: a single step may take minutes.

        Raises:
            Exhausted: it did not come to an end by itself.
        """
        if self._end is None:
            yield
            return
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            yield
        except _Lost:
            raise Exhausted(self.lost) from None
        finally:
            sys.settrace(before)

    def _is_over(self) -> bool:
        return self._end is not None and self._clock() >= self._end

    def _call(self, frame: FrameType, event: str, arg: object) -> Any:  # noqa: ANN401, ARG002 - as Python calls it
        if self._is_over():
            raise _Lost

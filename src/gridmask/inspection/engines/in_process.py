"""The engine that needs nothing: this process does everything, each job in a task of its own, and keeps the times in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from gridmask.inspection.waiting import until
from gridmask.inspection.work import EVALUATE, KINDS

if TYPE_CHECKING:
    from gridmask.inspection.engines.engine import Work
    from gridmask.inspection.work import Duty, Workload


class InProcess:
    """Does all jobs of a workload."""

    kinds = KINDS

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._news = asyncio.Event()
        self._never = asyncio.Event()
        self._pauses: dict[tuple[str, str], float] = {}

    def works(self) -> Iterator[Work]:
        """A task for each job."""
        for duty in self._workload.duties():
            self._pauses[duty.job.identity] = duty.first
            yield duty.job.named, partial(self._do, duty)

    def wake(self) -> None:
        """What is to be evaluated may be due sooner."""
        self._news.set()

    async def _do(self, duty: Duty) -> None:
        """Wait until it is due, and do it."""
        identity = duty.job.identity
        news = self._news if duty.job.kind == EVALUATE else self._never
        if pause := self._pauses[identity]:
            await until(news, pause)
        # what fails is done again as soon as whoever runs this finds it time
        self._pauses[identity] = 0.0
        news.clear()
        self._pauses[identity] = await duty.do()

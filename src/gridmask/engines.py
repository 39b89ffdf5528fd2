"""Engines: each put together from the settings, by the part that a process has in the work."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gridmask import __version__
from gridmask.domain.errors import InvalidConfiguration
from gridmask.inspection.engines.calling import Calling
from gridmask.inspection.engines.in_process import InProcess
from gridmask.inspection.engines.leases import Leases
from gridmask.inspection.engines.places import TIMED
from gridmask.inspection.engines.schedule import Scheduler
from gridmask.inspection.engines.shares import Shares
from gridmask.inspection.work import KINDS
from gridmask.store import workers
from gridmask.store.database import EPHEMERAL
from gridmask.store.workers import Worker

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.engine import Part
    from gridmask.inspection.engines.engine import Bell, Engine
    from gridmask.inspection.work import Workload
    from gridmask.settings import Settings
    from gridmask.store.database import Database

_LONGEST_HOST = 40


def check(settings: Settings, part: Part) -> None:
    """Check that several processes can share the work where they are to.

    Raises:
        InvalidConfiguration: they cannot.
    """
    kind = settings.engine.kind
    if part.does == "share" and kind == "in-process":
        raise InvalidConfiguration(
            "engine.kind",
            "is in-process: `gridmask serve` does all the work itself, and a worker would do it once more. For workers, "
            'set kind = "leases" or "celery" for all processes, and start them anew',
        )
    if kind != "in-process" and settings.database == EPHEMERAL:
        raise InvalidConfiguration("engine.kind", f"{kind} is for several processes; each would have a database of its own")
    if kind == "celery" and settings.database.startswith("sqlite"):
        raise InvalidConfiguration(
            "engine.kind",
            "celery wakes workers on several machines, and SQLite is a file of one. Take MariaDB or PostgreSQL; or leases, "
            "with all workers on this machine",
        )


async def check_machine(database: Database, clock: Clock) -> None:
    """Check that a SQLite file is not used by workers of another machine.

    Raises:
        InvalidConfiguration: it is.
    """
    if database.url.get_backend_name() != "sqlite":
        return
    async with database.reading() as connection:
        there = {worker.host for worker in await workers.present(connection, clock())}
    if strange := sorted(there - {_host()}):
        raise InvalidConfiguration(
            "database",
            f"is a SQLite file that a worker on {strange[0]} uses, and this is {_host()}: over a network, SQLite loses data. "
            "For several machines, take MariaDB or PostgreSQL",
        )


def me(clock: Clock, part: Part, settings: Settings) -> Worker:
    """What this process is called, and does."""
    now = clock()
    name = f"{_host()} {os.getpid()} {secrets.token_hex(4)}"
    kinds = ",".join(kind for kind in KINDS if kind in (part.kinds or KINDS))
    return Worker(name, _host(), __version__[:32], kinds, part.concurrency or settings.engine.concurrency, now, now)


def engine(settings: Settings, part: Part, worker: Worker, database: Database, clock: Clock, workload: Workload) -> Engine:
    """The engine by which this process has its part in the work."""
    if part.does == "all":
        return InProcess(workload)
    if part.does == "nothing":
        return Calling(database, _bell(settings, ()))
    bell = _bell(settings, worker.kinds.split(","))
    scheduler = Scheduler(database, clock, tuple(workload.duties()), probes=bool(settings.probe), bell=bell)
    return Leases(database, clock, workload, worker, scheduler, bell)


def shares(part: Part, worker: Worker, database: Database, clock: Clock) -> Shares | None:
    """The share of the probes that this process makes; None: all, or none."""
    return Shares(database, clock, worker.name) if part.does == "share" else None


def _bell(settings: Settings, kinds: Sequence[str]) -> Bell | None:
    if settings.engine.kind != "celery":
        return None
    from gridmask.inspection.engines.celery import CeleryBell  # noqa: PLC0415 - an extra: only for those who have it

    return CeleryBell(settings.engine.broker, settings.engine.queue, [kind for kind in TIMED if kind in kinds])


def _host() -> str:
    return socket.gethostname()[:_LONGEST_HOST]

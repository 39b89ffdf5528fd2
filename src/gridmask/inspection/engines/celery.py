"""Celery as a bell: hints that something is due go by its queues, one for each kind of work, to whoever has room for it.

A hint says what is due, and no more: whoever hears it looks into the database, and takes it up under a lease or finds it taken.
So any of them may be lost, doubled or late, and the broker be away: then workers look for themselves, a bit more often.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from gridmask.domain.errors import InvalidConfiguration
from gridmask.inspection.engines import counting
from gridmask.inspection.work import READ

try:
    from celery import Celery
    from celery.worker import WorkController, state
    from kombu.entity import Exchange, Queue
except ImportError as error:
    raise InvalidConfiguration(
        "engine.kind", "celery needs a package that is not installed: pip install 'gridmask[celery]'"
    ) from error

if TYPE_CHECKING:
    from gridmask.inspection.engines.engine import Heard, Work
    from gridmask.inspection.work import Job

log = structlog.get_logger()

HINT = "gridmask.hint"
"""What the task is called."""

COUNTS_FOR = 30
"""Seconds after which nobody need hear a hint any more."""

MOST_WAITING = 1000
"""So many hints wait in a queue at most; of more, the oldest are dropped (RabbitMQ)."""

ROOM_WITHIN = 2.0
"""Seconds for which a worker keeps a hint while it has no room; then it is lost, and others are rung for again."""

STOPPED_WITHIN = 3.0

_PATIENCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
_TIMEOUTS = {
    "amqp": {"read_timeout": 10, "write_timeout": 10, "connect_timeout": 5},
    "redis": {"socket_timeout": 10, "socket_connect_timeout": 5},
}


class CeleryBell:
    """Tells workers by queues of Celery."""

    def __init__(self, broker: str, name: str, kinds: Sequence[str]) -> None:
        """``name``: with what the names of queues begin; ``kinds``: of what this process hears."""
        self._app = _app(broker, name, kinds)
        self._name = name
        self._hears = bool(kinds)
        self._pending: queue.Queue[Sequence[Job]] = queue.Queue(1)
        self._publisher: threading.Thread | None = None
        self._worker: Any = None
        self._was_away = False

    @property
    def is_heard(self) -> bool:
        """Whether there is a connection by which hints come."""
        consumer = getattr(self._worker, "consumer", None)
        connection = getattr(consumer, "connection", None)
        return bool(connection is not None and connection.connected)

    async def ring(self, jobs: Sequence[Job]) -> None:
        """Say that these are due. Never waits, nor fails."""
        if self._publisher is None:
            # of its own and a daemon: nobody waits for a broker that stands still
            self._publisher = threading.Thread(target=self._publish, name="ring", daemon=True)
            self._publisher.start()
        try:
            self._pending.put_nowait(jobs)
        except queue.Full:
            counting.RUNG.labels("skipped").inc(len(jobs))

    def works(self, heard: Heard) -> Iterator[Work]:
        """To hear."""
        if self._hears:
            yield "hear Celery", partial(self._hear, heard)

    def _publish(self) -> None:
        while True:
            for job in self._pending.get():
                where = {"queue": _queue(self._name, job.kind), "expires": COUNTS_FOR, "retry": False}
                try:
                    self._app.send_task(HINT, job.identity, **where)
                except Exception as error:  # noqa: BLE001 - whatever it is, workers look for themselves
                    self._tell(error)
                    counting.RUNG.labels("failed").inc()
                    break
                else:
                    self._tell(None)
                    counting.RUNG.labels("rung").inc()

    def _tell(self, error: Exception | None) -> None:
        if error is not None and not self._was_away:
            log.warning(
                "Celery's broker does not answer: workers look for themselves", problem=f"{type(error).__name__}: {error}"
            )
        if error is None and self._was_away:
            log.info("Celery's broker is back")
        self._was_away = error is not None

    async def _hear(self, heard: Heard) -> None:
        """Have hints come, until cancelled."""
        loop = asyncio.get_running_loop()

        def hint(kind: str, key: str) -> None:
            asyncio.run_coroutine_threadsafe(_within(heard, kind, key), loop).result(2 * ROOM_WITHIN)

        self._app.task(hint, name=HINT, acks_late=True, ignore_result=True)
        self._app.finalize()
        done = asyncio.Event()
        thread = threading.Thread(target=self._listen, args=(loop, done), name="hear Celery", daemon=True)
        thread.start()
        try:
            await done.wait()
            await asyncio.sleep(1.0)  # it should not end; it is begun anew
        except asyncio.CancelledError:
            state.should_terminate = 0
            await asyncio.to_thread(thread.join, STOPPED_WITHIN)
            raise

    def _listen(self, loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
        try:
            state.should_stop = state.should_terminate = None
            silent = {"without_mingle": True, "without_gossip": True, "without_heartbeat": True}
            self._worker = WorkController(app=self._app, pool_cls="solo", concurrency=1, prefetch_multiplier=1, **silent)
            self._worker.start()
        except (SystemExit, Exception) as error:  # noqa: BLE001 - it is the end of this thread
            log.info("hearing Celery came to an end", problem=f"{type(error).__name__}: {error}")
        finally:
            self._worker = None
            loop.call_soon_threadsafe(done.set)


async def _within(heard: Heard, kind: str, key: str) -> None:
    try:
        async with asyncio.timeout(ROOM_WITHIN):
            await heard(kind, key)
    except TimeoutError:
        return


def _app(broker: str, name: str, kinds: Sequence[str]) -> Celery:
    app = Celery("gridmask", broker=broker, set_as_current=False)
    transport = broker.partition(":")[0].rstrip("s")
    app.conf.update(
        task_queues=[_queue(name, kind) for kind in kinds],
        task_create_missing_queues=True,
        task_default_queue=f"{name}.{READ}",
        task_acks_late=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=5,
        broker_heartbeat=0,
        broker_pool_limit=1,
        broker_transport_options={**_PATIENCE, **_TIMEOUTS.get(transport, {})},
    )
    return app


def _queue(name: str, kind: str) -> Queue:
    """The queue for work of ``kind``. Whoever speaks of it says the same of it, else the broker refuses them."""
    named, bounds = f"{name}.{kind}", {"max_length": MOST_WAITING, "message_ttl": float(COUNTS_FOR)}
    exchange = Exchange(named)  # type: ignore[no-untyped-call]  # kombu has no types
    return Queue(named, exchange, routing_key=named, durable=True, **bounds)  # type: ignore[no-untyped-call]  # likewise

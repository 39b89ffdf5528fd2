"""A bell by Redis: its publish and subscribe, of which nothing is kept.

What is published is the name of the process that rings, so that it need not heed its own. Nothing of that is believed: whoever
can write there can have us look into our own database, and no more.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter, Gauge

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

log = structlog.get_logger()

SETTING = "server.redis"

CHANNEL = "gridmask.commits"
"""Installations that share a Redis share it, and look once more than they would have to."""

ANSWERED_WITHIN = 3.0
"""Seconds that Redis may take for anything."""

QUIET = 5.0
"""Seconds after which one that said nothing is asked whether it is there."""

AGAIN = (0.5, 30.0)
"""Seconds until it is tried again: at first, and at most. Each time is twice as long, give or take a half."""

HEARD = Gauge("gridmask_bell_up", "1 while this process would hear at once that another one committed something.")
RUNG = Counter("gridmask_bell_rung_total", "Times that this process had others know of a commit.")
RANG = Counter("gridmask_bell_heard_total", "Times that another process had this one know.")
LOST = Counter("gridmask_bell_lost_total", "Times that it failed.")


@dataclass(frozen=True, slots=True)
class RedisServer:
    """Where a Redis is.

    Attributes:
        url: as in ``redis://host:6379``, or ``rediss://`` by TLS; it may have a password.
        password_file: a file with the password, read at each connection.
        ca_file: authorities to trust instead of the system's.
    """

    url: str = field(repr=False)
    password_file: Path | None = None
    ca_file: Path | None = None

    @property
    def place(self) -> str:
        """Where it is, for people."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or 6379}"

    def connect(self) -> Redis:
        """A client of it, which connects when it is used.

        Raises:
            OSError: the file with its password cannot be read.
        """
        from redis.asyncio import Redis  # noqa: PLC0415 - an extra
        from redis.asyncio.retry import Retry  # noqa: PLC0415 - likewise
        from redis.backoff import NoBackoff  # noqa: PLC0415 - likewise

        options: dict[str, Any] = {}
        if self.url.startswith("rediss"):
            options = {"ssl_ca_certs": self.ca_file and str(self.ca_file), "ssl_check_hostname": True}
        if self.password_file:
            options["password"] = self.password_file.read_text(encoding="utf-8").strip()
        options |= {"socket_timeout": ANSWERED_WITHIN, "socket_connect_timeout": ANSWERED_WITHIN}
        # it is tried again here, where it can be told
        return Redis.from_url(self.url, retry=Retry(NoBackoff(), 0), **options)


class RedisBell:
    """See above."""

    def __init__(self, server: RedisServer, chance: Callable[[float, float], float] = random.uniform) -> None:
        """Make it ready.

        Raises:
            InvalidConfiguration: the library for it, or the password, is missing, or the address is none.
        """
        try:
            import_module("redis.asyncio")
            server.connect()
        except ImportError as error:
            raise InvalidConfiguration(SETTING, "redis is not installed; it comes with gridmask[redis]") from error
        except OSError as error:
            raise InvalidConfiguration(f"{SETTING}_password_file", error.strerror or "cannot be read") from error
        except ValueError:
            # the library's text may repeat the address, which may have a password
            raise InvalidConfiguration(SETTING, "is no address of a Redis, such as redis://redis.example.org:6379/0") from None
        self._server = server
        self._chance = chance
        self._name = secrets.token_hex(8).encode()
        self._rung = asyncio.Event()
        self.is_heard = False

    def ring(self) -> None:
        """See :class:`~gridmask.bells.bell.Bell`."""
        self._rung.set()

    async def run(self, heard: Callable[[], None]) -> None:
        """See :class:`~gridmask.bells.bell.Bell`."""
        pause, longest = AGAIN
        while True:
            problem = await self._connected(heard)
            if self.is_heard:
                pause = AGAIN[0]
            if pause == AGAIN[0]:
                log.warning("the bell is broken: commits of others are noticed later", at=self._server.place, problem=problem)
            was_heard, self.is_heard = self.is_heard, False
            LOST.inc()
            if was_heard:
                heard()  # from now on it is looked more often
            await asyncio.sleep(pause * self._chance(0.5, 1.5))
            pause = min(2 * pause, longest)

    async def _connected(self, heard: Callable[[], None]) -> str:
        """Ring and listen until it fails. Returns why it did."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - an extra

        problem = ""
        try:
            async with self._server.connect() as client, client.pubsub() as listening, asyncio.TaskGroup() as tasks:
                await listening.subscribe(CHANNEL)
                tasks.create_task(self._listen(listening, heard))
                tasks.create_task(self._tell(client))
        except* (RedisError, OSError, ValueError) as errors:
            problem = _text(errors)
        finally:
            HEARD.set(0)
        return problem

    async def _listen(self, listening: PubSub, heard: Callable[[], None]) -> None:
        was_asked = False
        while True:
            message = await listening.get_message(timeout=ANSWERED_WITHIN if was_asked else QUIET)
            if message is None:
                if was_asked:
                    raise TimeoutError(f"it has said nothing for {QUIET + ANSWERED_WITHIN:.0f} s")
                await listening.ping()
            was_asked = message is None
            if message is not None:
                self._take(message, heard)

    def _take(self, message: Mapping[str, Any], heard: Callable[[], None]) -> None:
        if message["type"] == "subscribe":
            self.is_heard = True
            HEARD.set(1)
            log.info("the bell is heard", at=self._server.place)
            heard()  # it may have rung before
        elif message["type"] == "message" and message["data"] != self._name:
            RANG.inc()
            heard()

    async def _tell(self, client: Redis) -> None:
        while True:
            await self._rung.wait()
            # what is committed until it is through is rung with it
            self._rung.clear()
            await client.publish(CHANNEL, self._name)
            RUNG.inc()


def _text(errors: BaseExceptionGroup[Exception]) -> str:
    """What went wrong first, in one line; no part of these has a password."""
    first = errors.exceptions[0]
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return str(first) or type(first).__name__

"""Watches over the connections to a server. One that hangs does not end them, and would keep whoever waits for it for ever.

A transaction that has taken long is no reason to give it up: some do. So the server is asked on a connection of its own, and
only if it does not answer there either, the transaction's is cut. Who waits on it learns what a lost connection means.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from gridmask.store.failures import is_of_server

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncEngine

CONNECTED_WITHIN = 5.0
"""Seconds that a server may take to let somebody in."""

PINGED_WITHIN = 3.0
"""Seconds that it may take to say that a connection, which nobody used for a while, is still one."""

PATIENCE = 5.0
"""Seconds that a connection may be in use before it is asked whether the server is there at all; and again after as many."""

REFUSED_FOR = 0.5
"""Seconds for which nobody else tries to connect once somebody could not."""

Connect = Callable[..., Awaitable[Any]]
"""How a driver connects."""

_KEPT_ALIVE = {
    "SO_KEEPALIVE": (socket.SOL_SOCKET, 1),
    "TCP_KEEPIDLE": (socket.IPPROTO_TCP, 30),  # seconds
    "TCP_KEEPINTVL": (socket.IPPROTO_TCP, 10),
    "TCP_KEEPCNT": (socket.IPPROTO_TCP, 3),
    "TCP_USER_TIMEOUT": (socket.IPPROTO_TCP, 60_000),  # milliseconds for which what was sent may go unheard
}


class Watchdog:
    """Watches over the connections of one process to one server."""

    def __init__(self, connect: Connect, late: Callable[[str], Exception], within: float = CONNECTED_WITHIN) -> None:
        """Watch over what ``connect`` makes.

        Args:
            connect: the driver's.
            late: makes the driver's error for a connection that took too long.
            within: seconds that it may take.
        """
        self._connect = connect
        self._late = late
        self._within = within
        self._again: Callable[[], Awaitable[Any]] | None = None
        self._trying = 0
        self._next_try = 0.0
        self._looking: dict[int, asyncio.TimerHandle] = {}
        self._asking: asyncio.Task[bool] | None = None
        self.failure: Exception | None = None

    def watch(self, engine: AsyncEngine) -> None:
        """Watch over what ``engine`` hands out."""
        dialect: Any = engine.sync_engine.dialect
        dialect.do_ping = partial(self._ping, dialect.do_ping)

        @event.listens_for(engine.sync_engine, "checkout")
        def taken(connection: Any, *_: object) -> None:  # noqa: ANN401 - the driver's, adapted
            self._look_later(connection.driver_connection)

        @event.listens_for(engine.sync_engine, "checkin")
        @event.listens_for(engine.sync_engine, "invalidate")
        def given_back(connection: Any, *_: object) -> None:  # noqa: ANN401 - the driver's, adapted
            if connection is not None:
                self._look_no_more(connection.driver_connection)

    async def connect(self, *args: object, **options: object) -> Any:  # noqa: ANN401 - the driver's
        """Connect, if the server is there; while it is not, only one tries at a time, and the others are told at once."""
        self._again = partial(self._connect, *args, **options)
        if self.failure is not None and (self._trying or _now() < self._next_try):
            raise type(self.failure)(*self.failure.args)
        self._trying += 1
        try:
            return await self._connected()
        finally:
            self._trying -= 1

    async def _connected(self) -> Any:  # noqa: ANN401 - the driver's
        try:
            made = await self._connected_in_time()
        except Exception as error:
            if not is_of_server(error):
                self.failure, self._next_try = error, _now() + REFUSED_FOR
            raise
        self.failure = None
        _keep_alive(made)
        return made

    async def _connected_in_time(self) -> Any:  # noqa: ANN401 - the driver's
        assert self._again is not None
        try:
            async with asyncio.timeout(self._within):
                return await self._again()
        except TimeoutError as error:
            raise self._late(f"no answer within {self._within:g} s") from error

    def _ping(self, ping: Callable[[DBAPIConnection], bool], connection: Any) -> bool:  # noqa: ANN401 - the driver's, adapted
        cutting = asyncio.get_running_loop().call_later(PINGED_WITHIN, cut, connection.driver_connection)
        try:
            return ping(connection)
        finally:
            cutting.cancel()

    def _look_later(self, driver: object) -> None:
        loop = asyncio.get_running_loop()
        self._looking[id(driver)] = loop.call_later(PATIENCE, lambda: loop.create_task(self._look(driver)))

    def _look_no_more(self, driver: object) -> None:
        if handle := self._looking.pop(id(driver), None):
            handle.cancel()

    async def _look(self, driver: object) -> None:
        """Cut ``driver`` if the server is not there, unless it was given back meanwhile; else look again later."""
        handle = self._looking.get(id(driver))
        there = await self._is_there()
        if handle is None or self._looking.get(id(driver)) is not handle:
            return
        if there:
            self._look_later(driver)
        else:
            cut(driver)

    async def _is_there(self) -> bool:
        """Whether the server lets somebody in, or is there to say that it cannot. All who want to know ask together."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._answers())
        return await asyncio.shield(self._asking)

    async def _answers(self) -> bool:
        try:
            made = await self._connected()
        except Exception as error:  # noqa: BLE001 - whatever the driver raises
            return is_of_server(error)
        with suppress(Exception):
            await (made.ensure_closed() if hasattr(made, "ensure_closed") else made.close())
        return True


def cut(driver: object) -> None:
    """End the connection of ``driver``, whatever it waits for: to it, the server has hung up."""
    with suppress(OSError, AttributeError, RuntimeError), _socket_of(driver) as found:
        found.shutdown(socket.SHUT_RDWR)


def _keep_alive(driver: object) -> None:
    """Have the system notice the death of the machine at the other end."""
    with suppress(OSError, AttributeError, RuntimeError), _socket_of(driver) as found:
        if found.family in {socket.AF_INET, socket.AF_INET6}:
            for name, (level, value) in _KEPT_ALIVE.items():
                if hasattr(socket, name):  # not every system has each
                    found.setsockopt(level, getattr(socket, name), value)


def _socket_of(driver: Any) -> socket.socket:  # noqa: ANN401 - either driver's
    """A copy of the socket of ``driver``, to be closed; an error if there is none any more."""
    if hasattr(driver, "pgconn"):
        return socket.socket(fileno=os.dup(driver.pgconn.socket))
    return socket.socket(fileno=os.dup(driver._transport.get_extra_info("socket").fileno()))  # noqa: SLF001 - else no way


def _now() -> float:
    return asyncio.get_running_loop().time()

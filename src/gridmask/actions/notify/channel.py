"""Channels: the ways by which a letter reaches an address."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from gridmask.domain.errors import Unreachable

if TYPE_CHECKING:
    from gridmask.actions.notify.layout import Letter


class Channel(Protocol):
    """A way to one address."""

    async def send(self, key: str, letter: Letter) -> None:
        """Send ``letter``, known as ``key``.

        Raises:
            Refused: nobody there takes it. Deferred: later. Unreachable, NotTold: it could not be sent.
        """


_busy: dict[str, threading.Thread] = {}


async def off_the_loop(whom: str, work: Callable[[], None]) -> None:
    """Do ``work``, which waits for ``whom``, in a thread of its own: who is slow keeps no thread that others need.

    Who gives up on it does not wait for its end; as long as it has not come, nothing else is begun for ``whom``. A process that
    ends does not wait either.

    Raises:
        Unreachable: what was begun before has not come to its end.
    """
    before = _busy.get(whom)
    if before is not None and before.is_alive():
        raise Unreachable(whom, "the attempt before this one has not come to an end")
    loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def settle(error: BaseException | None) -> None:
        if not done.done():
            done.set_result(None) if error is None else done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as raised:  # noqa: BLE001 - it is raised where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, error)

    thread = _busy[whom] = threading.Thread(target=run, name=f"notify {whom}", daemon=True)
    thread.start()
    await done

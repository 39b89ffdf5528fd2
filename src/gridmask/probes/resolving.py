"""Names of hosts to addresses, on threads of its own: a name server that hangs holds up nobody else."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic

from gridmask.probes.finding import NotMade, unusable

THREADS = 128
KEPT = 30.0
"""Seconds for which an answer is good for other probes of the same host."""

MOST = 20_000
"""So many answers are kept."""

_OURS = frozenset({socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_SYSTEM, socket.EAI_MEMORY})

Addresses = tuple[str, ...]


class Resolver:
    """Looks hosts up as the system does; each one once at a time, however many ask."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "resolve")
        self._known: OrderedDict[str, tuple[float, Addresses]] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Addresses]] = {}

    async def addresses(self, host: str) -> Addresses:
        """The addresses of ``host``, in the order in which they are to be tried.

        Raises:
            Trouble: there is none; or no name server answers, which is no fault of the host.
        """
        known = self._known.get(host)
        if known and monotonic() - known[0] < KEPT:
            return known[1]
        if host not in self._asked:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, _looked_up, host)
            self._asked[host] = asked
            asked.add_done_callback(partial(self._answered, host))
        # who has no time left stops waiting; the thread cannot
        return await asyncio.shield(self._asked[host])

    def close(self) -> None:
        """Give the threads back; nobody waits for those that hang."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answered(self, host: str, asked: asyncio.Future[Addresses]) -> None:
        self._asked.pop(host, None)
        if asked.cancelled() or asked.exception() is not None:
            return
        self._known[host] = (monotonic(), asked.result())
        self._known.move_to_end(host)
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def _looked_up(host: str) -> Addresses:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _OURS:
            raise NotMade(f"no name server tells who {host} is: {error.strerror}") from error
        unusable(f"there is no host called {host}")
    except UnicodeError:
        unusable(f"{host!r} is no name of a host")
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))

"""Names of hosts to addresses, on threads of its own: a name server that hangs holds up nobody else."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from gridmask.probes.finding import NotMade, unusable

THREADS = 32
KEPT = 30.0
"""Seconds for which an answer is good for other probes of the same host."""

MOST = 20_000
"""So many answers are kept."""

_OURS = frozenset({socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_SYSTEM, socket.EAI_MEMORY})


class Resolver:
    """Looks hosts up as the system does."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "resolve")
        self._known: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of ``host``, in the order in which they are to be tried.

        Raises:
            Trouble: there is none; or no name server answers, which is no fault of the host.
        """
        known = self._known.get(host)
        if known and monotonic() - known[0] < KEPT:
            return known[1]
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _looked_up, host)
        self._known[host] = (monotonic(), found)
        self._known.move_to_end(host)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return found

    def close(self) -> None:
        """Give the threads back; nobody waits for those that hang."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_up(host: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _OURS:
            raise NotMade(f"no name server tells who {host} is: {error.strerror}") from error
        unusable(f"there is no host called {host}")
    except UnicodeError:
        unusable(f"{host!r} is no name of a host")
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))

"""Throttle: how often one person, service or address may ask."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from time import monotonic
from typing import TYPE_CHECKING

from gridmask.access.doorkeeper import is_anonymous
from gridmask.api import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gridmask.access.settings import Limits
    from gridmask.domain.actor import Actor

MOST = 10_000
"""So many are remembered; of more, who asked longest ago is forgotten, and begins anew."""

_OF_ADDRESS = 64
"""Bits of an address of IPv6 that are one customer's."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody fares.

    Attributes:
        burst: what they may ask for at once; ``window``: seconds in which that grows back from nothing.
        left: what is left of it.
        full_in: seconds until all of it is back.
        wait: seconds until they may ask again; 0: they may.
    """

    burst: int
    window: int
    left: int
    full_in: int
    wait: int

    def headers(self, name: str) -> Iterator[tuple[bytes, bytes]]:
        """The same as headers, as draft-ietf-httpapi-ratelimit-headers has them."""
        yield b"ratelimit-policy", f'"{name}";q={self.burst};w={self.window}'.encode()
        yield b"ratelimit", f'"{name}";r={self.left};t={self.full_in}'.encode()


class Buckets:
    """A bucket of tokens for everybody: it holds ``burst``, each request takes one, and ``rate`` come back each second.

    What is remembered of a bucket is when it would be full.
    """

    def __init__(self, rate: float, burst: int, now: Callable[[], float], most: int = MOST) -> None:
        self._each = 1 / rate
        self._burst = burst
        self._now = now
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, whose: str) -> Standing:
        """Take a token out of somebody's bucket, if there is one."""
        now = self._now()
        full_at = max(now, self._full_at.get(whose, now))
        missing = (full_at - now) / self._each
        lacks = missing + 1 - self._burst
        if lacks <= 0:
            full_at, missing = full_at + self._each, missing + 1
            self._remember(whose, full_at)
        left, window = max(0, math.floor(self._burst - missing)), math.ceil(self._burst * self._each)
        wait = math.ceil(lacks * self._each) if lacks > 0 else 0
        return Standing(self._burst, window, left, math.ceil(full_at - now), wait)

    def _remember(self, whose: str, full_at: float) -> None:
        self._full_at[whose] = full_at
        self._full_at.move_to_end(whose)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)


class Throttle:
    """Who is known has a bucket of their own; who is not shares one with all others at that address."""

    def __init__(self, limits: Limits, now: Callable[[], float] = monotonic) -> None:
        self._known = Buckets(limits.rate, limits.burst, now) if limits.rate else None
        self._strangers = Buckets(limits.strangers_rate, limits.strangers_burst, now) if limits.strangers_rate else None

    def of(self, actor: Actor) -> Standing | None:
        """How ``actor`` fares after another request; None: nobody counts."""
        if is_anonymous(actor):
            return self.of_stranger(actor.origin.address)
        return _counted(self._known.take(actor.name), "actor") if self._known else None

    def of_stranger(self, address: str) -> Standing | None:
        """How somebody there fares of whom nothing is known, or who showed what proves nothing."""
        return _counted(self._strangers.take(network_of(address)), "address") if self._strangers else None


def _counted(standing: Standing, by: str) -> Standing:
    if standing.wait:
        metrics.THROTTLED.labels(by).inc()
    return standing


@lru_cache(1024)
def plain(address: str) -> str:
    """``address``; of one of IPv4 that came by a socket for IPv6 as well, as in ``::ffff:192.0.2.1``, that of IPv4."""
    try:
        mapped = IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return address if mapped is None else str(mapped)


def network_of(address: str) -> str:
    """What ``address`` is counted as: itself, or, of IPv6, the network that is one customer's."""
    if ":" not in address:
        return address
    try:
        whole = int(IPv6Address(address.partition("%")[0]))
    except ValueError:
        return address
    return str(IPv6Address(whole >> _OF_ADDRESS << _OF_ADDRESS))

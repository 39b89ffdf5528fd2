"""The connection pools: one for each identity under which sources are asked, made anew when its files change."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.http.access import ANYBODY, Access
from gridmask.http.routes import Routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.http.routes import Network


@dataclass(slots=True, eq=False)
class _Way:
    routes: Routes
    stamp: tuple[object, ...]
    users: int = 0


class Ways:
    """Gives out the routes of each identity.

    A certificate is replaced in its file long before the process ends: proxies live for hours. Whoever still uses the routes of
    before may finish; then they are closed.
    """

    def __init__(self, network: Network, only: Routes | None = None) -> None:
        self._network = network
        self._only = only
        self._ways = {} if only else {ANYBODY: _Way(Routes.through(network), ())}
        self._making = asyncio.Lock()

    @asynccontextmanager
    async def under(self, access: Access) -> AsyncIterator[Routes]:
        """The routes under the identity that ``access`` gives.

        Raises:
            InvalidConfiguration: its files cannot be used.
        """
        if self._only:
            yield self._only
            return
        way = await self._way(access.identity())
        way.users += 1
        try:
            yield way.routes
        finally:
            way.users -= 1
            await self._close_if_done(access.identity(), way)

    async def aclose(self) -> None:
        """Close all connections."""
        async with AsyncExitStack() as stack:
            for routes in (self._only, *(way.routes for way in self._ways.values())):
                if routes:
                    stack.push_async_callback(routes.aclose)

    async def _way(self, identity: Access) -> _Way:
        async with self._making:
            stamp = await asyncio.to_thread(identity.stamp) if identity != ANYBODY else ()
            known = self._ways.get(identity)
            if known and known.stamp == stamp:
                return known
            way = _Way(await asyncio.to_thread(Routes.through, self._network, identity), stamp)
            self._ways[identity] = way
        if known:
            await self._close_if_done(identity, known)
        return way

    async def _close_if_done(self, identity: Access, way: _Way) -> None:
        if not way.users and self._ways.get(identity) is not way:
            await way.routes.aclose()

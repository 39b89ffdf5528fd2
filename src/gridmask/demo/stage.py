"""The stage: an installation of its own, that reads the FakeGrid through the real client by the real collectors.

Nothing of it leaves the process, and nothing is left when it ends. Its settings are like any other's, but for their spans of
time, which are as short as the play's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from gridmask.bootstrap import installation
from gridmask.clock import system_clock
from gridmask.demo import gocdb, osg
from gridmask.demo.cast import Cast
from gridmask.demo.fakegrid import FakeGrid
from gridmask.demo.play import Play
from gridmask.http import Backoff, Breaker, Client, Limits
from gridmask.settings import Loop, Server, Settings, Vo
from gridmask.source import Source
from gridmask.store.database import EPHEMERAL

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.clock import Clock

POLICIES = Path(__file__).parent / "policies"

GOCDB, TOPOLOGY = "https://gocdb.example.org", "https://topology.example.org"

VOS = ("astra", "borealis", "cygnus", "dorado")
"""The VOs: the first three have policies of their own, dorado has what everyone has, and keeps its own by the API."""

OFTEN, SELDOM = timedelta(seconds=2), timedelta(seconds=10)
"""How often downtimes and inventories are read."""

VALID = timedelta(minutes=5)
"""How long what a registry said counts: longer than the script lets one fail."""

# a registry that fails for a minute is asked all the while: its sources tell why it fails, and notice at once that it is back
_LIMITS = Limits(timeout=2, deadline=2, attempts=1)
_BACKOFF = Backoff(first=0.1, longest=0.5, jitter=0.1)
_BREAKER = Breaker(threshold=1000)


def settings() -> Settings:
    """The settings of the demonstration."""
    return Settings(
        database=EPHEMERAL,
        policies=POLICIES,
        server=Server(),
        loop=Loop(sweep=timedelta(minutes=5)),
        source=_sources(),
        vo={vo: Vo(policies="api" if vo == "dorado" else "file") for vo in VOS},
    )


def _sources() -> tuple[Source, ...]:
    pi = f"{GOCDB}{gocdb.PATH}"
    return (
        Source(name="gocdb", kind="gocdb", url=pi, every=SELDOM, options={"vo_scopes": list(VOS)}),
        Source(
            name="gocdb-downtimes",
            kind="gocdb-downtimes",
            url=pi,
            every=OFTEN,
            valid_for=VALID,
            covers=frozenset({"gocdb"}),
        ),
        Source(name="osg-topology", kind="osg-topology", url=f"{TOPOLOGY}{osg.SUMMARY}", every=SELDOM),
        Source(
            name="osg-downtimes",
            kind="osg-downtimes",
            url=f"{TOPOLOGY}{osg.DOWNTIMES}",
            every=OFTEN,
            valid_for=VALID,
            covers=frozenset({"osg-topology"}),
        ),
    )


def client(grid: FakeGrid, clock: Clock) -> Client:
    """A client for which ``grid`` is all that there is."""
    transport = httpx2.ASGITransport(grid)
    return Client(clock, _LIMITS, backoff=_BACKOFF, breaker=_BREAKER, transport=transport)


@asynccontextmanager
async def staged(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[tuple[Installation, Cast]]:
    """The installation of ``settings`` before a play that begins now, and those who act in it: whoever has them act, may."""
    play = Play(clock())
    reader = client(FakeGrid(play, clock), clock)
    async with installation(settings, clock=clock, client=reader, demonstration=play) as made:
        yield made, Cast(play, made, play.began_at)


@asynccontextmanager
async def opened(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Installation]:
    """The same, and they act. See :func:`gridmask.bootstrap.installation`."""
    async with staged(settings, clock=clock) as (made, cast):
        performing = asyncio.create_task(cast.perform(), name="perform")
        try:
            yield made
        finally:
            performing.cancel()
            await asyncio.gather(performing, return_exceptions=True)

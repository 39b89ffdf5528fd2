"""A server that misbehaves, and a client that does not wait between its attempts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.http import Backoff, Client, Limits
from tests.integration.http.server import Server, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NO_PAUSE = Backoff(first=0, longest=0, jitter=0)
LIMITS = Limits(timeout=5, deadline=10, max_bytes=1024 * 1024)


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime = datetime(2026, 8, 21, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as server:
        yield server


@pytest.fixture
async def client(clock: Clock) -> AsyncIterator[Client]:
    # Loading the system's CAs for each test would take longer than the test; none are needed for plain http.
    no_tls = httpx2.AsyncHTTPTransport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    async with Client(clock, LIMITS, backoff=NO_PAUSE, transport=no_tls) as client:
        yield client

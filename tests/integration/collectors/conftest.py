"""A server that answers as a source does, and a client that asks it."""

from __future__ import annotations

from tests.integration.http.conftest import client, clock, server

__all__ = ["client", "clock", "server"]

"""Attending to a transaction while something is worked out: else the database takes who is silent in it for dead."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import literal, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

EVERY = 10.0
"""Seconds between two signs of life."""


async def attended(connection: AsyncConnection, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` comes to, which uses ``connection`` for nothing; meanwhile its transaction shows signs of life."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait((task,), timeout=EVERY))[0]:
            await connection.execute(select(literal(1)))
        return await task
    finally:
        task.cancel()

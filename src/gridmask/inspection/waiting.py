"""Waiting for news, but not for ever."""

from __future__ import annotations

import asyncio


async def until(news: asyncio.Event, seconds: float) -> None:
    """Waits until ``news`` are there, or so many seconds have passed."""
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return

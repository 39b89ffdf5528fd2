"""What a bell is, and the one of an installation that has none.

A bell carries no news: who hears it looks into the database, which is the truth. So nothing depends on it but how soon that
is. Where there is no bell, or it is broken, processes look all the same, after a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Bell(Protocol):
    """Rings in all other processes of an installation."""

    @property
    def is_heard(self) -> bool:
        """Whether this process would hear the others now."""

    def ring(self) -> None:
        """Have the others look. It does not wait, and may be lost."""

    async def run(self, heard: Callable[[], None]) -> None:
        """Carry what is rung, for ever, and call ``heard`` when another process rang, or may have."""


class Silence:
    """No bell."""

    is_heard = False

    def ring(self) -> None:
        """See :class:`Bell`."""

    async def run(self, heard: Callable[[], None]) -> None:
        """See :class:`Bell`."""
        del heard
        await asyncio.Event().wait()

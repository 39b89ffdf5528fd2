"""Talking: how an other side keeps one connection for all that is asked of it in a row."""

from __future__ import annotations

from contextlib import asynccontextmanager
from copy import copy
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.http.line import Line, OpenLine


class Talking:
    """Has a line, and a copy of itself for each time that it is open, so that two talks do not meet."""

    _line: Line
    _open: OpenLine | None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        async with self._line.open() as line:
            talk = copy(self)
            talk._open = line  # noqa: SLF001 - one of us
            yield talk

"""Where feeds are kept: a file, or an address that takes PUT."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from anyio import to_thread

from gridmask.actions.actuating.talking import Talking
from gridmask.domain.errors import BadStatus, NotTold

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from gridmask.http.line import Line, OpenLine


class Place(Protocol):
    """Somewhere where a feed is kept; ``name``: as it can be shown."""

    @property
    def name(self) -> str:
        """How it is called."""

    def open(self) -> AbstractAsyncContextManager[Place]:
        """Within this, it can be read and written."""

    async def read(self) -> bytes:
        """What is there; nothing, if it is not there yet.

        Raises:
            GridmaskError: that cannot be told.
        """

    async def write(self, body: bytes, media_type: str) -> None:
        """Put ``body`` in the place of what is there, as a whole or not at all.

        Raises:
            GridmaskError: it could not be done.
        """


@dataclass(frozen=True, slots=True)
class File:
    """A file. Others see what was there, or what is there now, and nothing between; a crash leaves one of the two."""

    path: Path
    mode: int = 0o644

    @property
    def name(self) -> str:
        """See :class:`Place`."""
        return str(self.path)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[File]:
        """See :class:`Place`."""
        yield self

    async def read(self) -> bytes:
        """See :class:`Place`."""
        return await to_thread.run_sync(self._read)

    async def write(self, body: bytes, media_type: str) -> None:
        """See :class:`Place`."""
        del media_type
        await to_thread.run_sync(self._write, body)

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise NotTold(self.name, f"cannot be read: {error.strerror or type(error).__name__}") from error

    def _write(self, body: bytes) -> None:
        try:
            number, new = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
            try:
                with open(number, "wb") as file:  # noqa: PTH123 - it is no path
                    file.write(body)
                    file.flush()
                    os.fchmod(file.fileno(), self.mode)
                    os.fsync(file.fileno())
                Path(new).replace(self.path)
            except BaseException:
                with suppress(OSError):
                    Path(new).unlink()
                raise
            self._settle()
        except OSError as error:
            raise NotTold(self.name, f"cannot be written: {error.strerror or type(error).__name__}") from error

    def _settle(self) -> None:
        """Have the folder remember it, too."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Address(Talking):
    """An address that gives and takes documents by GET and PUT, as stores of objects and WebDAV do."""

    def __init__(self, name: str, line: Line) -> None:
        self.name = name
        self._line = line
        self._open: OpenLine | None = None

    async def read(self) -> bytes:
        """See :class:`Place`."""
        assert self._open is not None  # it was opened
        reply = await self._open.send("GET", headers={"Cache-Control": "no-cache"})
        return b"" if reply.status in {404, 410} else reply.require_success().body

    async def write(self, body: bytes, media_type: str) -> None:
        """See :class:`Place`."""
        assert self._open is not None  # it was opened
        reply = await self._open.send("PUT", content=(media_type, body))
        if not reply.is_success:
            raise BadStatus(reply.place, reply.status)

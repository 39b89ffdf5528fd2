"""DIRAC's registry in a file, which is read again when it changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from gridmask.access import dirac_registry
from gridmask.access.keys import KeysUnavailable
from gridmask.domain.errors import GridmaskError, InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.access.dirac_registry import DiracRegistry

log = structlog.get_logger()

PLACE = "certificate.registry"

_Mark = tuple[int, int, int]


class RegistryUnavailable(KeysUnavailable):
    """The registry cannot be read, and never could: nobody can tell who asks, as without the keys of an issuer."""


class RegistryFile:
    """The registry in the file at ``path``. One that cannot be read any more counts as it was last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: DiracRegistry | None = None
        self._mark: _Mark | None = None
        self._reading = asyncio.Lock()

    async def current(self) -> DiracRegistry:
        """What the file says.

        Raises:
            RegistryUnavailable: it could never be read.
        """
        mark = self._seen()
        if self._known is None or mark != self._mark:
            async with self._reading:
                if self._known is None or mark != self._mark:
                    self._mark = mark
                    await self._read()
        if self._known is None:
            raise RegistryUnavailable("Nobody can tell whose certificate that is: DIRAC's registry cannot be read.")
        return self._known

    def _seen(self) -> _Mark | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    async def _read(self) -> None:
        try:
            found = await asyncio.to_thread(load, self._path)
        except InvalidConfiguration as error:
            log.warning("DIRAC's registry cannot be read; what it said before goes on to count", problem=str(error))
            return
        self._known = found
        if found.doubtful:
            log.warning(
                "names of certificates that several have in DIRAC's registry count for none", names=sorted(found.doubtful)
            )


def load(path: Path) -> DiracRegistry:
    """The registry in the file at ``path``.

    Raises:
        InvalidConfiguration: it cannot be read.
    """
    try:
        return dirac_registry.read(path.read_bytes(), str(path))
    except OSError as error:
        raise InvalidConfiguration(PLACE, f"{path}: {error.strerror or 'cannot be read'}") from error
    except GridmaskError as error:
        raise InvalidConfiguration(PLACE, str(error)) from error

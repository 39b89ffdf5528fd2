"""VOs: which there are, and whom a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.vo import VoRegistry
from gridmask.store import vos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.store.database import Database


class Vos:
    """The VOs of the settings, and those that inventories brought."""

    def __init__(self, database: Database, declared: VoRegistry) -> None:
        self._database = database
        self._registry = declared

    async def resolve(self, name: str) -> str:
        """The canonical name of the VO called ``name``; ``all`` stands for itself.

        Raises:
            NotKnown: there is none.
        """
        if name.strip().casefold() not in self._registry.names:
            async with self._database.reading() as connection:
                self._registry = self._registry.with_names(await vos.load(connection))
        return self._registry.resolve(name)

    async def masks(self) -> Mapping[str, int]:
        """By VO, and ``all``, the last revision that changed its mask."""
        async with self._database.reading() as connection:
            return await vos.mask_revisions(connection)

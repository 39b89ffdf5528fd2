"""Actions of plug-ins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from gridmask.domain.errors import GridmaskError, Unreachable


class Telling(Protocol):
    """What a plug-in's action can do."""

    async def tell(self, key: str, changes: dict[str, Any]) -> None:
        """Tell the outside of ``changes``. Told of the same key twice, it must do no harm."""


@dataclass(frozen=True, slots=True)
class PluggedAction:
    """An action of a plug-in, called ``name`` in the settings. Where it fails, it is tried again later, as all are."""

    name: str
    action: Telling

    async def tell(self, key: str, changes: dict[str, Any]) -> None:
        """See :class:`~gridmask.inspection.outbox.Action`."""
        try:
            await self.action.tell(key, changes)
        except GridmaskError:
            raise
        except Exception as error:
            raise Unreachable(f"action {self.name}", f"{type(error).__name__}: {error}") from error

"""Actions of plug-ins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import GridmaskError, NotTold

if TYPE_CHECKING:
    from gridmask.actions.action import Action
    from gridmask.domain.news import News


@dataclass(frozen=True, slots=True)
class PluggedAction:
    """An action of a plug-in, called ``name`` in the settings. Where it fails, it is tried again later, as all are."""

    name: str
    action: Action

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        try:
            await self.action.tell(news)
        except GridmaskError:
            raise
        except Exception as error:
            raise NotTold(f"action {self.name}", f"{type(error).__name__}: {error}") from error

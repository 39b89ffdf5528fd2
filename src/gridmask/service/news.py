"""News of masks: what streams tell, and who hears it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gridmask.service.bookmark import Bookmark

if TYPE_CHECKING:
    from gridmask.domain.errors import GridmaskError


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class News:
    """Something that a stream tells: a whole ``mask``, the ``delta`` from the one that was told before, or what is ``held``.

    The same news for many is one object, so that what is made of it can be made once.

    Attributes:
        event: which of these.
        revision: of the mask that a reader has then.
        data: what is told, as JSON.
        mark: of the revision.
    """

    event: str
    revision: int
    data: bytes
    mark: str = ""

    @property
    def at(self) -> Bookmark:
        """Where a reader is who has heard it."""
        return Bookmark(self.revision, self.mark)


class Listener(Protocol):
    """Somebody who follows a channel."""

    def wake(self) -> None:
        """There may be news. It must not take long: the others wait."""

    def end(self, error: GridmaskError) -> None:
        """There will be none any more."""


class Missed(Exception):
    """What comes next for a reader is not remembered: it has to be worked out for this one."""

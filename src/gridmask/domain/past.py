"""The mask of a VO as it was at a past moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import ElementKey
from gridmask.domain.mask import Mask

if TYPE_CHECKING:
    from gridmask.domain.status import Purpose


@dataclass(frozen=True, slots=True)
class PastMask:
    """What one VO might use at a moment.

    Attributes:
        at: the moment.
        mask: what it was then; its revision is the last one that had been made, of whichever mask.
        unsure: elements that were in the inventory then, and of which it is not kept what they were. They are told as they were
            later; site, offer, and whether they were in service may have been otherwise.
    """

    at: datetime
    mask: Mask
    unsure: frozenset[ElementKey] = frozenset()

    def only_usable(self, purpose: Purpose) -> PastMask:
        """The part of it that the VO might use for ``purpose``."""
        return replace(self, mask=self.mask.only_usable(purpose))

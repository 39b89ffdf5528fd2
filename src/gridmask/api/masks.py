"""``/api/v1/masks``: what each VO may use."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Moment, Said
from gridmask.domain.rights import Action

router = APIRouter(prefix="/api/v1/masks", tags=["masks"])


class MaskListed(Said):
    """A VO, and the revision of its mask."""

    vo: str
    revision: int = Field(description="The last revision that changed this mask.")


class MasksSaid(Said):
    """All masks."""

    masks: list[MaskListed]
    checked_at: Moment | None = Field(description="Since when they are known to be up to date.")


@router.get("", summary="List the VOs, and the revision of each one's mask")
async def list_masks(gridmask: Here, by: By) -> MasksSaid:
    """All VOs about which the reader may read, and `all`, the installation's own view."""
    revisions = await gridmask.masks.revisions()
    readable = ((vo, revision) for vo, revision in sorted(revisions.items()) if by.may(Action.READ, vo))
    masks = [MaskListed(vo=vo, revision=revision) for vo, revision in readable]
    return MasksSaid(masks=masks, checked_at=gridmask.board.checked_at)

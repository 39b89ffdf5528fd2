"""``/api/v1/masks``: what each VO may use."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Moment, Said
from gridmask.api.rights import require_reader
from gridmask.api.streams import EventStream
from gridmask.domain.rights import Action
from gridmask.service.bookmark import Bookmark

BOOKMARK = "^[0-9]{1,18}(-[0-9a-f]{16})?$"
"""What a reader says of where it is: a revision, perhaps with its mark."""

_SINCE = "Begin with what changed since this revision; with its mark, as in `42-3f9a0c5be1d27846`, only if it is of this past."

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


@router.get(
    "/{vo}/stream",
    summary="Follow a VO's mask",
    status_code=200,
    response_class=EventStream,
    responses={
        200: {
            "description": "Events, until either side ends.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def follow_mask(
    request: Request,
    gridmask: Here,
    by: By,
    vo: Annotated[str, Path(min_length=1, max_length=255)],
    since: Annotated[str | None, Query(pattern=BOOKMARK, description=_SINCE)] = None,
    last_event_id: Annotated[str | None, Header(description="The same, as readers send it when they come back.")] = None,
) -> EventStream:
    """A whole mask, or what changed in it since some revision; then each change as it comes, as server-sent events.

    `mask` is a whole mask, as `GET /api/v1/masks/{vo}` gives it; `delta` is what changed since the event before: `elements`
    that are new or other, and `gone`, the identities of those to be forgotten. An event's `id` is the revision that it leads
    to, with its mark. What cannot be resumed begins with a whole mask. A comment every 15 s tells that all is well. Within as
    long, it ends for who may not read this any more.
    """
    streams, gate = request.app.state.streams, request.app.state.gate
    name = await gridmask.masks.canonical(vo)
    # nothing is awaited from here until the stream counts
    streams.require_room(whose := gate.bucket(by), gridmask.settings.limits)
    told = _place(since, last_event_id)

    async def ask() -> None:
        await require_reader(gridmask, await gate.again(request.scope, by), name)

    return EventStream(partial(gridmask.masks.follow, name, told), streams, whose, ask if gridmask.doorkeeper.asks else None)


def _place(since: str | None, last_event_id: str | None) -> Bookmark | None:
    """Where the reader is; what came last counts."""
    told = since if last_event_id is None else last_event_id
    return None if told is None else Bookmark.parse(told)

"""Masks of the past: what each VO might use at some moment, or after some revision."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidRequest, NotKnown, NotKnownThen
from gridmask.domain.mask import mask_of
from gridmask.domain.past import PastMask
from gridmask.domain.vo import ALL
from gridmask.feeds import past as feed
from gridmask.service.bookmark import Bookmark
from gridmask.service.masks import FORMATS
from gridmask.service.served import packed, require_format, validated
from gridmask.service.shelf import Made, Shelf
from gridmask.store import marks, vos
from gridmask.store import past as store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.status import Purpose
    from gridmask.service.served import Served
    from gridmask.service.vos import Vos
    from gridmask.store.database import Database

ENCODERS: Mapping[str, Callable[[PastMask], bytes]] = {"json": feed.encode_json, "text": feed.encode_text}

SETTLED = timedelta(minutes=1)
"""So long ago a moment has to be before nothing can be committed any more that is dated before it."""

MOST_BYTES = 64 * 2**20
"""So many bytes of masks of the past are kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the past of a VO.

    Attributes:
        vo: its canonical name.
        at: the moment.
        revision: the last that had been made by then; None: there was none here yet, or ``at`` is before what is kept.
        mark: by which that is told apart; empty: nobody knows it.
        settled: whether nothing can come that happened before it.
    """

    vo: str
    at: datetime
    revision: int | None
    mark: str
    settled: bool


class PastMasks:
    """The use cases around masks of the past. They are made one after another: each needs all elements in memory."""

    def __init__(self, database: Database, vos: Vos, clock: Clock) -> None:
        self._database = database
        self._vos = vos
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._shelf: Shelf[tuple[Place, str, Purpose | None, str]] = Shelf(MOST_BYTES)

    async def serve(
        self, vo: str, at: datetime | Bookmark, encoding: str = "json", purpose: Purpose | None = None, *, coding: str = ""
    ) -> Served:
        """The mask of ``vo`` at a moment or after a revision as bytes, perhaps packed; with ``purpose``, only what was usable.

        Raises:
            NotKnown: there never was such a VO, or not then; or nothing is known of then; or there is no such revision.
            InvalidRequest: the moment is still to come, or there is no such encoding.
        """
        if encoding in FORMATS and encoding not in ENCODERS:
            raise InvalidRequest(f"The past is told as {' or '.join(ENCODERS)}, not as {encoding}.")
        require_format(encoding, ENCODERS)
        return await self._served(await self.place(vo, at), encoding, purpose, coding)

    async def _served(self, place: Place, encoding: str, purpose: Purpose | None, coding: str) -> Served:
        make = self._pack if coding else self._make
        return await self._shelf.get(
            (place, encoding, purpose, coding), lambda: True, lambda: make(place, encoding, purpose, coding)
        )

    async def _make(self, place: Place, encoding: str, purpose: Purpose | None, _: str) -> Made:
        past, is_sure = await self._told(place)
        wanted = past if purpose is None else past.only_usable(purpose)
        body = await to_thread.run_sync(ENCODERS[encoding], wanted)
        lasting = place.settled and is_sure
        return lasting or None, replace(validated(body, past.mask.revision, place.mark), lasting=lasting)

    async def _pack(self, place: Place, encoding: str, purpose: Purpose | None, coding: str) -> Made:
        plain = await self._served(place, encoding, purpose, "")
        return plain.lasting or None, replace(await to_thread.run_sync(packed, plain, coding), lasting=plain.lasting)

    async def mask(self, vo: str, at: datetime | Bookmark) -> PastMask:
        """The mask of ``vo`` then as a value.

        Raises:
            As :meth:`serve`.
        """
        return (await self._told(await self.place(vo, at)))[0]

    async def place(self, vo: str, at: datetime | Bookmark) -> Place:
        """Where in the past of ``vo`` that is.

        Raises:
            As :meth:`serve`.
        """
        now = self._clock()
        if isinstance(at, datetime) and at > now:
            raise InvalidRequest(f"{at:%FT%TZ} is still to come; it is {now:%FT%TZ} now. Ask for a moment that has passed.")
        name = await self._vos.resolve_ever(vo)
        async with self._database.reading() as connection:
            moment = at.astimezone(UTC) if isinstance(at, datetime) else await _made_at(connection, at)
            ours = await store.terms(connection, ALL)
            if ours is None or ours[0] > moment:
                return Place(name, moment, None, "", settled=False)
            await require_there(connection, name, moment)
            revision = await store.revision_at(connection, moment) if isinstance(at, datetime) else at.revision
            mark = (await marks.of(connection, (revision,))).get(revision, "")
        return Place(name, moment, revision, mark, settled=not isinstance(at, datetime) or now - moment >= SETTLED)

    async def _told(self, place: Place) -> tuple[PastMask, bool]:
        """The mask there, and whether it is sure that nobody will ever tell of it otherwise."""
        async with self._one_at_a_time:
            async with self._database.reading() as connection:
                scene = await _scene(connection, place)
            mask = await to_thread.run_sync(mask_of, place.vo, scene.revision, scene.holdings)
        return PastMask(place.at, mask, scene.edited), place.revision is not None and not scene.assumed


async def _made_at(connection: AsyncConnection, bookmark: Bookmark) -> datetime:
    """When a revision was made.

    Raises:
        NotKnown: there is none with this number, or it is of another past.
    """
    made_at = await vos.made_at(connection, bookmark.revision)
    known = await marks.of(connection, (bookmark.revision,)) if bookmark.mark else {}
    if made_at is None or (bookmark.mark and known.get(bookmark.revision) != bookmark.mark):
        raise NotKnown("revision", str(bookmark))
    return made_at


async def _scene(connection: AsyncConnection, place: Place) -> store.Scene:
    """What the mask there is made of: what was known here then, or, of before there was anything, elsewhere."""
    if place.revision is not None:
        scene = await store.scene(connection, place.revision)
        if await store.left_since(connection, place.vo, place.at):
            return replace(scene, edited=scene.assumed)
        return scene
    found = await store.scene_elsewhere(connection, place.at)
    if not found.holdings:
        ours = await store.terms(connection, ALL)
        since = (
            f"what was served is known since {ours[0]:%FT%TZ}, and no history goes back so far" if ours else "nothing is yet"
        )
        raise NotKnownThen("mask", place.vo, place.at, since)
    return found


async def require_there(connection: AsyncConnection, vo: str, at: datetime) -> None:
    """Check that there was a VO called ``vo`` at ``at``.

    Raises:
        NotKnownThen: it had not come, or had left.
    """
    terms = await store.terms(connection, vo)
    if terms is None or terms[0] > at:
        raise NotKnownThen("VO", vo, at, f"it is known since {terms[0]:%FT%TZ}" if terms else "it never had a mask")
    if terms[1] is not None and terms[1] <= at:
        raise NotKnownThen("VO", vo, at, f"it left at {terms[1]:%FT%TZ}")

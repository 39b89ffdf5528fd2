"""Masks of the past: what each VO might use at some moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidRequest, NotKnownThen
from gridmask.domain.mask import mask_of
from gridmask.domain.past import PastMask
from gridmask.domain.vo import ALL
from gridmask.feeds import past as feed
from gridmask.service.masks import FORMATS
from gridmask.service.served import packed, require_format, validated
from gridmask.store import past as store

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.status import Purpose
    from gridmask.service.served import Served
    from gridmask.service.vos import Vos
    from gridmask.store.database import Database

ENCODERS: Mapping[str, Callable[[PastMask], bytes]] = {"json": feed.encode_json, "text": feed.encode_text}


class PastMasks:
    """The use cases around masks of the past. They are made one after another: each needs all elements in memory."""

    def __init__(self, database: Database, vos: Vos, clock: Clock) -> None:
        self._database = database
        self._vos = vos
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def serve(
        self, vo: str, moment: datetime, encoding: str = "json", purpose: Purpose | None = None, *, zipped: bool = False
    ) -> Served:
        """The mask of ``vo`` at ``moment`` as bytes, perhaps packed with gzip; with ``purpose``, only what was usable for it.

        Raises:
            NotKnown: there never was such a VO, or not then; or nothing is known of then.
            InvalidRequest: the moment is still to come, or there is no such encoding.
        """
        if encoding in FORMATS and encoding not in ENCODERS:
            raise InvalidRequest(f"The past is told as {' or '.join(ENCODERS)}, not as {encoding}.")
        require_format(encoding, ENCODERS)
        past = await self.mask(vo, moment)
        wanted = past if purpose is None else past.only_usable(purpose)
        served = validated(await to_thread.run_sync(ENCODERS[encoding], wanted), past.mask.revision)
        return await to_thread.run_sync(packed, served) if zipped else served

    async def mask(self, vo: str, moment: datetime) -> PastMask:
        """The mask of ``vo`` at ``moment`` as a value.

        Raises:
            As :meth:`serve`.
        """
        at, now = moment.astimezone(UTC), self._clock()
        if at > now:
            raise InvalidRequest(f"{at:%FT%TZ} is still to come; it is {now:%FT%TZ} now. Ask for a moment that has passed.")
        name = await self._vos.resolve_ever(vo)
        async with self._one_at_a_time:
            async with self._database.reading() as connection:
                scene = await _scene(connection, name, at)
            mask = await to_thread.run_sync(mask_of, name, scene.revision, scene.holdings)
        return PastMask(at, mask, scene.edited)


async def _scene(connection: AsyncConnection, vo: str, at: datetime) -> store.Scene:
    """What ``vo``'s mask at ``at`` is made of: what was known here then, or, of before there was anything, elsewhere."""
    ours = await store.terms(connection, ALL)
    if ours is not None and ours[0] <= at:
        await require_there(connection, vo, at)
        scene = await store.scene(connection, await store.revision_at(connection, at))
        if await store.left_since(connection, vo, at):
            return replace(scene, edited=scene.assumed)
        return scene
    found = await store.scene_elsewhere(connection, at)
    if not found.holdings:
        since = (
            f"what was served is known since {ours[0]:%FT%TZ}, and no history goes back so far" if ours else "nothing is yet"
        )
        raise NotKnownThen("mask", vo, at, since)
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

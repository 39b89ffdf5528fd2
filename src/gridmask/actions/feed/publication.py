"""A feed as a thing that is to have a content."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from gridmask.actions.actuating.values import Found, Reading, Wish, Wishes
from gridmask.domain.errors import NotTold

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.actions.actuating.side import Document, Outlook
    from gridmask.actions.actuating.values import Step
    from gridmask.actions.feed.places import Place
    from gridmask.domain.status import Purpose

CONTENT = "content"
"""The one aspect: a digest of the bytes; ``nothing``, where there are none."""

NOTHING = "nothing"

_MEDIA_TYPES = {"text": "text/plain; charset=utf-8", "ssb": "text/plain; charset=utf-8", "vo-feed": "application/xml"}
_EMPTY = "The mask has no elements at all, and the feed has some."


@dataclass(frozen=True, slots=True)
class Subject:
    """Which feed: whose mask, in which form, of what is usable for which purpose; and whether an empty one will do."""

    vo: str
    form: str
    purpose: Purpose | None = None
    allow_empty: bool = False


class Publication:
    """One feed in one place; see :class:`~gridmask.actions.actuating.side.OtherSide`."""

    own_alone = False

    def __init__(self, subject: Subject, place: Place) -> None:
        self._subject = subject
        self._place = place
        self._made: Document | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Publication]:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        async with self._place.open() as place:
            yield Publication(self._subject, place)

    async def wishes(self, outlook: Outlook, now: datetime) -> Wishes:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        del now
        subject = self._subject
        made = self._made = await outlook.render(subject.vo, subject.form, subject.purpose)
        if not made.body:
            raise NotTold(self._place.name, f"the {subject.form} of {subject.vo} came out without a byte; it is not published")
        doubt = "" if made.entries or subject.allow_empty else await self._doubt()
        wish = Wish(self._place.name, {CONTENT: _digest(made.body)}, (), f"revision {made.revision}", doubt)
        return Wishes(made.revision, {wish.thing: wish})

    async def _doubt(self) -> str:
        return _EMPTY if await self._place.read() else ""

    async def read(self, things: Collection[str]) -> Reading:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        there = await self._place.read()
        return Reading(dict.fromkeys(things, Found({CONTENT: _digest(there)})))

    async def write(self, step: Step) -> str:
        """See :class:`~gridmask.actions.actuating.side.OtherSide`."""
        made = self._made
        assert made is not None  # the step follows from it
        assert step.after[CONTENT] == _digest(made.body)
        await self._place.write(made.body, _MEDIA_TYPES.get(self._subject.form, "application/json"))
        return f"{len(made.body):,} bytes of revision {made.revision}"


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:32] if body else NOTHING

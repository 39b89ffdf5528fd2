"""Deltas: what turns a mask that a reader has into the one that there is, as bytes.

Each is made once for all who ask for it: of changes that are remembered, or else, be it years ago, of those in the database,
where changes are kept for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import NotResumable, StoreUnavailable
from gridmask.domain.mask import Delta
from gridmask.feeds.mask_json import encode_delta
from gridmask.service.bookmark import Bookmark
from gridmask.service.served import packed, validated
from gridmask.service.shelf import Made, Shelf
from gridmask.store import marks, past, vos

if TYPE_CHECKING:
    from gridmask.service.board import Board
    from gridmask.service.served import Served
    from gridmask.store.database import Database

MOST_BYTES = 64 * 2**20
"""So many bytes of deltas are kept."""

_Key = tuple[str, Bookmark, str]


class Deltas:
    """The deltas of one installation's masks."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
        self._shelf: Shelf[_Key] = Shelf(MOST_BYTES)

    async def serve(self, vo: str, since: Bookmark, *, coding: str = "") -> Served:
        """What turns the mask of ``vo``, a canonical name, at ``since`` into the one of now. If they are the same, nothing.

        Raises:
            NotKnown: there is no such VO, or none any more. NotResumable: nothing leads from there to here.
        """
        await self._board.vo_names()
        make = self._pack if coding else self._make
        return await self._shelf.get((vo, since, coding), lambda: self._board.point(vo), lambda: make(vo, since, coding))

    async def require(self, vo: str, since: Bookmark) -> None:
        """Make sure that a reader can go on from ``since``.

        Raises:
            NotResumable: it cannot.
        """
        if since.revision > self._board.revision:
            raise NotResumable(vo, since.revision, "ahead")
        known = self._board.mark_of(since.revision) or await self._looked_up(vo, since)
        if since.mark and since.mark != known:
            raise NotResumable(vo, since.revision, "other past")

    async def _looked_up(self, vo: str, since: Bookmark) -> str:
        async with self._database.reading() as connection:
            made_at = await vos.made_at(connection, since.revision)
            if made_at is not None and await past.left_since(connection, vo, made_at):
                raise NotResumable(vo, since.revision, "left")
            return (await marks.of(connection, (since.revision,))).get(since.revision, "")

    async def _make(self, vo: str, since: Bookmark, _: str) -> Made:
        try:
            await self.require(vo, since)
            delta = await self._board.delta(vo, since.revision)
        except StoreUnavailable as error:
            raise NotResumable(vo, since.revision, "away") from error
        if delta is None:
            # nothing changed that mask since: it has the revision that it had
            delta = Delta(vo, since.revision, self._board.point(vo)[0])
        mark = self._board.mark_of(delta.revision)
        body = await to_thread.run_sync(encode_delta, delta, mark)
        return (delta.revision, mark), validated(body, delta.revision, mark)

    async def _pack(self, vo: str, since: Bookmark, coding: str) -> Made:
        plain = await self.serve(vo, since)
        return (plain.revision, plain.mark), await to_thread.run_sync(packed, plain, coding)

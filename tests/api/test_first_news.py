"""Who comes to a channel before its first step is told where it is, and not to catch up for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gridmask.service.bookmark import Bookmark
from gridmask.service.newsroom import Newsroom
from tests.told import VO, Book

if TYPE_CHECKING:
    from gridmask.service.served import Served


class AtOnce:
    """Deltas that are remembered, and given without a pause in which anything else could happen."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def serve(self, _: str, since: Bookmark) -> Served:
        return self._book.served({"since": since.revision, "revision": since.revision, "elements": {}, "gone": []})


async def test_who_knows_all_is_not_sent_to_catch_up_again_and_again() -> None:
    book = Book()
    book.write({"CE1": 1})
    newsroom = Newsroom(cast("Any", book), cast("Any", AtOnce(book)))
    # a page knows its revision, and no mark
    with newsroom.following(VO, Bookmark(1, ""), cast("Any", object())) as place:
        assert await place.more() is None
        assert not place.is_lost

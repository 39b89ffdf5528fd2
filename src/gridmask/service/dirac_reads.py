"""What clients of DIRAC look at: rows with all that DIRAC tells of them, their changes, and which of these a client hid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from gridmask.domain.errors import InvalidRequest, StoreUnavailable
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.service.row_book import RowBook
from gridmask.store import imported, journal
from gridmask.store.dirac_views.names import Names, told_apart

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row as Record

    from gridmask.domain.actor import Actor
    from gridmask.domain.mask import Holding
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.board import Board
    from gridmask.service.row_book import Edition
    from gridmask.store.journal import Written

HIDDEN = "dirac hide"
"""How it goes into the books that a client deleted something of a log. Nothing of the history goes away by that."""

MOST_CHANGES = 50_000
"""So many changes are looked through at once."""


MOST_NAMED = 100
"""Of so many elements, rows may be read by their names; of more, those of all are."""


class State(NamedTuple):
    """What answers are made of. As long as it is so, they stay the same.

    Attributes:
        revision: what masks are of.
        vos: the VOs that there are.
        edition: of the book of rows; None: nothing of it was told.
        ended: how many of its tokens have ended.
    """

    revision: int
    vos: frozenset[str]
    edition: int | None = None
    ended: int = 0

    def is_of(self, other: State) -> bool:
        """Whether both are of the same masks and VOs, whatever the rows."""
        return (self.revision, self.vos) == (other.revision, other.vos)

    def told_of(self, edition: Edition, now: datetime) -> State:
        """It, for an answer that tells what ``edition`` says at a moment."""
        return self._replace(edition=edition.number, ended=edition.ended(now))


class DiracReads:
    """The use cases of clients of DIRAC that change nothing, but for what they see themselves."""

    def __init__(self, inspector: Inspector, board: Board) -> None:
        self._inspector = inspector
        self._board = board
        self._names = -1, Names()
        self._book = RowBook(inspector.database)

    async def state(self) -> State:
        """What :meth:`shown` tells, and to whom, is the same as long as this is."""
        names = await self._board.vo_names()
        return State(self._board.revision, frozenset(names))

    async def is_still(self, state: State) -> bool:
        """Whether what was told of ``state`` is so now; while the database is away, nobody knows that of rows."""
        now = await self.state()
        if state.edition is None or not state.is_of(now):
            return state == now
        with suppress(StoreUnavailable):
            edition = await self._book.at_hand()
            return edition is not None and now.told_of(edition, self._inspector.clock()) == state
        return False

    async def edition(self, *, whole: bool) -> Edition | None:
        """All that is told of all rows, whichever process wrote it. Unless ``whole``, None where that takes to read much.

        Raises:
            StoreUnavailable: the database is away.
        """
        return await self._book.read() if whole else await self._book.at_hand()

    async def names(self) -> Names:
        """What elements are called in DIRAC's tables."""
        await self._board.vo_names()
        if self._names[0] != self._board.revision:
            revision, sharing = self._board.revision, await self._board.namesakes()
            of_all = ([(of.key, {aspect for aspect, vo in rows if vo == ALL}) for of, rows in group] for group in sharing)
            self._names = revision, told_apart(of_all)
        return self._names[1]

    async def shown(self, names: Iterable[str] | None = None) -> Sequence[Holding]:
        """The elements in service with these names (None: any), each with as much of its rows as masks are made of.

        It costs the database nothing.
        """
        return (await self._board.shown(ALL))[1] if names is None else await self._board.called(set(names))

    async def written(self, family: str, names: Iterable[str] | None) -> list[Written]:
        """The rows of the elements in service of a family, with these names (None: any), and when each last changed."""
        async with self._inspector.database.reading() as connection:
            return await journal.rows(connection, family, names)

    async def changes(self, family: str, names: Iterable[str] | None, since: datetime | None = None) -> list[Record[Any]]:
        """The changes of the rows of elements of a family, with these names (None: any), since then, oldest first.

        Raises:
            InvalidRequest: they are too many.
        """
        async with self._inspector.database.reading() as connection:
            found = await journal.changes_of(connection, family, names, MOST_CHANGES, since)
        if len(found) > MOST_CHANGES:
            raise InvalidRequest(f"There are more than {MOST_CHANGES:,} records. Name those that you want, or say since when.")
        return found

    async def hide(self, actor: Actor, what: str) -> None:
        """Note that clients of DIRAC are to be told no more of the records that ``what`` describes."""
        actor.require(Action.HOLD_ROWS, ALL)
        await self._inspector.database.change(
            lambda connection, _: imported.note(connection, actor, HIDDEN, what, self._inspector.clock())
        )

    async def hidden(self, after: int) -> list[tuple[int, str]]:
        """What was hidden since the note with the number ``after``: the number of each note, and what it describes."""
        async with self._inspector.database.reading() as connection:
            return [(note.id, note.comment) for note in await journal.notes(connection, HIDDEN, after)]

    async def last_change(self) -> int:
        """The number of the newest change."""
        async with self._inspector.database.reading() as connection:
            return await journal.last_change(connection)

"""The board: every VO's mask as bytes, and the news of each change.

It keeps a replica of what masks are made of, and brings it up to date by what changed in the database since its revision.
A mask is encoded at most once per change and format, when somebody asks for it, off the event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from anyio import to_thread
from immutables import Map

from gridmask import tracing
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import NotKnown, StoreUnavailable
from gridmask.domain.mask import Absence, Delta, Entry, Holding, Mask, entry, mask_of
from gridmask.inspection.promptness import Promptness
from gridmask.service.served import ENCODERS, Served, encoded, packed
from gridmask.service.shelf import Made, Shelf
from gridmask.store import elements, guard, history, holdings, marks, vos
from gridmask.store.glance import Glance, glance

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.status import Purpose
    from gridmask.store.database import Database

log = structlog.get_logger()

POLL_SECONDS = 0.5
"""How often the database is asked whether another process changed anything."""

BREATH = 0.01
"""Seconds between two looks, however much is committed."""

THOROUGH_EVERY = 2.0
"""How often everything is looked at that can be news, though a glance shows none."""

HEEDED_WITHIN = 2.0
"""Seconds that a reader waits for what was just committed; then it gets the masks as they were last seen."""

TRIED_WITHIN = 0.2
"""Seconds that a reader waits while the database is known to be away: those that it takes to find out that it is back."""

_REMEMBERED = 256

_Key = tuple[str, str, "Purpose | None", str]
"""What a mask is served as: whose, in which format, of what is usable for which purpose, and how it is packed."""

_MARKS = 4096
"""So many marks of revisions are remembered."""


@dataclass(frozen=True, slots=True)
class _Refresh:
    """What one refresh brought: elements, with what was held of them before and after."""

    since: int
    revision: int
    touched: Mapping[ElementKey, tuple[Holding | None, Holding | None]]


class Board:
    """The masks of one installation, as this process last saw them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._holdings: Map[ElementKey, Holding] = Map()
        self._named: dict[str, tuple[ElementKey, ...]] = {}
        self._mask_revisions: Mapping[str, int] = {}
        self._marks: Mapping[int, str] = {}
        self._shelf: Shelf[_Key] = Shelf()
        self._log: deque[_Refresh] = deque(maxlen=_REMEMBERED)
        self._refreshing: asyncio.Task[None] | None = None
        self._next_try = 0.0
        self._late = False
        self._notices = 1
        self._heeded = 0
        self._seen: Glance | None = None
        self._thorough_at = 0.0
        self._noticed = asyncio.Event()
        self._news = asyncio.Event()
        self.promptness = Promptness()
        self.revision = -1
        self.refreshed = 0
        self.waiting: Mapping[str, frozenset[str]] = {}
        self.checked_at: datetime | None = None
        self.away: StoreUnavailable | None = None

    def notice(self) -> None:
        """Something was committed, so the database is there: the next reader gets it."""
        self._found()
        self._late = False
        self._notices += 1
        self._noticed.set()

    def stir(self) -> None:
        """Another process may have committed something: whoever follows the database looks at once."""
        self._noticed.set()

    async def run(self, pace: Callable[[], float] = lambda: POLL_SECONDS) -> None:
        """Follow the database for ever, so that streams learn of what other processes do.

        ``pace`` tells after how many seconds to look again, if nothing was heard of any change.
        """
        try:
            while True:
                self._noticed.clear()
                # while the database is away, masks are served as they were; whoever writes learns of it
                with suppress(StoreUnavailable):
                    await self._heed(self._notices, glance_only=True)
                # what is committed in quick succession is looked at together
                await asyncio.sleep(BREATH)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._noticed.wait(), pace())
        finally:
            if self._refreshing is not None:
                self._refreshing.cancel()
                await asyncio.wait((self._refreshing,))

    @property
    def is_away(self) -> bool:
        """Whether the database is known not to answer, so that masks are told as they were last seen."""
        return self.away is not None or self._late or self._database.is_away

    @property
    def holdings(self) -> Mapping[ElementKey, Holding]:
        """The elements in the inventory, as they were last seen; what is given does not change any more."""
        return self._holdings

    @property
    def mask_revisions(self) -> Mapping[str, int]:
        """What :meth:`vo_names` tells, as far as it is known without asking the database."""
        return self._mask_revisions

    async def vo_names(self) -> Mapping[str, int]:
        """By VO, and ``all``, the last revision that changed its mask."""
        await self._catch_up()
        return self._mask_revisions

    async def serve(self, vo: str, encoding: str, purpose: Purpose | None = None, *, coding: str = "") -> Served:
        """The mask of ``vo``, a canonical name, in one of :data:`ENCODERS`, perhaps packed.

        With ``purpose``, only what may be used for it.

        Raises:
            NotKnown: there is no such VO, or none any more.
        """
        await self._catch_up()
        make = self._pack if coding else self._encode
        key = (vo, encoding, purpose, coding)
        return await self._shelf.get(key, lambda: self.point(vo), lambda: make(vo, encoding, purpose, coding))

    def ready(self, vo: str, encoding: str, purpose: Purpose | None, coding: str) -> Served | None:
        """The same, if it is there and nothing has to be waited for."""
        if self._heeded < self._notices or vo not in self._mask_revisions:
            return None
        return self._shelf.find((vo, encoding, purpose, coding), self.point(vo))

    def point(self, vo: str) -> tuple[int, str]:
        """The last revision that changed the mask of ``vo``, as far as it is known here, and its mark.

        Raises:
            NotKnown: there is no such VO, or none any more.
        """
        revision = self._revision(vo)
        return revision, self.mark_of(revision)

    def mark_of(self, revision: int) -> str:
        """The mark of ``revision``; empty: it is not known here, or not any more."""
        return self._marks.get(revision, "")

    async def _encode(self, vo: str, encoding: str, purpose: Purpose | None, _: str) -> Made:
        point = self.point(vo)
        with tracing.step("encode", {"gridmask.vo": vo, "gridmask.format": encoding, "gridmask.revision": point[0]}):
            return point, await to_thread.run_sync(encoded, ENCODERS[encoding], await self._mask(vo), purpose, point[1])

    async def _pack(self, vo: str, encoding: str, purpose: Purpose | None, coding: str) -> Made:
        plain = await self.serve(vo, encoding, purpose)
        with tracing.step("pack", {"gridmask.vo": vo, "gridmask.coding": coding}):
            return (plain.revision, plain.mark), await to_thread.run_sync(packed, plain, coding)

    async def mask(self, vo: str) -> Mask:
        """The mask of ``vo`` as a value."""
        await self._catch_up()
        return await self._mask(vo)

    async def shown(self, vo: str) -> tuple[int, list[Holding]]:
        """The elements that ``vo``'s mask speaks of, each with as much of its rows as is held here; and the mask's revision."""
        await self._catch_up()
        revision, holdings = self._revision(vo), self._holdings
        return revision, await to_thread.run_sync(_shown, vo, holdings.values())

    async def called(self, names: Iterable[str]) -> list[Holding]:
        """The elements in service with these names, each with as much of its rows as is held here."""
        await self._catch_up()
        keys = [key for name in names for key in self._named.get(name, ())]
        return [holding for holding in map(self._holdings.__getitem__, keys) if holding.element.in_service]

    async def namesakes(self) -> list[list[Holding]]:
        """The elements in the inventory that share a name with others, those of one name together."""
        await self._catch_up()
        return [[self._holdings[key] for key in keys] for keys in self._named.values() if len(keys) > 1]

    async def say(self, vo: str, names: Iterable[str]) -> tuple[int, dict[str, dict[ElementKey, Entry | Absence]]]:
        """What ``vo``'s mask says about the elements of each of ``names``, by itself (promise R1), and its revision."""
        await self._catch_up()
        said = {name: {key: entry(self._holdings[key], vo) for key in self._named.get(name, ())} for name in names}
        return self._revision(vo), said

    async def delta(self, vo: str, since: int) -> Delta | None:
        """What turns ``vo``'s mask of revision ``since`` into today's; None if nothing does.

        It may name elements that are as they were, or came and went meanwhile. ``since`` must not be beyond :attr:`revision`.
        """
        await self._catch_up()
        revision, holdings = self._mask_revisions.get(vo, 0), self._holdings
        if revision <= since:
            return None
        before_and_after = self._remembered(since)
        if before_and_after is None:
            async with self._database.reading() as connection:
                touched = await elements.keys(connection, await history.touched_since(connection, since))
            # what came in meanwhile belongs to a later revision than this one
            said = {key: _said(holdings.get(key), vo) for key in touched}
        else:
            # a reader whose revision lies within a refresh holds something between its before and its after
            unsure = not any(refresh.since == since for refresh in self._log)
            both = {key: (_said(before, vo), _said(after, vo)) for key, (before, after) in before_and_after.items()}
            said = {key: after for key, (before, after) in both.items() if unsure or before != after}
        entries = {key: entry for key, entry in said.items() if entry is not None}
        return Delta(vo, since, revision, entries, frozenset(said.keys() - entries.keys()))

    def _remembered(self, since: int) -> Mapping[ElementKey, tuple[Holding | None, Holding | None]] | None:
        """What was held before and after all refreshes since revision ``since``; None if that is not remembered any more."""
        recent = [refresh for refresh in self._log if refresh.revision > since]
        if not recent or recent[0].since > since:
            return None
        merged: dict[ElementKey, tuple[Holding | None, Holding | None]] = {}
        for refresh in recent:
            for key, (before, after) in refresh.touched.items():
                merged[key] = (merged[key][0] if key in merged else before, after)
        return merged

    def next_change(self) -> asyncio.Event:
        """An event that is set when some mask may have moved. Take it before looking, so that no change falls between."""
        return self._news

    async def refresh(self) -> None:
        """Bring the replica up to date.

        Raises:
            StoreUnavailable: the database is away.
        """
        await self._heed(self._notices)

    async def _heed(self, wanted: int, *, glance_only: bool = False) -> None:
        """Refresh, with all others who want it, until what was noticed first is heeded; at least once.

        ``glance_only``: where nothing was noticed, a glance will do, if it shows nothing new.
        """
        under_way = self._refreshing
        if under_way is not None and not under_way.done():
            with suppress(StoreUnavailable):
                await asyncio.shield(under_way)
            if self._heeded >= wanted:
                return
        # who gives up waiting must not stop it for the others
        await asyncio.shield(self._begun(glance_only=glance_only and self._heeded >= wanted))

    def _begun(self, *, glance_only: bool) -> asyncio.Task[None]:
        if self._refreshing is None or self._refreshing.done():
            work = self._glance if glance_only else self._refresh
            self._refreshing = asyncio.create_task(work(), name="refresh the board")
            self._refreshing.add_done_callback(self._note)
        return self._refreshing

    def _note(self, done: asyncio.Task[None]) -> None:
        """Remember whether the database was there, and tell once when that is news."""
        if done.cancelled():
            return
        error = done.exception()
        self._next_try = asyncio.get_running_loop().time() + POLL_SECONDS
        if isinstance(error, StoreUnavailable):
            if self.away is None:
                log.warning("the database is away; masks are served as they were", problem=str(error))
            self.away = error
        elif error is None:
            self._found()

    def _found(self) -> None:
        if self.away is not None:
            log.info("the database is back")
        self.away = None

    async def _glance(self) -> None:
        """See whether anything is new; a refresh goes to the bottom of it, and does so now and then in any case."""
        asked_at, now = self._clock(), asyncio.get_running_loop().time()
        async with self._database.reading() as connection:
            seen = await glance(connection)
        if seen == self._seen and now < self._thorough_at:
            self.checked_at, self._late = asked_at, False
            return
        await self._refresh()
        # not before: what is new since then must not be taken for known
        self._seen, self._thorough_at = seen, now + THOROUGH_EVERY

    async def _refresh(self) -> None:
        heard, asked_at = self._notices, self._clock()
        async with self._database.reading() as connection:
            revision = await vos.last_revision(connection)
            names = await vos.mask_revisions(connection)
            # what is held changes no mask, and is news all the same
            waiting = await guard.concerned(connection, await guard.listed(connection, asked_at, waiting=True))
            if revision != self.revision or names.keys() != self._mask_revisions.keys():
                made_at = await vos.made_since(connection, self.revision, revision)
                is_other = self.revision < 0 or revision < self.revision or await self._is_other(connection)
                known = await self._marked(connection, {revision, *names.values()}, {} if is_other else self._marks)
                await self._replace(connection, revision, whole=is_other)
                self._mask_revisions, self._marks = names, known
                self.promptness.seen(made_at, revision, self._clock())
                self._announce()
            elif waiting != self.waiting:
                self._announce()
            self.waiting = waiting
        self._heeded, self.checked_at, self._late = heard, asked_at, False
        self.refreshed += 1

    async def _replace(self, connection: AsyncConnection, revision: int, *, whole: bool) -> None:
        ids = None if whole else await history.touched_since(connection, self.revision)
        found = {holding.element.key: holding for holding in await holdings.load(connection, ids)}
        touched = found.keys() | (self._holdings.keys() if whole else await elements.keys(connection, ids or ()))
        if whole:
            self._log.clear()
            self._shelf.clear()
        else:
            both = {key: (self._holdings.get(key), found.get(key)) for key in touched}
            self._log.append(_Refresh(self.revision, revision, both))
        self._holdings = _updated(self._holdings, touched, found)
        self._name(touched)
        self.revision = revision

    async def _marked(
        self, connection: AsyncConnection, revisions: Iterable[int], known: Mapping[int, str]
    ) -> Mapping[int, str]:
        """The marks of ``revisions``, and the last of those ``known``."""
        found = await marks.of(connection, [one for one in revisions if one not in known])
        return dict([*known.items(), *found.items()][-_MARKS:])

    async def _is_other(self, connection: AsyncConnection) -> bool:
        """Whether the database was restored: it has another revision by the number of the one that is here."""
        found = await marks.of(connection, (self.revision,))
        return found.get(self.revision, "") != self.mark_of(self.revision)

    def _name(self, touched: Iterable[ElementKey]) -> None:
        for key in touched:
            known = {other for other in self._named.get(key.name, ()) if other != key}
            self._named[key.name] = tuple(sorted(known | {key} if key in self._holdings else known))

    def _announce(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _revision(self, vo: str) -> int:
        """The last revision that changed the mask of ``vo``, which may have been retired since somebody saw it."""
        try:
            return self._mask_revisions[vo]
        except KeyError:
            raise NotKnown("VO", vo, self._mask_revisions) from None

    async def _catch_up(self) -> None:
        """Make sure that whatever was noticed before this call is heeded, by a refresh that may be under way already or not.

        Where the masks are known, nobody waits for long: what there is, with its age, is better than nothing.
        """
        wanted = self._notices
        if self._heeded >= wanted:
            return
        if self.revision < 0:
            await self._heed(wanted)
        elif not self.is_away:
            await self._heed_within(wanted, HEEDED_WITHIN)
        elif asyncio.get_running_loop().time() >= self._next_try and (self._refreshing is None or self._refreshing.done()):
            await self._heed_within(wanted, TRIED_WITHIN)

    async def _heed_within(self, wanted: int, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._heed(wanted)
            self._late = False
        except TimeoutError:
            self._late = True
        except StoreUnavailable:
            return

    async def _mask(self, vo: str) -> Mask:
        return await to_thread.run_sync(mask_of, vo, self._revision(vo), self._holdings.values())


def _shown(vo: str, holdings: Iterable[Holding]) -> list[Holding]:
    return [holding for holding in holdings if holding.element.in_service and holding.element.is_offered_to(vo)]


def _said(holding: Holding | None, vo: str) -> Entry | None:
    said = entry(holding, vo) if holding else None
    return said if isinstance(said, Entry) else None


def _updated(
    holdings: Map[ElementKey, Holding], touched: Iterable[ElementKey], found: Mapping[ElementKey, Holding]
) -> Map[ElementKey, Holding]:
    draft = holdings.mutate()
    for key in touched:
        if key in found:
            draft[key] = found[key]
        else:
            draft.pop(key, None)
    return draft.finish()

"""Acting: somebody who sent a form, and what they are told: that it is done, what it would lead to, or why it cannot be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import RedirectResponse

from gridmask.domain.element import SITE
from gridmask.domain.errors import Forbidden, GridmaskError, InvalidRequest, NotKnown, StaleWrite
from gridmask.domain.rights import needed
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.portal.deeds import rows
from gridmask.portal.deeds.done import NOTHING, location
from gridmask.portal.deeds.foretold import foretold
from gridmask.portal.deeds.hours import Twice
from gridmask.portal.deeds.meant import meant
from gridmask.portal.deeds.overtaken import overtaken
from gridmask.portal.deeds.panel import NEEDS, SETTABLE, Around, again
from gridmask.portal.deeds.typed import Deed, Step, Typed
from gridmask.portal.frame import pages
from gridmask.portal.frame.forms import UNKEPT
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.once import Sending
from gridmask.portal.frame.refusals import status_of
from gridmask.service.foresight import Desk
from gridmask.service.selection import MOST_ROWS

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.element import RowKey
    from gridmask.portal.deeds.foretold import Foretold
    from gridmask.portal.deeds.meant import Meant
    from gridmask.portal.deeds.overtaken import Overtaking
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.statuses import Seen

SHOWN = "shown"
"""What the page of a deed says of what is seen on it beside the rows."""

MOST_LOOKS = 20
"""Of so many rows at most it is told who would be notified, or who changed them."""

_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Told:
    """What is told to somebody about a form that was not done, or not yet.

    Attributes:
        status: of HTTP.
        problem: why not; empty: since they wanted to look first, or should.
        foretold: what it would lead to; None: nobody knows.
        notified: by which tables of the settings people would be notified, and how many.
        overtaking: who changed its rows meanwhile, and how.
        anonymous: whether nobody knows any more who they are.
        twice: whether they have to say which of two hours they mean.
    """

    status: int = 200
    problem: str = ""
    foretold: Foretold | None = None
    overtaking: tuple[Overtaking, ...] = ()
    notified: tuple[tuple[str, int], ...] = ()
    anonymous: bool = False
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who sent a form. ``vo`` is the proper name of the VO, once it is clear that they may know it."""

    gridmask: Installation
    reader: Reader
    deed: Deed
    typed: Typed
    vo: str = ""

    async def whose(self) -> str:
        """The VO for which they act.

        Raises:
            Forbidden: they do not act for it, whether it is there or not. NotKnown: there is none.
        """
        try:
            vo = await self.gridmask.vos.resolve(self.typed.vo)
        except NotKnown:
            if self.reader.reads(ALL):
                raise
            vo = self.typed.vo
        if not self.reader.actor.may(NEEDS[self.deed], vo):
            action = NEEDS[self.deed]
            raise Forbidden(self.reader.actor.name, f"{action.words} for {vo}", needed(action, vo))
        return vo

    async def answered(self, step: str) -> Response:
        """Do it, or show what it would lead to: if that is asked for, or if it affects more than can be seen."""
        if self.deed is Deed.SET and not self.typed.status and step == Step.PREVIEW:
            # whoever comes with rows says here what they are to be
            return await self.page(rows.read(self.typed.row, self.vo), Told())
        what = meant(self.deed, self.typed, self.reader.actor, self.vo, self.gridmask.clock())
        if step == Step.PREVIEW or self.typed.seen_revision is None:
            return await self._looked(what)
        done = await self._sending.before()
        if self.deed is not Deed.EXTEND and done is None:
            ahead = await self._foretold(what)
            if not ahead.is_seen(self.typed.aware.split(","), self.typed.foretold):
                return await self.page(what.rows, Told(foretold=ahead))
        return RedirectResponse(done or await self._sending.once(partial(self._do, what)), 303, UNKEPT)

    async def undone(self) -> Response:
        """Take back what was done in a revision."""
        if not (self.typed.revision.isascii() and self.typed.revision.isdecimal() and len(self.typed.revision) < _DIGITS):
            raise InvalidRequest("Say which revision is to be undone.")
        return RedirectResponse(await self._sending.once(self._undo), 303, UNKEPT)

    async def too_late(self, error: StaleWrite) -> Response:
        """The same form again, with who changed what meanwhile; sent once more, it is done knowingly."""
        named = rows.read(self.typed.row, self.vo)
        found = await overtaken(self.gridmask, named, error.seen, MOST_LOOKS)
        seen = max(error.current, self.typed.seen_revision or 0, *(one.revision for one in found), 0)
        fresh = replace(self, typed=replace(self.typed, seen=str(seen)))
        if self.deed is Deed.UNDO:
            return await fresh.page(named, Told(409, f"It cannot be undone any more. {error}"))
        return await fresh.page(named, Told(409, "", overtaking=found))

    async def refused(self, error: GridmaskError) -> Response:
        """The same form again, with why it was not done."""
        try:
            named = rows.read(self.typed.row, self.vo) if self.vo else ()
        except InvalidRequest:
            named = ()
        return await self.page(named, Told(status_of(error), str(error), twice=isinstance(error, Twice)))

    async def page(self, named: tuple[RowKey, ...], told: Told) -> Response:
        """The form with all that was typed, and what there is to say of it."""
        seen = await self._seen(named)
        shown = self.vo or self.typed.vo
        where = Around(self.reader, shown, self.gridmask.clock(), self.gridmask.inspector.policies.tokens, self.typed.back)
        form = again(self.deed, where, self._knowing(told, seen), seen)
        about = {"form": form, "told": told, "vo": shown, "back": self.typed.back, "sent": self.typed, "settable": SETTABLE}
        about |= {"site": _is_site(named), "binds": shown == ALL}
        context = {**await around(self.gridmask, self.reader, None, self.vo or None), **about}
        made = await pages.made("deeds/deed.html", context)
        return Response(made.body, told.status, {**pages.HEADERS, **UNKEPT}, "text/html")

    async def _looked(self, what: Meant) -> Response:
        """What it would lead to."""
        ahead = await self._foretold(what, looking=True)
        return await self.page(what.rows, Told(foretold=ahead, notified=await self._notified(what)))

    async def _notified(self, what: Meant) -> tuple[tuple[str, int], ...]:
        """By which tables of the settings people would be notified of a status that is set, and how many of them."""
        if self.deed is not Deed.SET or not self.gridmask.notifications.plans.plans:
            return ()
        status, found = Status.parse(self.typed.status), defaultdict[str, set[str]](set)
        for name in rows.named(what.rows[:MOST_LOOKS]):
            for ahead in await self.gridmask.notifications.explain(name, status):
                for one in ahead.answers:
                    if one.at is not None:
                        found[one.table].add(one.to)
        return tuple((table, len(to)) for table, to in sorted(found.items()))

    async def _seen(self, named: tuple[RowKey, ...]) -> tuple[Seen, ...]:
        """The rows, as they are now, for who may read them."""
        if not self.vo or not self.reader.reads(self.vo):
            return ()
        try:
            return await self.gridmask.statuses.rows(named[:MOST_ROWS])
        except GridmaskError:
            # what was typed is told in any case
            return ()

    def _knowing(self, told: Told, seen: tuple[Seen, ...]) -> Typed:
        """What was typed, by somebody who has seen what the page tells them."""
        typed = self.typed
        if typed.seen_revision is None and seen:
            typed = replace(typed, seen=str(max(one.row.revision for one in seen)), known=typed.known or SHOWN)
        return replace(typed, foretold=told.foretold.digest) if told.foretold else typed

    async def _foretold(self, what: Meant, *, looking: bool = False) -> Foretold:
        if looking and not self.typed.reason:
            # whoever only looks may say later why
            said = replace(self.typed, reason="…")
            what = meant(self.deed, said, self.reader.actor, self.vo, self.gridmask.clock())
        foreseen = await self.gridmask.foresight.of(what.do, what.until)
        reads = self.reader.readable((ALL, *await self.gridmask.masks.revisions()))
        return foretold(foreseen, what.rows, self.vo, reads)

    @property
    def _sending(self) -> Sending:
        return Sending(self.gridmask.errands, self.reader.actor, self.typed.fingerprint(self.deed, self.vo), self._where)

    async def _do(self, what: Meant) -> str:
        made = self.gridmask
        await what.do(Desk(made.statuses, made.tokens, made.automation, made.downtimes, made.batches))
        return self._where(self.reader.actor.origin.request)

    async def _undo(self) -> str:
        await self.gridmask.undoing.undo(self.reader.actor, int(self.typed.revision), self.typed.reason.strip())
        return self._where(self.reader.actor.origin.request)

    def _where(self, request: str) -> str:
        """Where to go on, which tells what that request did."""
        was = (self.typed.was or NOTHING) if self.deed is Deed.AUTOMATION else ""
        if self.typed.back.startswith("/elements"):
            return location(self.typed.back, request, was=was)
        return f"/deeds/done?{urlencode({'done': request, 'vo': self.vo, 'back': self.typed.back})}"


def _is_site(named: tuple[RowKey, ...]) -> bool:
    return bool(named) and all(row.element.family == SITE for row in named)

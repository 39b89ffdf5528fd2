"""The vantage point of actuators: masks as the database has them now, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.actions.actuating.side import Document, View
from gridmask.domain.errors import Deferred, NotKnown
from gridmask.feeds.diracx import ROUTES

if TYPE_CHECKING:
    from gridmask.domain.status import Purpose
    from gridmask.service.board import Board
    from gridmask.service.masks import Masks
    from gridmask.service.usability import Usability
    from gridmask.service.vos import Vos


DIRACX = {f"diracx-{route}": route for route in ROUTES}
"""Formats that are answers of DiracX's routes."""


class Vantage:
    """See :class:`~gridmask.actions.actuating.side.Outlook`."""

    def __init__(self, board: Board, masks: Masks, vos: Vos, usability: Usability) -> None:
        self._board = board
        self._masks = masks
        self._vos = vos
        self._usability = usability

    async def look(self, vo: str) -> View:
        """See :class:`~gridmask.actions.actuating.side.Outlook`."""
        await self._board.refresh()
        name = self._canonical(vo)
        return View(name, self._board.mask_revisions[name], self._board.holdings)

    async def render(self, vo: str, form: str, purpose: Purpose | None) -> Document:
        """See :class:`~gridmask.actions.actuating.side.Outlook`."""
        view = await self.look(vo)
        entries = sum(h.element.in_service and h.element.is_offered_to(view.vo) for h in view.holdings.values())
        if form in DIRACX:
            body = (await self._usability.serve(view.vo, DIRACX[form])).body
        else:
            body = (await self._masks.serve(view.vo, form, purpose)).body
        return Document(view.revision, body, entries)

    def _canonical(self, vo: str) -> str:
        known = self._board.mask_revisions
        try:
            return self._vos.among(vo, known)
        except NotKnown as error:
            raise Deferred(f"VO {vo}", f"{error} Nothing is acted upon until there is one") from error

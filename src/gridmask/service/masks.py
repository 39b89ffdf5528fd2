"""Masks: what each VO may use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest, suggest
from gridmask.feeds.mask_json import encode_delta
from gridmask.service.board import ENCODERS, Board, Served

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Absence, Entry, Mask
    from gridmask.service.vos import Vos


@dataclass(frozen=True, slots=True)
class News:
    """Something that a stream tells: a whole ``mask``, or the ``delta`` from the one that was told before."""

    event: str
    revision: int
    data: bytes


class Masks:
    """The use cases around masks."""

    def __init__(self, board: Board, vos: Vos) -> None:
        self._board = board
        self._vos = vos

    async def revisions(self) -> Mapping[str, int]:
        """By VO, and ``all``, the last revision that changed its mask."""
        return await self._board.vo_names()

    async def serve(self, vo: str, encoding: str = "json") -> Served:
        """The mask of ``vo`` as bytes.

        Raises:
            NotKnown: there is no such VO. InvalidRequest: there is no such encoding.
        """
        if encoding not in ENCODERS:
            near = suggest(encoding, ENCODERS)
            hint = f"Did you mean {near!r}?" if near else f"There are {', '.join(ENCODERS)}."
            raise InvalidRequest(f"There is no format {encoding!r}. {hint}")
        return await self._board.serve(await self._known(vo), encoding)

    async def mask(self, vo: str) -> Mask:
        """The mask of ``vo`` as a value."""
        return await self._board.mask(await self._known(vo))

    async def say(self, vo: str, names: Sequence[str]) -> dict[str, dict[ElementKey, Entry | Absence]]:
        """What ``vo``'s mask says about the elements of each of ``names``; nothing for one that is not known (promise R1)."""
        name = await self._known(vo)
        return {called: await self._board.say(name, await self._board.named(called)) for called in names}

    async def stream(self, vo: str, since: int | None) -> AsyncIterator[News]:
        """The whole mask of ``vo``, or what changed since the revision ``since``; then each change as it comes.

        Raises:
            NotKnown: there is no such VO.
        """
        name = await self._known(vo)
        told = since
        while True:
            changed = self._board.next_change()
            if told is None or told > self._board.revision:
                served = await self._board.serve(name, "json")
                told = served.revision
                yield News("mask", told, served.body)
            elif (delta := await self._board.delta(name, told)) is not None:
                told = delta.revision
                yield News("delta", told, encode_delta(delta))
            await changed.wait()

    async def _known(self, vo: str) -> str:
        name = await self._vos.resolve(vo)
        if name not in await self._board.vo_names():
            await self._board.refresh()
        return name

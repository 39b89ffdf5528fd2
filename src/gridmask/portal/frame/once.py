"""Once: a form that is sent twice, by a double click or by loading its answer again, is done once and answered alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from gridmask.domain.errors import AnswerLost, InProgress

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.service.errands import Errands
    from gridmask.store.errands import Errand

EVERY = 0.05
"""Seconds between two looks whether it is done."""

LOOKS = 200
"""So often somebody looks who sent a form twice."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A form that somebody sends.

    No key is needed that tells it from others: ``parts``, all that is in it, say in which revision its sender saw what it is
    about, and to do it makes another. So it is the same thing to do as long as it is the same form.

    Attributes:
        errands: where it is kept what was done.
        actor: who sends it.
        parts: all that is in it.
        where: where to go on after the request with an identifier.
    """

    errands: Errands
    actor: Actor
    parts: Sequence[bytes]
    where: Callable[[str], str]

    async def before(self) -> str | None:
        """Where whoever sent it before went on once it was done; None: it was not.

        Raises:
            InProgress: it is being done for so long that nobody waits any more.
        """
        for look in range(LOOKS):
            try:
                found = await self.errands.answered(self._errand())
            except AnswerLost as error:
                return self.where(error.request)
            except InProgress:
                if look == LOOKS - 1:
                    raise
                await asyncio.sleep(EVERY)
            else:
                return found.headers["location"] if found else None
        raise AssertionError

    async def once(self, do: Callable[[], Awaitable[str]]) -> str:
        """Where to go on, which ``do`` says once it has done it; or what was said when that was done before.

        Raises:
            InProgress: as above.
        """
        while (done := await self.before()) is None:
            errand = self._errand()
            # who sent it twice may both have found that it was not done yet
            with suppress(InProgress), self.errands.doing(errand):
                location = await do()
                if errand.is_done:
                    await self.errands.keep(errand, 303, {"location": location}, b"")
                return location
        return done

    def _errand(self) -> Errand:
        digest = sha256(b"\n".join(b"%d:%s" % (len(part), part) for part in self.parts)).hexdigest()
        return self.errands.errand(self.actor.name, f"form-{digest}", self.actor.origin.request, *self.parts)

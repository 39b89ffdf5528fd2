"""Once: a form that is sent twice, by a double click or by loading its answer again, is done once and answered alike."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING

from gridmask.domain.errors import AnswerLost, InProgress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gridmask.domain.actor import Actor
    from gridmask.service.errands import Errands

EVERY = 0.05
"""Seconds between two looks whether it is done."""

LOOKS = 200
"""So often somebody looks who sent a form twice."""


async def once(
    errands: Errands, actor: Actor, parts: Sequence[bytes], do: Callable[[], Awaitable[str]], *, where: Callable[[str], str]
) -> str:
    """Where whoever sent a form goes on once it is done.

    No key is needed that tells it from others: ``parts``, all that is in it, say in which revision its sender saw what it is
    about, and to do it makes another. So it is the same thing to do as long as it is the same form.

    Args:
        errands: where it is kept what was done.
        actor: who sends it.
        parts: all that is in it.
        do: does it, and says where to go on.
        where: where to go on after the request with that identifier.

    Raises:
        InProgress: it is being done for so long that nobody waits any more.
    """
    digest = sha256(b"\n".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()
    errand = errands.errand(actor.name, f"form-{digest}", actor.origin.request, *parts)
    for look in range(LOOKS):
        try:
            before = await errands.answered(errand)
            if before is not None:
                return before.headers["location"]
            with errands.doing(errand):
                location = await do()
                if errand.is_done:
                    await errands.keep(errand, 303, {"location": location}, b"")
                return location
        except AnswerLost as error:
            return where(error.request)
        except InProgress:
            if look == LOOKS - 1:
                raise
            await asyncio.sleep(EVERY)
    raise AssertionError

"""The demonstration's week, lived by a clock that is set by hand, and recorded."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.demo import stage
from gridmask.demo.play import HOUR, Play
from gridmask.domain.vo import ALL
from gridmask.inspection.worlds import Worlds
from tests.clocks import NOW, Clock
from tests.grid import catch_up, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from gridmask.demo.cast import Cast
    from gridmask.domain.mask import Mask

FEEDS = ("gocdb-downtimes", "osg-downtimes")


@asynccontextmanager
async def acting() -> AsyncIterator[tuple[Installation, Cast, Clock]]:
    """The installation before the play, and those who act in it."""
    clock = Clock(NOW)
    async with stage.staged(stage.settings(), clock=clock) as (made, cast):
        yield made, cast, clock


async def live(made: Installation, cast: Cast, clock: Clock, hours: range, steps: int = 1) -> None:
    """Live these hours of the week; ``steps``: so many moments of each, at which all that is due is done."""
    play = Play(NOW)
    for hour in hours:
        for step in range(steps):
            clock.now = play.moment(hour) + HOUR / 5 + step * HOUR / steps
            await sync(made, *(() if hour % 3 == 0 and step == 0 else FEEDS))
            await cast.act()
            await catch_up(made)


async def masks(made: Installation) -> dict[str, Mask]:
    """Every VO's mask as it is served."""
    return {vo: await made.masks.mask(vo) for vo in (ALL, *stage.VOS)}


async def keep(made: Installation) -> None:
    """Have it written down how everything stands, whenever that was done last."""
    settings = made.settings.recording.model_copy(update={"worlds": timedelta()})
    assert await Worlds(made.inspector, settings).keep()

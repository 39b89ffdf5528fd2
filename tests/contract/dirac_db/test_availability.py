"""Availability of before there was anything here, by the history that DIRAC kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.availability import By
from gridmask.service.availability import Sums
from gridmask.service.timelines import Wanted
from tests.dirac_db import row as dirac_row

if TYPE_CHECKING:
    from tests.moving import Move

PAST = [dirac_row("CE1", "Active", 1), dirac_row("CE1", "Banned", 5), dirac_row("CE1", "Active", 9)]


async def test_history_from_dirac_counts_until_there_was_anything_here(move: Move) -> None:
    await move.dirac.add("ResourceLog", *PAST)
    async with move.open() as made:
        await move.take(made)
        began = move.clock()
        move.clock.advance(hours=1)
        first = datetime(2026, 1, 1, tzinfo=UTC)
        wanted = Wanted({"name": "CE1"})
        [line] = (await made.availability.report("cms", first, first + timedelta(minutes=10), wanted)).lines
        [whole] = (await made.availability.report("cms", first, move.clock(), wanted, Sums(By.MONTH))).lines

    minutes = [
        span / timedelta(minutes=1) for span in (line.tallies[0].usable, line.tallies[0].unexcused, line.tallies[0].absent)
    ]
    assert minutes == [5, 4, 1]
    assert line.unsure
    june = whole.tallies[-1]
    assert june.known + june.unknown == move.clock() - began

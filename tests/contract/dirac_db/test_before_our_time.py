"""Masks of before there was anything here, by the history that DIRAC kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import NotKnownThen
from tests.dirac_db import row as dirac_row
from tests.grid import said

if TYPE_CHECKING:
    from tests.moving import Move

PAST = [dirac_row("CE1", "Active", 1), dirac_row("CE1", "Banned", 5), dirac_row("CE1", "Active", 9)]


def minute(number: int) -> datetime:
    """A moment of DIRAC's time."""
    return datetime(2026, 1, 1, 0, number, tzinfo=UTC)


async def test_what_dirac_said_counts_by_its_own_time(move: Move) -> None:
    await move.dirac.add("ResourceLog", *PAST)
    async with move.open() as made:
        await move.take(made)
        pasts = [await made.past_masks.mask("cms", minute(number)) for number in (1, 4, 5, 30)]

    assert [said(past.mask) for past in pasts] == [{"CE1": status} for status in ("Active", "Active", "Banned", "Active")]
    assert {past.mask.revision for past in pasts} == {0}
    assert [{key.name for key in past.unsure} for past in pasts] == [{"CE1"}] * 4


async def test_since_there_are_masks_here_only_these_were_served(move: Move) -> None:
    await move.dirac.add("ResourceLog", dirac_row("GONE", "Active", 1), *PAST)
    async with move.open() as made:
        await move.take(made)
        at_first = await made.past_masks.mask("cms", move.clock())
        served = await made.masks.mask("cms")

    assert at_first.mask.entries == served.entries
    assert "GONE" not in said(at_first.mask)


async def test_of_before_dirac_said_anything_nothing_is_told(move: Move) -> None:
    await move.dirac.add("ResourceLog", *PAST)
    async with move.open() as made:
        await move.take(made)
        with pytest.raises(NotKnownThen, match="no history goes back so far"):
            await made.past_masks.mask("cms", minute(0))

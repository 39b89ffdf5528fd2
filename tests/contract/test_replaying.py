"""What is recorded happens again, and comes to the same, on every database."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

import pytest

from gridmask.inspection.worlds import whole
from gridmask.policies import files
from gridmask.replay.replaying import Played, as_it_was
from gridmask.replay.revisions import makes_revision
from tests.contract.test_looking_back import ACTS, COMINGS, NAMES, VOS, Play, act_if_possible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.bootstrap import Installation
    from gridmask.domain.state import State
    from tests.grid import Grid

compiled = partial(files.compiled, places={})


async def lived(grid: Grid, made: Installation, seed: int) -> None:
    """Let much happen, all of it recorded."""
    play, random = Play(grid, made), Random(seed)
    grid.announce()
    assert made.worlds is not None
    assert await made.worlds.keep()
    await play.read()
    for _ in range(25):
        await act_if_possible(play, random.choice((*ACTS, *COMINGS)), random.choice(NAMES), random.choice(VOS))
        grid.clock.advance(minutes=random.choice((1, 7, 45)))
        await made.loop.once(tell=False)


def revisions(played: Iterable[Played]) -> list[bool]:
    """Which of what happened made a revision."""
    return [makes_revision(one.before, one.instructions) for one in played]


def comparable(state: State) -> dict[object, object]:
    """The rows of ``state``, but for the revisions that they were changed in."""
    rows = (row for some in state.rows.values() for row in some.values())
    return {row.key: (row.standing, row.reasons, row.verdicts, row.token, row.binding, row.hold, row.due) for row in rows}


@pytest.mark.parametrize("seed", [2])
async def test_what_is_recorded_comes_to_the_same_again(grid: Grid, seed: int) -> None:
    async with grid.open() as made:
        await lived(grid, made, seed)
        recording = await made.recordings.period(None, grid.clock())
        async with made.database.reading() as connection:
            now = await whole(connection, made.inspector, grid.clock())
    opened = recording.opened(compiled)
    played = list(as_it_was(opened.state, opened.happenings()))
    assert not [one.refusal for one in played if one.refusal]
    assert revisions(played) == [line.revision is not None for line in recording.lines]
    assert comparable(played[-1].after) == comparable(now)

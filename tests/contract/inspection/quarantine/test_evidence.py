"""Quarantine of evidence: what was said before counts until its own time is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Conflict
from gridmask.source import Source
from tests.clocks import at
from tests.grid import ADMIN, Grid, outage, said, sync
from tests.quarantined import CES, Play, ces

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_feed_that_withdraws_too_much_waits_and_counts_until_its_last_answer_does(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=9)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    valid_until = (await quick.health("feed")).noted.valid_until
    quick.grid.announce()
    quick.grid.clock.advance(hours=1)
    assert "would take out 8 of 8" in ((await sync(quick.made, "feed"))["feed"].failure or "")
    health = await quick.health("feed")
    assert (health.state, health.noted.valid_until, health.in_force) == ("quarantined", valid_until, 8)
    assert said(await quick.made.masks.mask("cms"))["CE00"] == "Banned"
    quick.grid.clock.advance(hours=5)
    assert (await quick.health("feed")).state == "stale"


async def test_an_accepted_answer_counts_from_when_it_was_said(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=9)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    quick.grid.announce()
    quick.grid.clock.advance(hours=1)
    await sync(quick.made, "feed")
    quick.grid.clock.advance(hours=2)
    held = (await quick.health("feed")).held
    assert held is not None
    assert (await quick.made.sources.accept(ADMIN, "feed", held.sha256, "So it is.")).removed == 8
    noted = (await quick.health("feed")).noted
    assert (noted.answered_at, noted.valid_until) == (at(hours=1), at(hours=7))
    assert said(await quick.made.masks.mask("cms"))["CE00"] != "Banned"


async def test_what_was_said_too_long_ago_to_count_cannot_be_accepted(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=19)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    quick.grid.announce()
    quick.grid.clock.advance(hours=1)
    await sync(quick.made, "feed")
    quick.grid.clock.advance(hours=6)
    held = (await quick.health("feed")).held
    assert held is not None
    with pytest.raises(Conflict, match="does not count any more"):
        await quick.made.sources.accept(ADMIN, "feed", held.sha256, "So it was.")


async def test_measurements_that_vanish_wait_and_those_that_come_do_not(tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    path = grid.folder / "measured.json"

    def measured(count: int) -> None:
        value = {"metric": "submit", "result": "OK"}
        items = [
            {
                "kind": "probe",
                "about": {"type": "ComputingElement", "name": name},
                "value": value,
                "observed_at": at().isoformat(),
            }
            for name in CES[:count]
        ]
        path.write_text(json.dumps({"measurements": items}))

    own = Source(name="own", kind="measurements", url=path.as_uri())
    grid.publish(ces(20))
    grid.announce()
    async with grid.open(source=(*grid.settings().source, own)) as made:
        outcomes = []
        for count in (10, 20, 9, 20):
            measured(count)
            outcomes.append((await sync(made, "own"))["own"].failure)
            grid.clock.advance(minutes=1)
    assert [bool(outcome) for outcome in outcomes] == [False, False, True, False]

"""Sites that follow their resources, and resources that follow their site, through everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, catch_up, outage, sync, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

UP = '[policy.sites]\ntype = "propagation"\nmatch = { family = "Site" }\narguments = { types = ["ComputingElement"] }\n'
DOWN = '[policy.resources]\ntype = "propagation"\nmatch = { family = "Resource" }\narguments = { of = "site" }\n'


@pytest.fixture
def two(grid: Grid) -> Grid:
    """Two sites, of two computing elements each."""
    grid.publish(*(osg.group(s, *(osg.resource(f"{s}-CE{n}", "CE") for n in (1, 2))) for s in ("A", "B")))
    grid.announce()
    return grid


async def status(made: Installation, *names: str, vo: str = "cms") -> list[str]:
    await catch_up(made)
    entries = {key.name: entry.statuses[0][1].label for key, entry in (await made.masks.mask(vo)).entries.items()}
    return [entries[name] for name in names]


def policies(folder: Path, text: str, **vos: str) -> Path:
    return toml_policies(folder, text, **vos)


async def test_a_site_goes_down_with_the_last_of_its_resources_and_comes_back_with_the_first(two: Grid) -> None:
    async with two.open(policies=policies(two.folder, UP)) as made:
        await sync(made)
        assert await status(made, "A", "B") == ["Active", "Active"]
        two.announce(outage("1", "A-CE1", at(hours=-1), at(hours=2)))
        await sync(made, "feed")
        assert await status(made, "A") == ["Active"]
        two.announce(*(outage(str(n), f"A-CE{n}", at(hours=-1), at(hours=n)) for n in (1, 2)))
        await sync(made, "feed")
        assert await status(made, "A", "B") == ["Banned", "Active"]
        [explanation] = await made.statuses.why(RowName(ElementName("A")))
        assert "0 of 2 at the site are usable" in explanation.seen.row.reasons[0].text
        two.clock.advance(hours=1)
        assert await status(made, "A") == ["Active"]


async def test_what_a_person_does_with_a_resource_reaches_its_site_at_once(two: Grid) -> None:
    async with two.open(policies=policies(two.folder, UP)) as made:
        await sync(made)
        rows = [RowName(ElementName(f"A-CE{n}")) for n in (1, 2)]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "Smoke.")
        assert await status(made, "A") == ["Banned"]


async def test_a_resource_that_goes_or_moves_is_missed_at_its_site(two: Grid) -> None:
    async with two.open(policies=policies(two.folder, UP)) as made:
        await sync(made)
        two.announce(outage("1", "A-CE1", at(hours=-1), at(hours=2)))
        await sync(made, "feed")
        two.publish(
            osg.group("A", osg.resource("A-CE1", "CE")), osg.group("B", *(osg.resource(n, "CE") for n in ("B-CE1", "A-CE2")))
        )
        await sync(made, "osg", force=True)
        assert await status(made, "A", "B") == ["Banned", "Active"]


async def test_resources_go_down_with_their_site_and_come_back_with_it(two: Grid) -> None:
    async with two.open(policies=policies(two.folder, DOWN)) as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("A"))], Status.BANNED, "Power cut.")
        assert await status(made, "A-CE1", "A-CE2", "B-CE1") == ["Banned", "Banned", "Active"]
        await made.statuses.set(ADMIN, [RowName(ElementName("A"))], Status.ACTIVE, "Power.")
        assert await status(made, "A-CE1", "A-CE2") == ["Active", "Active"]


async def test_a_vo_can_let_sites_follow_by_itself(two: Grid) -> None:
    async with two.open(policies=policies(two.folder, "", cms=UP)) as made:
        await sync(made)
        two.announce(*(outage(str(n), f"A-CE{n}", at(hours=-1), at(hours=2)) for n in (1, 2)))
        await sync(made, "feed")
        assert [await status(made, "A", vo=vo) for vo in ("cms", "atlas")] == [["Banned"], ["Active"]]


async def test_what_is_held_is_followed_as_it_is_kept(two: Grid) -> None:
    text = UP + "[guard]\ndeclared_share = 0.4\ndeclared_number = 1\n"
    async with two.open(policies=policies(two.folder, text)) as made:
        await sync(made)
        two.announce(*(outage(str(n), f"A-CE{n}", at(hours=-1), at(hours=2)) for n in (1, 2)))
        await sync(made, "feed")
        assert await status(made, "A-CE1", "A") == ["Active", "Active"]


async def test_both_ways_at_once_are_refused(two: Grid) -> None:
    with pytest.raises(InvalidConfiguration, match="chase each other"):
        async with two.open(policies=policies(two.folder, UP + DOWN)):
            pass

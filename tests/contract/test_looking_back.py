"""The mask of a VO at a past time is the one that was served then (promise K4), on every database."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmask.domain.errors import InvalidRequest, NotKnown, NotKnownThen
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.check import check
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, Grid, catch_up, outage, said, sync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Entry, Mask

NAMES = tuple(f"CE{number}" for number in range(1, 5))
VOS = ("all", "cms", "atlas")


@dataclass
class Play:
    """An installation, what its inventory lists, and the masks that it served."""

    grid: Grid
    made: Installation
    listed: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES[:3], ""))
    served: list[tuple[datetime, Mask]] = field(default_factory=list)

    async def read(self) -> None:
        """Read an inventory that lists what is listed; the identity of each stays when it is renamed."""
        resources = (osg.resource(name, "CE", extra=extra, ID=name[:3]) for name, extra in self.listed.items())
        self.grid.publish(osg.group("SITE", *resources))
        await sync(self.made, "osg", force=True)

    async def keep(self) -> None:
        """Keep what is served now; then time passes."""
        for vo in (await self.made.vos.roll()).masks:
            self.served.append((self.grid.clock(), await self.made.masks.mask(vo)))
        self.grid.clock.advance(seconds=30)


async def sets(play: Play, name: str, vo: str) -> None:
    """A person sets a row, which is of any VO."""
    status = Status.BANNED if len(play.served) % 2 else Status.DEGRADED
    await play.made.statuses.set(ADMIN, [RowName(ElementName(name), vo=vo)], status, "smoke")


async def binds(play: Play, name: str, _: str) -> None:
    """A person bans for everybody."""
    await play.made.statuses.set(ADMIN, [RowName(ElementName(name))], Status.ERROR, "security", binding=True)


async def releases(play: Play, name: str, vo: str) -> None:
    """A person gives a row back."""
    await play.made.tokens.release(ADMIN, [RowName(ElementName(name), vo=vo)], "done")


async def announces(play: Play, name: str, _: str) -> None:
    """A downtime begins, and ends by itself."""
    now = play.grid.clock()
    play.grid.announce(outage(str(len(play.served)), name, at(hours=-1), at(hours=1 + (now - at()).total_seconds() // 3600)))
    await sync(play.made, "feed", force=True)
    play.grid.clock.advance(minutes=40)


async def comes_or_goes(play: Play, name: str, _: str) -> None:
    """The inventory lists an element that it did not list, or does not any more."""
    called = next((one for one in play.listed if one.startswith(name)), None)
    if called and len(play.listed) > 1:
        del play.listed[called]
    elif not called:
        play.listed[name] = ""
    await play.read()


async def is_renamed(play: Play, name: str, _: str) -> None:
    """An element gets another name, under which its rows go on, or its old one again."""
    before, after = (name, f"{name}-new") if name in play.listed else (f"{name}-new", name)
    if before in play.listed:
        play.listed[after] = play.listed.pop(before)
        await play.read()


async def leaves_or_returns(play: Play, _: str, __: str) -> None:
    """A VO leaves for good, or returns after all."""
    if "atlas" in (await play.made.vos.roll()).masks:
        await play.made.vos.retire(ADMIN, "atlas", "over")
    else:
        await play.made.vos.add(ADMIN, "atlas")


async def is_edited(play: Play, name: str, _: str) -> None:
    """An element becomes offered to one VO alone, or goes out of service, or is for everyone again."""
    extras = ("<AllowedVOs><VO>CMS</VO></AllowedVOs>", "<Active>false</Active>", "")
    if name in play.listed:
        play.listed[name] = extras[len(play.served) % 3]
        await play.read()


ACTS: tuple[Callable[[Play, str, str], Awaitable[None]], ...] = (
    *(sets, sets, sets, sets, releases, releases),
    *(binds, announces, leaves_or_returns),
)
COMINGS = (comes_or_goes, comes_or_goes, is_renamed)

Script = list[tuple["Callable[[Play, str, str], Awaitable[None]]", str, str]]


async def played(grid: Grid, made: Installation, script: Script) -> Play:
    """What comes of ``script``; what cannot be done is left out."""
    play = Play(grid, made)
    grid.announce()
    await play.read()
    await play.keep()
    for act, name, vo in script:
        await act_if_possible(play, act, name, vo)
    return play


async def act_if_possible(play: Play, act: Callable[[Play, str, str], Awaitable[None]], name: str, vo: str) -> None:
    """Have it done, and keep what is served then."""
    try:
        await act(play, name, vo)
    except (NotKnown, InvalidRequest):
        return
    await catch_up(play.made)
    await play.keep()


def differing(served: Mask, told: Mask) -> set[ElementKey]:
    """The elements of which two masks do not say the same."""
    both: tuple[dict[ElementKey, Entry], ...] = (dict(served.entries), dict(told.entries))
    return {key for key in both[0].keys() | both[1].keys() if both[0].get(key) != both[1].get(key)}


async def looked_back(play: Play) -> tuple[int, int]:
    """Ask for every mask that was served. How many elements are told otherwise, in silence; and how many are unsure."""
    wrong = unsure = 0
    for moment, served in play.served:
        past = await play.made.past_masks.mask(served.vo, moment)
        assert past.mask.revision >= served.revision
        wrong += len(differing(served, past.mask) - past.unsure)
        # of a VO that leaves later, everything is
        unsure += len(past.unsure) if served.vo != "atlas" else 0
    return wrong, unsure


def scripts(*acts: Callable[[Play, str, str], Awaitable[None]], seed: int, length: int) -> Script:
    """Random acts."""
    random = Random(seed)
    return [(random.choice(acts), random.choice(NAMES), random.choice(VOS)) for _ in range(length)]


@pytest.fixture
def quick(tmp_path: Path) -> Grid:
    """In memory: for more of what every database was asked already."""
    return Grid(tmp_path)


async def test_every_mask_that_was_served_is_told_again(grid: Grid) -> None:
    await every_mask_is_told_again(grid, seed=1)


async def test_every_mask_of_another_history_is_told_again(quick: Grid) -> None:
    await every_mask_is_told_again(quick, seed=2)


async def every_mask_is_told_again(grid: Grid, seed: int) -> None:
    async with grid.open() as made:
        play = await played(grid, made, scripts(*ACTS, seed=seed, length=40))
        assert len({tuple(sorted(mask.entries.items())) for _, mask in play.served}) > 10
        assert await looked_back(play) == (0, 0)
        assert await check(made.database) == []


async def test_what_an_inventory_said_is_told_again(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, scripts(*ACTS, *COMINGS, is_edited, is_edited, seed=3, length=40))
        assert await looked_back(play) == (0, 0)
        assert await check(made.database) == []


async def test_what_was_edited_before_versions_were_kept_is_told_to_be_unsure(grid: Grid) -> None:
    await what_was_edited_is_unsure(grid, seed=4)


async def test_what_was_edited_in_another_history_is_told_to_be_unsure(quick: Grid) -> None:
    await what_was_edited_is_unsure(quick, seed=3)


async def what_was_edited_is_unsure(grid: Grid, seed: int) -> None:
    script = scripts(*ACTS, *COMINGS, is_edited, is_edited, seed=seed, length=30)
    async with grid.open() as made:
        play = await played(grid, made, script)
        await made.database.downgrade("0005")
        await made.database.upgrade()
        wrong, unsure = await looked_back(play)
        assert wrong == 0
        assert unsure > 0
        before = len(play.served)
        for act, name, vo in script:
            await act_if_possible(play, act, name, vo)
        assert (await looked_back(play))[0] == 0
        play.served = [one for one in play.served[before:] if one[1].vo != "atlas"]
        assert await looked_back(play) == (0, 0)


SCRIPTS = st.lists(st.tuples(st.sampled_from((*ACTS, *COMINGS, is_edited)), st.sampled_from(NAMES), st.sampled_from(VOS)))


@settings(max_examples=8)
@given(script=SCRIPTS)
async def test_no_history_is_told_otherwise_than_it_was(tmp_path_factory: pytest.TempPathFactory, script: Script) -> None:
    grid = Grid(tmp_path_factory.mktemp("grid"))
    async with grid.open() as made:
        assert await looked_back(await played(grid, made, script)) == (0, 0)


async def test_of_a_vo_that_left_before_versions_were_kept_everything_is_unsure(grid: Grid) -> None:
    # an edit that no other VO noticed was nowhere noted while it was away
    async with grid.open() as made:
        play = await played(grid, made, [(leaves_or_returns, "", ""), (leaves_or_returns, "", "")])
        assert not (await made.past_masks.mask("atlas", at())).unsure
        await made.database.downgrade("0005")
        await made.database.upgrade()
        for moment, unsure in ((at(), 4), (play.served[-1][0], 0)):
            past = await made.past_masks.mask("atlas", moment)
            assert (len(past.mask.entries), len(past.unsure)) == (4, unsure)
        assert not (await made.past_masks.mask("cms", at())).unsure


async def test_an_edit_while_a_vo_is_away_is_seen_when_it_is_back(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, [(leaves_or_returns, "", ""), (is_edited, "CE1", "")])
        play.listed["CE2"] = "<AllowedVOs><VO>CMS</VO></AllowedVOs>"
        await play.read()
        await leaves_or_returns(play, "", "")
        assert "CE2" not in said(await made.masks.mask("atlas"))
        assert await looked_back(play) == (0, 0)


async def test_an_element_that_came_or_went_is_told_of_where_it_was(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, [(comes_or_goes, "CE4", "all"), (comes_or_goes, "CE1", "all")])
        told = [said((await made.past_masks.mask("cms", moment)).mask) for moment in sorted({one[0] for one in play.served})]
        assert [sorted(one) for one in told] == [["CE1", "CE2", "CE3"], ["CE1", "CE2", "CE3", "CE4"], ["CE2", "CE3", "CE4"]]
        assert await looked_back(play) == (0, 0)


async def test_what_was_renamed_is_told_by_the_name_that_it_had(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, [(sets, "CE1", "all"), (is_renamed, "CE1", "")])
        masks = [said((await made.past_masks.mask("cms", at(hours=hours))).mask) for hours in (0, 30 / 3600, 60 / 3600)]
        assert [one.get("CE1") for one in masks] == ["Unknown", "Banned", None]
        assert masks[2]["CE1-new"] == "Banned"
        assert await looked_back(play) == (0, 0)


async def test_a_moment_that_is_still_to_come_is_refused(grid: Grid) -> None:
    async with grid.open() as made:
        with pytest.raises(InvalidRequest, match="still to come"):
            await made.past_masks.mask("cms", at(hours=1))


async def test_of_before_anything_was_known_nothing_is_told(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        with pytest.raises(NotKnownThen, match="is known since 2026-08-21T17:00:00Z"):
            await made.past_masks.mask("cms", at(hours=-1))


async def test_a_vo_has_no_mask_before_it_came_and_after_it_left(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=1)
        await made.vos.add(ADMIN, "lhcb")
        grid.clock.advance(hours=1)
        await made.vos.retire(ADMIN, "lhcb", "over")
        assert said((await made.past_masks.mask("LHCb", at(hours=1.5))).mask)["CE2"] == "Active"
        for hours, why in ((0.5, "it is known since"), (2, "it left at")):
            with pytest.raises(NotKnownThen, match=why):
                await made.past_masks.mask("lhcb", at(hours=hours))

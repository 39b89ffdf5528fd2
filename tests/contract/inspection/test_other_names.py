"""One thing under several names: in several registries, on hosts, and over time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, Interval
from gridmask.domain.errors import Conflict, NotKnown
from gridmask.domain.events import DowntimesChanged
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.service.downtimes import Declaration, When
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.source import Source
from gridmask.store.check import check
from gridmask.store.world import Scope
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, CMS, catch_up, outage, said, sync

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

FTS = """
[[site]]
name = "LCG.Site.org"
aliases = ["SITE"]
[[site.resource]]
name = "FTS-1"
type = "FTS"
hosts = ["fts.example.org"]
"""


def with_file(grid: Grid, text: str, *, first: bool = True) -> dict[str, Any]:
    """Settings in which a file of our own is an inventory beside OSG's, and has the say over it, or has not."""
    path = grid.folder / "inventory.toml"
    path.write_text(text)
    file, sources = Source(name="file", kind="toml", url=path.as_uri()), grid.settings().source
    return {"source": (file, *sources) if first else (*sources, file)}


async def announce(made: Installation, *targets: Target, record: str = "1", end: datetime | None = None) -> None:
    """Have a registry announce an outage of ``targets``."""
    downtime = Downtime(DowntimeKey("registry", record), frozenset(targets), Interval(at(hours=-1), end), "OUTAGE")

    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(DowntimesChanged("registry", Difference(added=(downtime,))), Scope.meant_by(targets), "downtimes")

    await made.inspector.happen(prepare)


async def banned(made: Installation, vo: str = "cms") -> list[str]:
    """What is banned for ``vo``."""
    return [name for name, status in said(await made.masks.mask(vo)).items() if status == "Banned"]


# --- On hosts


async def test_a_service_on_a_host_means_whatever_is_there(grid: Grid) -> None:
    grid.publish(
        osg.group("SITE", osg.resource("CE1", "CE", FQDN="a.example.org"), osg.resource("CE2", "CE", FQDN="b.example.org"))
    )
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        await announce(made, HostedService("a.example.org", "arc-ce"))
        assert await banned(made) == ["CE1"]


async def test_what_comes_to_a_host_that_is_down_is_down(grid: Grid) -> None:
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        await announce(made, HostedService("new.example.org"))
        grid.publish(osg.group("SITE", osg.resource("CE9", "CE", FQDN="new.example.org")))
        await sync(made, force=True)
        assert await banned(made) == ["CE9"]


async def test_what_moves_to_another_host_leaves_the_outage_behind(grid: Grid) -> None:
    grid.announce()
    async with grid.open() as made:
        for host, expected in (("down.example.org", ["CE1"]), ("up.example.org", [])):
            grid.publish(osg.group("SITE", osg.resource("CE1", "CE", FQDN=host)))
            await sync(made, force=True)
            await announce(made, HostedService("down.example.org"), record=host)
            assert await banned(made) == expected


async def test_the_downtimes_of_an_element_are_found_by_its_host(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE", FQDN="a.example.org")))
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        await announce(made, HostedService("a.example.org", "arc-ce"), HostedService("z.example.org"))
        [version] = await made.downtimes.list(When.ONGOING, name="CE1")
        assert version.downtime.targets == {HostedService("a.example.org", "arc-ce"), HostedService("z.example.org")}
        assert await made.downtimes.list(When.ONGOING, name="CE2") == []


async def test_an_outage_on_two_hosts_of_an_element_is_one_reason(grid: Grid) -> None:
    text = FTS.replace('["fts.example.org"]', '["a.example.org", "b.example.org"]')
    async with grid.open(**with_file(grid, text)) as made:
        await sync(made)
        await announce(made, HostedService("a.example.org"), HostedService("b.example.org"))
        [explanation] = await made.statuses.why(RowName(ElementName("FTS-1")))
        assert len(explanation.seen.row.reasons) == 1


# --- In several registries


async def test_what_two_registries_list_is_one_element_of_the_one_named_first(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("fts3", "FTS", FQDN="fts.example.org"), osg.resource("cache", "Squid")))
    for first, expected in ((True, ["FTS-1", "cache"]), (False, ["cache", "fts3"])):
        async with grid.open(**with_file(grid, FTS, first=first)) as made:
            await sync(made, "osg")
            await sync(made, "file")
            await sync(made, "osg")
            assert sorted(said(await made.masks.mask("cms"))) == expected


async def test_the_others_entry_takes_its_place_when_it_is_gone(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("fts3", "FTS", FQDN="fts.example.org")))
    grid.announce()
    settings = with_file(grid, FTS)
    async with grid.open(**settings) as made:
        await sync(made)
        (grid.folder / "inventory.toml").write_text('[[site]]\nname = "LCG.Site.org"\naliases = ["SITE"]\n')
        await sync(made, force=True)
        assert sorted(said(await made.masks.mask("cms"))) == ["fts3"]


# --- Over time


async def test_a_new_name_keeps_status_token_and_history(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("OLD", "CE", ID="7")))
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(
            CMS, [RowName(ElementName("OLD"), vo="cms")], Status.BANNED, "Smoke.", wanted=Wanted(at(hours=5))
        )
        grid.publish(osg.group("SITE", osg.resource("NEW", "CE", ID="7")))
        report = (await sync(made, "osg"))["osg"]
        assert (report.added, report.edited, report.removed, report.failure) == (0, 1, 0, None)
        [explanation] = await made.statuses.why(RowName(ElementName("NEW"), vo="cms"))
        row = explanation.seen.row
        assert (row.status, row.token and row.token.owner, row.standing.since) == (Status.BANNED, "shifter", grid.clock.now)
        history = await made.statuses.history(RowName(ElementName("NEW"), vo="cms"))
        assert ((history[0].name, history[0].kind), history[-1].name) == (("NEW", "opened"), "OLD")
        assert ("OLD", "ended") in [(change.name, change.kind) for change in history]
        assert list(said(await made.masks.mask("cms"))) == ["NEW"]


async def test_a_stream_is_told_of_a_new_name(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("OLD", "CE", ID="7")))
    async with grid.open() as made:
        await sync(made)
        before = await made.board.mask("cms")
        grid.publish(osg.group("SITE", osg.resource("NEW", "CE", ID="7")))
        await sync(made, "osg")
        delta = await made.board.delta("cms", before.revision)
        assert delta is not None
        assert ({key.name for key in delta.entries}, {key.name for key in delta.gone}) == ({"NEW"}, {"OLD"})


async def test_what_is_announced_about_the_old_name_holds_on(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("OLD", "CE", ID="7")))
    grid.announce(outage("1", "OLD", at(hours=-1), at(hours=1)))
    async with grid.open() as made:
        await sync(made)
        declared = Declaration((ElementName("OLD"),), at(), at(hours=9), "OUTAGE", "New disks.", "atlas")
        await made.downtimes.add(ADMIN, declared)
        grid.publish(osg.group("SITE", osg.resource("NEW", "CE", ID="7")))
        await sync(made, "osg")
        assert await banned(made) == ["NEW"]
        grid.clock.advance(hours=2)
        await catch_up(made)
        assert (await banned(made, "cms"), await banned(made, "atlas")) == ([], ["NEW"])


async def test_a_name_that_went_round_has_one_history_and_its_successor_another(grid: Grid) -> None:
    async with grid.open() as made:
        for name in ("A", "B", "C", "A"):
            grid.publish(osg.group("SITE", osg.resource(name, "CE", ID="7")))
            await sync(made, "osg")
        grid.publish(osg.group("SITE", osg.resource("A", "CE", ID="7"), osg.resource("B", "CE", ID="8")))
        await sync(made, "osg")
        await made.statuses.set(ADMIN, [RowName(ElementName("A"))], Status.BANNED, "Smoke.")
        names = [change.name for change in await made.statuses.history(RowName(ElementName("A")))]
        assert (list(dict.fromkeys(names)), names[0]) == (["A", "C", "B"], "A")
        of_b = await made.statuses.history(RowName(ElementName("B")))
        assert Status.BANNED not in [change.new for change in of_b]
        assert not await check(made.database)


# --- VOs that come and go


async def test_a_vo_that_is_retired_loses_its_rows_and_its_mask(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(CMS, [RowName(ElementName("CE1"), vo="cms")], Status.BANNED, "Smoke.")
        outcome = await made.vos.retire(ADMIN, "CMS", "The experiment ended.")
        assert [type(change).__name__ for change in outcome.changed] == ["EndRow"]
        assert "cms" not in await made.masks.revisions()
        assert (await made.vos.roll()).retired == {"cms": grid.clock.now}


async def test_an_inventory_that_names_a_retired_vo_does_not_bring_it_back(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE", extra="<AllowedVOs><VO>ligo</VO></AllowedVOs>")))
    async with grid.open() as made:
        await sync(made)
        await made.vos.retire(ADMIN, "ligo", "It left.")
        [problem] = (await sync(made, "osg", force=True))["osg"].problems
        assert (
            problem == "it names the VO 'ligo', which was retired here and stays so. Should it come back: gridmask vo add ligo"
        )
        assert "ligo" not in (await made.vos.roll()).masks


async def test_a_vo_that_returns_has_a_mask_again(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    async with grid.open() as made:
        await sync(made)
        await made.vos.retire(ADMIN, "cms", "It left.")
        await made.vos.add(ADMIN, "cms", "It is back.")
        assert said(await made.masks.mask("cms")) == said(await made.masks.mask("all"))
        assert (await made.vos.roll()).retired == {}


async def test_a_vo_that_left_has_no_rows_of_what_returns(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE"), osg.resource("CE2", "CE")))
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(CMS, [RowName(ElementName("CE1"), vo="cms")], Status.BANNED, "Smoke.")
        grid.publish(osg.group("SITE", osg.resource("CE2", "CE")))
        await sync(made, "osg", force=True)
        await made.vos.retire(ADMIN, "cms", "It left.")
        assert not await check(made.database)


async def test_the_stream_of_a_vo_that_leaves_ends(grid: Grid) -> None:
    async with grid.open() as made, grid.open(vo={}) as beside:
        stream = beside.masks.stream("cms", None)
        assert (await anext(stream)).event == "mask"
        coming = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await made.vos.retire(ADMIN, "cms", "It left.")
        await beside.board.refresh()
        with pytest.raises(NotKnown, match="no VO called 'cms'"):
            await coming
        assert "cms" not in await beside.masks.counts()


async def test_a_mask_that_is_gone_before_it_is_served_is_not_known(grid: Grid) -> None:
    async with grid.open() as made:
        for asked in (made.board.serve("left", "json"), made.board.mask("left"), made.board.say("left", ["CE1"])):
            with pytest.raises(NotKnown, match="no VO called 'left'"):
                await asked


async def test_a_source_that_is_not_read_any_more_loses_what_others_list(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("fts3", "FTS", FQDN="fts.example.org")))
    async with grid.open(**with_file(grid, FTS)) as made:
        await sync(made)
    async with grid.open() as made:
        [report] = (await sync(made, "osg")).values()
        assert (report.failure, sorted(said(await made.masks.mask("cms")))) == (None, ["fts3"])
        assert {change.name for change in await made.statuses.history(RowName(ElementName("fts3")))} == {"fts3", "FTS-1"}


async def test_what_is_taken_over_is_not_freed_by_that(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("FTS-1", "FTS", FQDN="fts.example.org")))
    settings = with_file(grid, FTS)
    feed = settings["source"][-1].model_copy(update={"covers": frozenset({"osg"})})
    async with grid.open(source=(*settings["source"][:-1], feed)) as made:
        for source in ("osg", "file"):
            await sync(made, source)
            assert said(await made.masks.mask("cms")) == {"FTS-1": "Unknown"}
        grid.announce()
        await sync(made, "feed")
        assert said(await made.masks.mask("cms")) == {"FTS-1": "Active"}


async def test_a_vo_that_left_elsewhere_has_no_new_downtimes(grid: Grid) -> None:
    async with grid.open() as made, grid.open(vo={}) as beside:
        await sync(made)
        assert await beside.vos.resolve("cms") == "cms"
        await made.vos.retire(ADMIN, "cms", "It left.")
        with pytest.raises(NotKnown):
            await beside.downtimes.add(
                ADMIN, Declaration((ElementName("CE1"),), at(), at(hours=1), "OUTAGE", "New disks.", "cms")
            )


async def test_a_vo_is_added_by_its_name_whatever_it_is_called_by(grid: Grid) -> None:
    async with grid.open(vo={"cms": {"aliases": ["compact"]}}) as made:
        await made.vos.retire(ADMIN, "compact", "It left.")
        await made.vos.add(ADMIN, "Compact", "It is back.")
        assert set((await made.vos.roll()).masks) == {"all", "cms"}
        with pytest.raises(Conflict, match="There is a VO 'cms' already, which 'compact' is another name of"):
            await made.vos.add(ADMIN, "compact")


async def test_what_the_settings_declare_is_there_again_after_a_start(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    async with grid.open() as made:
        await sync(made)
        await made.vos.retire(ADMIN, "cms", "It left.")
    async with grid.open() as again:
        assert "cms" in await again.masks.revisions()

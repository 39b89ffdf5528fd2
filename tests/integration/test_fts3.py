"""Storage that is banned as the mask says, at a double of FTS3 after its documented contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.audit import Wanted as Entries
from tests import osg
from tests.actuated import FtsDouble, listening, quick
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation

SE1, SE2 = "davs://se1.example.org", "davs://se2.example.org"
BOTH = ("ReadAccess", "WriteAccess")


@pytest.fixture
def grid(tmp_path: Path, made_sqlite: str) -> Grid:
    """A grid to which tests give what they are about."""
    return quick(tmp_path, made_sqlite)


@pytest.fixture
async def fts() -> AsyncIterator[FtsDouble]:
    async with listening(FtsDouble()) as made:
        yield made


@pytest.fixture
def storage(grid: Grid) -> Grid:
    """Two storage elements."""
    resources = [osg.resource(name, "SRMv2", FQDN=f"{name.lower()}.example.org") for name in ("SE1", "SE2")]
    grid.publish(osg.group("EXAMPLE", *resources))
    return grid


def table(fts: FtsDouble, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the table holds
    return {"fts3": ({"name": "fts", "url": fts.url, "vo": "cms"} | more,)}


async def put(made: Installation, name: str, status: Status, *aspects: str) -> None:
    rows = [RowName(ElementName(name), aspect) for aspect in aspects]
    await made.statuses.set(ADMIN, rows, status, "for a test")
    await made.dispatcher.deliver()


async def begin(made: Installation) -> None:
    await sync(made)
    await made.dispatcher.deliver()


async def drift(made: Installation) -> dict[str, str]:
    return {one.thing: one.state for one in (await made.actuators.drift(ADMIN, "fts")).drift}


async def test_storage_that_may_neither_be_read_nor_written_is_banned_until_it_may(storage: Grid, fts: FtsDouble) -> None:
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        assert fts.bans == {}
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        assert list(fts.bans) == [SE1]
        assert fts.bans[SE1]["message"] == "Gridmask fts: SE1: ReadAccess Banned, WriteAccess Banned"
        await put(made, "SE1", Status.ACTIVE, "ReadAccess")
        assert fts.bans == {}


async def test_one_access_is_enough_where_that_is_wanted(storage: Grid, fts: FtsDouble) -> None:
    async with storage.open(**table(fts, banned_when="any")) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        assert list(fts.bans) == [SE1]


async def test_what_it_answers_is_in_the_books(storage: Grid, fts: FtsDouble) -> None:
    fts.jobs = ["8f6e6c0c-7a41-11f1-9c0a-fa163e000001"]
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        (entry,) = await made.audit.list(ADMIN, Entries(action="actuator wrote"))
        assert entry.details is not None
        assert entry.details["answer"] == "1 jobs affected: 8f6e6c0c-7a41-11f1-9c0a-fa163e000001"


@pytest.mark.parametrize("message", ["downtime of the site", "Gridmask other: SE1", "gridmask fts: ", None])
async def test_a_ban_that_somebody_else_made_is_never_lifted(storage: Grid, fts: FtsDouble, message: str | None) -> None:
    fts.bans[SE1] = fts.ban(SE1, message)
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        await put(made, "SE1", Status.ACTIVE, *BOTH)
        await made.actuators.run(ADMIN, "fts", "all of it", everything=True)
        assert fts.said("DELETE", "POST") == []
        assert await drift(made) == {SE1: "foreign"}


async def test_a_ban_of_ours_that_somebody_made_theirs_is_left_to_them(storage: Grid, fts: FtsDouble) -> None:
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        fts.bans[SE1]["message"] = "and stays so, says the site"
        await put(made, "SE1", Status.ACTIVE, *BOTH)
        assert list(fts.bans) == [SE1]


async def test_where_no_message_is_kept_memory_tells_ours(storage: Grid, fts: FtsDouble) -> None:
    fts.keeps_messages = False
    fts.bans[SE2] = fts.ban(SE2, None)
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        await put(made, "SE1", Status.ACTIVE, *BOTH)
        assert list(fts.bans) == [SE2]


async def test_bans_of_other_vos_are_none_of_ours(storage: Grid, fts: FtsDouble) -> None:
    fts.bans[SE1] = fts.ban(SE1, "Gridmask fts: SE1", vo="atlas")
    async with storage.open(**table(fts)) as made:
        await begin(made)
        assert (fts.said("DELETE"), await drift(made)) == ([], {})


async def test_a_vo_can_be_called_otherwise_there_and_by_an_alias_here(storage: Grid, fts: FtsDouble) -> None:
    fts.bans[SE2] = fts.ban(SE2, "Gridmask fts: SE2", vo="CMS.example.org")
    vos = {"cms": {"aliases": ["compact"]}}
    async with storage.open(**table(fts, vo="Compact", fts_vo="cms.example.org"), vo=vos) as made:
        await begin(made)
        assert fts.bans == {}
        (entry,) = await made.audit.list(ADMIN, Entries(action="actuator wrote"))
        assert entry.vos == ("cms",)


@pytest.mark.parametrize("status", [500, 403, 0, 200])
async def test_a_list_that_failed_bans_nothing_and_frees_nothing(storage: Grid, fts: FtsDouble, status: int) -> None:
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        fts.broken["GET"] = status
        fts.asked.clear()
        await put(made, "SE1", Status.ACTIVE, *BOTH)
        await put(made, "SE2", Status.BANNED, *BOTH)
        assert fts.said("POST", "DELETE") == []
        assert (await made.actuators.list(ADMIN))[0].state == "failing"


async def test_a_list_that_comes_out_empty_does_not_ban_in_masses(grid: Grid, fts: FtsDouble) -> None:
    names = [f"SE{number:02}" for number in range(16)]
    grid.publish(osg.group("EXAMPLE", *(osg.resource(name, "SRMv2", FQDN=f"{name}.example.org") for name in names)))
    async with grid.open(**table(fts)) as made:
        await begin(made)
        rows = [RowName(ElementName(name), aspect) for name in names for aspect in BOTH]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "for a test")
        await made.dispatcher.deliver()
        await made.actuators.run(ADMIN, "fts", "let through", everything=True)
        assert len(fts.bans) == 16
        fts.bans.clear()
        fts.asked.clear()
        grid.clock.advance(hours=2)
        await made.dispatcher.deliver()
        assert fts.said("POST", "DELETE") == []
        assert set((await drift(made)).values()) == {"held"}


async def test_a_ban_of_ours_stays_when_its_element_is_gone_and_that_is_told(storage: Grid, fts: FtsDouble) -> None:
    async with storage.open(**table(fts)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        storage.publish(osg.group("EXAMPLE", osg.resource("SE2", "SRMv2", FQDN="se2.example.org")))
        await sync(made, force=True)
        storage.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert list(fts.bans) == [SE1]
        assert await drift(made) == {SE1: "orphan"}
        fts.bans.clear()
        storage.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert await drift(made) == {}


async def test_how_storage_is_banned_is_as_it_was_told(storage: Grid, fts: FtsDouble) -> None:
    more = {"allow_submit": True, "names": {"SE1": ("srm://one", "davs://two")}}
    async with storage.open(**table(fts, **more)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, *BOTH)
        assert {storage: ban["status"] for storage, ban in fts.bans.items()} == {
            "srm://one": "WAIT_AS",
            "davs://two": "WAIT_AS",
        }


async def test_storage_of_several_elements_is_banned_when_none_is_left(grid: Grid, fts: FtsDouble) -> None:
    grid.publish(osg.group("EXAMPLE", *(osg.resource(name, "SRMv2", FQDN="se1.example.org") for name in ("DISK", "TAPE"))))
    async with grid.open(**table(fts)) as made:
        await begin(made)
        await put(made, "TAPE", Status.BANNED, *BOTH)
        assert fts.bans == {}
        await put(made, "DISK", Status.BANNED, *BOTH)
        assert list(fts.bans) == [SE1]
        await put(made, "TAPE", Status.UNKNOWN, *BOTH)
        assert list(fts.bans) == [SE1]


def test_the_double_lists_as_the_sample_does(shared_data: Path) -> None:
    (sample,) = json.loads((shared_data / "samples" / "fts3" / "ban_se_list.json").read_bytes())
    assert FtsDouble().ban(SE1, "why").keys() == sample.keys()

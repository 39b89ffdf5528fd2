"""RSEs as the mask says, at a double of Rucio that listens for real."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from gridmask.actions.actuating.memory import recollected
from gridmask.actions.rucio.rses import Rses
from gridmask.domain.errors import Conflict, NotKnown, StoreUnavailable
from gridmask.domain.status import Status
from gridmask.service import actuators as service
from gridmask.service.selection import ElementName, RowName
from gridmask.store import deliveries, outbox
from gridmask.store.audit import Wanted as Entries
from tests import osg
from tests.actuated import TOKEN, RucioDouble, listening, quick
from tests.clocks import WallClock
from tests.grid import ADMIN, Grid, sync
from tests.integration.test_streams import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.actions.actuating.values import Step
    from gridmask.bootstrap import Installation


OF_ANOTHER = b'{"rse": "SE2", "availability_read": false, "availability_write": true, "availability_delete": true}'


def storage(grid: Grid, *names: str) -> None:
    """Let the inventory have these storage elements."""
    resources = [osg.resource(name, "SRMv2", FQDN=f"{name.lower()}.example.org") for name in names]
    grid.publish(osg.group("EXAMPLE", *resources))


@pytest.fixture
def grid(tmp_path: Path, made_sqlite: str) -> Grid:
    """A grid to which tests give what they are about."""
    return quick(tmp_path, made_sqlite)


@pytest.fixture
async def rucio() -> AsyncIterator[RucioDouble]:
    async with listening(RucioDouble()) as made:
        made.on("SE1", "SE2")
        yield made


def table(grid: Grid, rucio: RucioDouble, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the table holds
    token = grid.folder / "token"
    token.write_text(TOKEN)
    return {"rucio": ({"name": "ours", "url": rucio.url, "vo": "cms", "token_file": token, **more},)}


async def put(made: Installation, name: str, status: Status, *aspects: str, vo: str = "all") -> None:
    for aspect in aspects or ("ReadAccess", "WriteAccess", "RemoveAccess"):
        await made.statuses.set(ADMIN, [RowName(ElementName(name), aspect, vo)], status, "for a test")


async def drift(made: Installation) -> dict[str, tuple[str, str]]:
    report = await made.actuators.drift(ADMIN, "ours")
    return {one.thing: (one.state, one.touched_by) for one in report.drift}


async def begin(made: Installation) -> None:
    """Read the sources, and let the actuator have its first look."""
    await sync(made)
    await made.dispatcher.deliver()


async def test_what_the_mask_bans_is_switched_off_and_on_again(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert rucio.said("PUT") == []
        await put(made, "SE1", Status.BANNED, "WriteAccess", "RemoveAccess")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("write,delete", "")
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "delete"
        assert await drift(made) == {}


async def test_only_what_differs_is_written_and_it_is_read_back(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.rses["SE1"]["write"] = False
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.asked.clear()
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        (asked,) = [asked for asked in rucio.asked if asked.method == "PUT"]
        assert asked.body == b'{"availability_read": false}'
        assert rucio.said("GET", "PUT") == ["GET /rses/SE1", "PUT /rses/SE1", "GET /rses/SE1"]


async def test_a_row_of_the_vo_counts_for_it_and_not_for_another(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess", vo="cms")
        await put(made, "SE2", Status.BANNED, "ReadAccess", vo="atlas")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("read", "")


async def test_an_rse_that_rucio_does_not_know_is_told_and_disturbs_no_other(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE0", "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        for name in ("SE0", "SE1"):
            await put(made, name, Status.BANNED)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"
        assert await drift(made) == {"SE0": ("unknown", "")}
        assert (await made.actuators.list(ADMIN))[0].state == "good"
        with capture_logs() as logs:
            grid.clock.advance(hours=1)
            await made.dispatcher.deliver()
        assert logs == []


@pytest.mark.parametrize("status", [500, 403, 0])
async def test_one_rse_that_fails_does_not_keep_the_others_from_following(grid: Grid, rucio: RucioDouble, status: int) -> None:
    storage(grid, "SE1", "SE2")
    rucio.broken["GET /rses/SE1"] = status
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        for name in ("SE1", "SE2"):
            await put(made, name, Status.BANNED)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("", "read,write,delete")
        assert await drift(made) == {"SE1": ("failed", "")}
        rucio.broken.clear()
        grid.clock.advance(minutes=3)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"
        assert await drift(made) == {}


async def test_a_slow_rse_does_not_either(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.hanging.add("/rses/SE1")
    async with grid.open(**table(grid, rucio, timeout="0.2s")) as made:
        await begin(made)
        await put(made, "SE2", Status.BANNED)
        await made.dispatcher.deliver()
        assert rucio.off("SE2") == "read,write,delete"


async def test_while_rucio_is_away_nothing_is_concluded_and_then_what_is_true_by_then_is_done(
    grid: Grid, rucio: RucioDouble
) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.broken["GET"] = 503
        await put(made, "SE1", Status.BANNED)
        await put(made, "SE2", Status.BANNED)
        await made.dispatcher.deliver()
        assert (await made.actuators.list(ADMIN))[0].state == "failing"
        await put(made, "SE2", Status.ACTIVE)
        rucio.broken.clear()
        grid.clock.advance(seconds=30)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("read,write,delete", "")
        assert (await made.actuators.list(ADMIN))[0].state == "good"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", OF_ANOTHER])
async def test_an_answer_that_is_no_rse_frees_nothing(
    grid: Grid, rucio: RucioDouble, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    rucio.rses["SE1"]["read"] = False
    monkeypatch.setattr(rucio, "_told", lambda _: body)
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert rucio.said("PUT") == []
        assert await drift(made) == {"SE1": ("failed", "")}


async def test_a_page_that_is_not_there_does_not_mean_that_an_rse_is_not(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    rucio.broken["GET"] = 404
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert await drift(made) == {"SE1": ("failed", "")}


async def test_what_the_mask_does_not_know_is_left_as_it_is(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.rses["SE2"]["read"] = False
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.rses["SE2"]["read"] = False
        for name in ("SE1", "SE2"):
            await put(made, name, Status.UNKNOWN)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("", "read")


async def test_what_the_mask_does_not_know_is_switched_off_where_that_is_wanted(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio, unknown="off")) as made:
        await begin(made)
        await put(made, "SE1", Status.UNKNOWN)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"


async def test_an_rse_that_others_touch_is_set_right_and_that_is_in_the_books(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        rucio.rses["SE1"]["write"] = True
        grid.clock.advance(minutes=11)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "write"
        entry = (await made.audit.list(ADMIN, Entries(action="actuator wrote")))[0]
        assert entry.details is not None
        assert (entry.details["touched_by"], entry.details["outcome"], entry.vos) == ("others", "kept", ("cms",))


async def test_one_that_forgets_is_written_more_and_more_seldom(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    rucio.forgetful.add("SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        assert await drift(made) == {"SE1": ("forgotten", "")}
        for _ in range(12):
            grid.clock.advance(minutes=10)
            await made.dispatcher.deliver()
        assert 4 <= len(rucio.said("PUT")) <= 8
        rucio.forgetful.clear()
        grid.clock.advance(hours=3)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), await drift(made)) == ("write", {})


async def test_a_dry_run_tells_and_writes_nothing(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio, dry_run=True)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        await made.dispatcher.deliver()
        await made.actuators.run(ADMIN, "ours", "to see", everything=True)
        assert rucio.said("PUT", "POST", "DELETE") == []
        assert await drift(made) == {"SE1": ("dry-run", "")}


async def test_a_dry_run_tells_what_would_be_held(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio, dry_run=True, limits={"few": 1})) as made:
        await begin(made)
        rows = [RowName(ElementName(name), "WriteAccess") for name in ("SE1", "SE2")]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "both")
        await made.dispatcher.deliver()
        assert set((await drift(made)).values()) == {("held", "")}
        async with made.database.reading() as connection:
            assert [row.topic for row in await outbox.after(connection, 0, 99) if row.topic == "actuator"] == []


async def test_a_mass_change_is_held_until_an_administrator_lets_it_through(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(30)]
    rucio.on(*names)
    storage(grid, *names)
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rows = [RowName(ElementName(name), "WriteAccess") for name in names]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "too much")
        await made.dispatcher.deliver()
        assert rucio.said("PUT") == []
        assert set((await drift(made)).values()) == {("held", "")}
        await put(made, "SE03", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE03") == "read,write"
        report = await made.actuators.run(ADMIN, "ours", "looked at", everything=True)
        assert (report.drift, {rucio.off(name) for name in names}) == ((), {"write", "read,write"})
        await put(made, "SE04", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE04") == "read,write"


async def test_looking_while_it_is_at_work_disturbs_nothing(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        await asyncio.gather(made.dispatcher.deliver(), *(made.actuators.plan(ADMIN, "ours") for _ in range(5)))
        assert rucio.off("SE1") == "read,write,delete"


async def test_what_is_held_is_told_the_outside_once(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    told: list[str] = []
    async with grid.open(**table(grid, rucio, limits={"few": 1, "share": 0.1})) as made:
        await begin(made)
        rows = [RowName(ElementName(name), "WriteAccess") for name in ("SE1", "SE2")]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "both")
        for _ in range(3):
            await made.dispatcher.deliver()
            grid.clock.advance(minutes=11)
        async with made.database.reading() as connection:
            told = [row.payload["subject"] for row in await outbox.after(connection, 0, 99) if row.topic == "actuator"]
        assert told == ["actuator ours holds 2 changes for an administrator"]


async def test_no_more_than_the_limit_is_written_in_a_period(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(20)]
    rucio.on(*names)
    storage(grid, *names)
    async with grid.open(**table(grid, rucio, limits={"changes": 3})) as made:
        await begin(made)
        for name in names[:5]:
            await put(made, name, Status.BANNED, "ReadAccess")
            await made.dispatcher.deliver()
        assert len(rucio.said("PUT")) == 3
        grid.clock.advance(minutes=61)
        await made.dispatcher.deliver()
        assert len(rucio.said("PUT")) == 5


async def test_what_others_switched_off_stays_off_where_only_our_own_is_lifted(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.rses["SE2"]["write"] = False
    async with grid.open(**table(grid, rucio, lift="own")) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("", "write")
        assert await drift(made) == {"SE2": ("foreign", "")}


async def test_only_what_may_be_touched_of_the_elements_that_match_is(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio, touch=["write"], match={"name": "*2"}, names={"SE2": "SE1"})) as made:
        await begin(made)
        for name in ("SE1", "SE2"):
            await put(made, name, Status.BANNED)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("write", "")


async def test_many_are_read_at_once_and_one_that_a_cut_list_lacks_is_asked_for(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(40)]
    storage(grid, *names)
    rucio.rses.clear()
    rucio.on(*names)
    rucio.rses["SE39"]["read"] = False
    rucio.listed = 35
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert "GET /rses/SE00" not in rucio.said("GET")
        assert rucio.off("SE39") == ""


async def test_an_empty_list_changes_nothing(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(40)]
    storage(grid, *names)
    rucio.on(*names)
    rucio.rses["SE39"]["read"] = False
    rucio.listed = 0
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert rucio.said("PUT") == []
        assert set((await drift(made)).values()) == {("failed", "")}


async def test_an_element_that_leaves_the_mask_is_left_as_it_is(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        await made.dispatcher.deliver()
        storage(grid, "SE2")
        await sync(made, force=True)
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"
        assert await drift(made) == {}


async def test_a_password_gets_the_token(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    word = grid.folder / "word"
    word.write_text("secret\n")
    by = {"token_file": None, "account": "root", "user": "tester", "password_file": word}
    async with grid.open(**table(grid, rucio, **by)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read"
        word.write_text("wrong")
        with pytest.raises(Exception, match="lets nobody in as root"):
            await made.actuators.plan(ADMIN, "ours")


async def test_a_plan_reads_now_and_writes_nothing_anywhere(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.rses["SE2"]["delete"] = False
        report = await made.actuators.plan(ADMIN, "ours")
        assert [(one.thing, one.state, one.found) for one in report.drift] == [("SE2", "due", {"delete": False})]
        assert (rucio.said("PUT"), await drift(made)) == ([], {})


async def test_while_our_database_is_away_nothing_is_sent(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        ours = made.actuators._made["ours"]

        async def away() -> None:
            raise StoreUnavailable("It is away.")

        monkeypatch.setattr(made.board, "refresh", away)
        with pytest.raises(StoreUnavailable):
            await ours.run(ADMIN, everything=True)
        assert rucio.said("PUT") == []


async def test_a_run_while_another_is_at_work_is_refused(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    monkeypatch.setattr(service, "WAITS", 1)
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        term = timedelta(minutes=1)
        await made.database.change(lambda c, _: deliveries.claim(c, "ours", "another", grid.clock(), term))
        with pytest.raises(Conflict, match="at work"):
            await made.actuators.run(ADMIN, "ours", "now")


async def test_an_actuator_that_is_not_in_force_cannot_be_run(grid: Grid, rucio: RucioDouble) -> None:
    async with grid.open(**table(grid, rucio)) as made:
        with pytest.raises(NotKnown, match="ours"):
            await made.actuators.drift(ADMIN, "theirs")
        await made.database.change(lambda c, _: deliveries.register(c, {}, grid.clock()))
        with pytest.raises(Conflict, match="in force"):
            await made.actuators.run(ADMIN, "ours", "now")


async def test_before_anything_is_sent_it_is_noted_whose_doing_it_will_be(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    noted: list[dict[str, bool | str]] = []
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)

        async def killed(_: Rses, step: Step) -> str:
            async with made.database.reading() as connection:
                noted.append((await recollected(connection, "ours")).written[step.thing].states)
            raise KeyboardInterrupt

        await put(made, "SE1", Status.BANNED, "ReadAccess")
        monkeypatch.setattr(Rses, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            await made.actuators.run(ADMIN, "ours", "now")
    assert noted == [{"read": False}]


async def test_the_mask_reaches_it_within_seconds(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    arrived = asyncio.Event()
    rucio.on_write = lambda _: arrived.set()
    grid.clock = WallClock()
    async with grid.open(**table(grid, rucio)) as made, running(made):
        await sync(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        async with asyncio.timeout(10):
            await arrived.wait()


async def test_what_became_of_a_write_that_was_cut_off_is_found_out_and_in_the_books(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        write = Rses.write

        async def cut_off(side: Rses, step: Step) -> str:
            await write(side, step)
            raise StoreUnavailable("It went away.")

        monkeypatch.setattr(Rses, "write", cut_off)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        with pytest.raises(StoreUnavailable):
            await made.actuators.run(ADMIN, "ours", "now")
        monkeypatch.undo()
        await made.dispatcher.deliver()
        await made.dispatcher.deliver()
        (entry,) = await made.audit.list(ADMIN, Entries(action="actuator wrote"))
        assert (entry.comment, rucio.said("PUT")) == ("ours: SE1: found as it was written", ["PUT /rses/SE1"])


async def test_of_what_is_no_concern_of_it_rucio_is_not_asked(grid: Grid, rucio: RucioDouble) -> None:
    grid.publish(osg.group("EXAMPLE", osg.resource("SE1", "SRMv2"), osg.resource("CE1", "CE")))
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.asked.clear()
        await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "for a test")
        await made.dispatcher.deliver()
        assert rucio.asked == []


async def test_what_fails_again_and_again_leaves_room_for_the_others(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.broken["PUT /rses/SE1"] = 500
    async with grid.open(**table(grid, rucio, limits={"changes": 2})) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        for _ in range(5):
            await made.dispatcher.deliver()
            grid.clock.advance(minutes=5)
        await put(made, "SE2", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert (len(rucio.said("PUT")) > 3, rucio.off("SE2")) == (True, "read")


async def test_what_others_switched_on_is_not_ours_to_lift_any_more(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio, lift="own")) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        rucio.rses["SE1"]["write"] = True
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        rucio.rses["SE1"]["write"] = False
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), await drift(made)) == ("write", {"SE1": ("foreign", "")})

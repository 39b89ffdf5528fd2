"""People are notified: by real mail, and by other services; late or never where a server wants it so, and never too often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.actions.notify.gathering import Gatherer
from gridmask.actions.notify.grouping import State
from gridmask.actions.notify.layout import Layout, Letter
from gridmask.actions.notify.mail import Mail, MailServer
from gridmask.actions.notify.piles import Piles
from gridmask.actions.notify.plans import Plans
from gridmask.domain.errors import InvalidConfiguration, NotTold, Unreachable
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.subscriptions import plans
from tests.grid import ADMIN, Grid, sync
from tests.integration.test_outbox import listening
from tests.smtp import Post, post

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

SHIFT, BOSS = "shift@example.org", "boss@example.org"


def notify(post: Post, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a table has
    table = {"name": "ops", "to": (SHIFT,), "wait": "1m", **more}
    return {"mail": post.table, "notify": (table,)}


async def ban(made: Installation, *names: str, status: Status = Status.BANNED) -> None:
    rows = [RowName(ElementName(name)) for name in names]
    await made.statuses.set(ADMIN, rows, status, "security")


async def passing(made: Installation, grid: Grid, minutes: float = 1) -> bool:
    """Let time pass, and all that is due then be told: gathered, then sent."""
    await made.dispatcher.deliver()
    grid.clock.advance(minutes=minutes)
    await made.dispatcher.deliver()
    return await made.dispatcher.deliver()


async def test_people_are_told_by_mail_what_changed_and_why(grid: Grid) -> None:
    async with post() as office, grid.open(**notify(office)) as made:
        await sync(made)
        await passing(made, grid)
        office.letters.clear()
        await ban(made, "CE1")
        assert await passing(made, grid)
        (letter,) = office.letters[SHIFT]
        assert letter["Subject"] == "[Gridmask] CE1 can no longer be used"
        assert letter["From"] == "Gridmask <gridmask@example.org>"
        (body,) = office.bodies(SHIFT)
        assert "* ComputingElement CE1 for all: Active -> Banned, since 2026-08-21 17:01 UTC\n  security (admin)" in body
        assert await passing(made, grid, 60)
        assert len(office.letters[SHIFT]) == 1


async def test_a_mailbox_is_told_once_however_it_is_written(grid: Grid) -> None:
    address = {"ops": {"mail": "Ops@example.org"}}
    tables = ({"name": "one", "to": (SHIFT, "SHIFT@example.org")}, {"name": "two", "to": ("ops@example.org", "ops", SHIFT)})
    async with post() as office:
        told = plans(grid.settings(mail=office.table, address=address, notify=tables))
    assert [plan.to for plan in told.plans] == [(SHIFT,), ("ops", SHIFT)]
    assert told.addresses == {SHIFT, "ops"}


async def test_a_ban_of_a_vo_that_had_no_row_of_its_own_is_told(grid: Grid) -> None:
    async with post() as office, grid.open(**notify(office, vo="cms")) as made:
        await sync(made)
        await passing(made, grid)
        office.letters.clear()
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "security")
        assert await passing(made, grid)
        (body,) = office.bodies(SHIFT)
        assert "* ComputingElement CE2 for cms: Active -> Banned" in body


async def test_greylisting_delays_a_letter_and_loses_nothing(grid: Grid) -> None:
    async with post() as office, grid.open(**notify(office)) as made:
        office.refusals = ["450 4.7.1 Greylisted, come again"]
        await sync(made)
        assert not await passing(made, grid)
        (failure,) = await made.deliveries.failed(ADMIN)
        assert (failure.action, failure.trouble) == (SHIFT, "deferred")
        assert failure.failure == f"{SHIFT}: the server says 450 4.7.1 Greylisted, come again"
        grid.clock.advance(minutes=1)
        assert await made.dispatcher.deliver()
        assert len(office.letters[SHIFT]) == 1


async def test_a_recipient_that_does_not_exist_keeps_no_other_from_being_told(grid: Grid) -> None:
    bounces = {BOSS: "550 5.1.1 No such user"}
    async with post(bounces=bounces) as office, grid.open(**notify(office, to=(BOSS, SHIFT))) as made:
        await sync(made)
        assert await passing(made, grid)
        (letter,) = await made.deliveries.failed(ADMIN)
        assert (letter.action, letter.state, letter.trouble) == (BOSS, "dead", "refused")
        assert letter.about.startswith("[Gridmask] ")
        assert len(office.letters[SHIFT]) == 1


async def test_a_server_that_is_away_is_told_later_all_in_one(grid: Grid) -> None:
    async with post() as office:
        away = notify(office)
    async with grid.open(**away) as made:
        await sync(made)
        assert not await passing(made, grid)
        for name in ("CE1", "CE2"):
            await ban(made, name)
            assert not await passing(made, grid, 10)
        (failure,) = await made.deliveries.failed(ADMIN)
        assert (failure.trouble, failure.state) == ("unreachable", "waiting")


async def test_a_server_that_never_answers_is_not_waited_for() -> None:
    async with post(is_slow=True) as office:
        server = MailServer("127.0.0.1", office.port, "gridmask@example.org", "none", patience=0.1)
        with pytest.raises(Unreachable, match="the server went away"):
            await Mail(server, SHIFT).send("message-1", Letter("x", "x"))


async def test_what_waits_is_told_by_the_next_process(grid: Grid) -> None:
    grid.database = f"sqlite:///{grid.folder}/gridmask.db"
    async with post() as office:
        async with grid.open(**notify(office)) as made:
            await sync(made)
            await made.dispatcher.deliver()
        grid.clock.advance(minutes=1)
        async with grid.open(**notify(office)) as made:
            await made.dispatcher.deliver()
            assert await made.dispatcher.deliver()
            assert len(office.letters[SHIFT]) == 1


async def test_no_more_than_so_many_are_sent_and_nothing_is_missing(grid: Grid) -> None:
    few: dict[str, Any] = {"notifications": {"most": 2, "per": "1h"}}
    async with post() as office, grid.open(**notify(office, group_by=("element",)), **few) as made:
        await sync(made)
        await passing(made, grid)
        for names in ("CE1", "CE2", "CE3"):
            await ban(made, names)
            await passing(made, grid, 2)
        assert len(office.letters[SHIFT]) == 2
        await passing(made, grid, 60)
        assert len(office.letters[SHIFT]) == 3
        told = "".join(office.bodies(SHIFT))
        assert all(told.count(f"ComputingElement {name} for all: Active -> Banned") == 1 for name in ("CE1", "CE2", "CE3"))


async def test_others_are_told_by_apprise_and_their_url_is_shown_nowhere(
    grid: Grid, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(500, 401) as receiver:
        host = receiver.url.removeprefix("http://").removesuffix("/told")
        monkeypatch.setenv("DESK", f"json://{host}/very-secret-path")
        table = {"name": "ops", "to": ("desk",), "wait": "1m"}
        async with grid.open(address={"desk": {"url_variable": "DESK"}}, notify=(table,)) as made:
            await sync(made)
            assert not await passing(made, grid)
            grid.clock.advance(minutes=1)
            await made.dispatcher.deliver()
            (failure,) = await made.deliveries.failed(ADMIN)
            assert (failure.state, failure.trouble) == ("dead", "refused")
            await made.deliveries.retry(ADMIN, "desk", None, "mended")
            assert await made.dispatcher.deliver()
        _, told = receiver.told[-1]
        assert told["title"].startswith("[Gridmask] ")
        shown = capfd.readouterr()
        assert "very-secret" not in failure.failure + shown.out + shown.err + repr(made.settings)


async def test_templates_that_are_not_there_are_told_at_the_start(grid: Grid) -> None:
    with pytest.raises(InvalidConfiguration, match=r"templates: there is no folder .*nowhere"):
        async with grid.open(notifications={"templates": grid.folder / "nowhere"}):
            pass


async def test_what_another_process_went_on_with_is_not_overwritten(grid: Grid) -> None:
    async with post() as office, grid.open(**notify(office)) as made:
        gatherer = Gatherer(made.database, made.clock, Plans(), Layout())
        await gatherer._keep(None, State(), State(position=7), Piles(), [])
        with pytest.raises(NotTold, match="another process has gone on with it"):
            await gatherer._keep(None, State(), State(position=3), Piles(), [])
        assert (await gatherer.state()).position == 7

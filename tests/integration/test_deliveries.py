"""How actions are told: each for itself, in order, again where that failed, and never of what came before them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.actions.action import Subscription
from gridmask.actions.retrying import Patience
from gridmask.actions.settings import Conditions
from gridmask.domain.errors import Deferred, NotKnown, NotTold, Refused, Unreachable
from gridmask.domain.severity import Severity
from gridmask.domain.status import Status
from gridmask.inspection.outbox import Dispatcher
from gridmask.inspection.telling import Rules
from gridmask.service.selection import ElementName, RowName
from gridmask.store import deliveries
from gridmask.store.audit import Wanted
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.news import News

CE1, CE2 = (RowName(ElementName(name)) for name in ("CE1", "CE2"))
NO_CHANCE = Rules(patience=Patience(attempts=2))


@dataclass
class Listener:
    """Raises each of ``troubles`` in turn, and then hears what it is told."""

    troubles: list[Exception] = field(default_factory=list)
    heard: list[News] = field(default_factory=list)

    async def tell(self, news: News) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.heard.append(news)

    @property
    def keys(self) -> list[str]:
        return [news.key for news in self.heard]


class Slow:
    """Never comes to an end."""

    async def tell(self, news: News) -> None:
        del news
        await asyncio.Event().wait()


async def dispatching(made: Installation, rules: Rules | None = None, **actions: object) -> Dispatcher:
    to = [Subscription(name, "test", action) for name, action in actions.items()]  # type: ignore[arg-type]  # what has tell
    dispatcher = Dispatcher(made.database, made.clock, to, rules)
    await dispatcher.register()
    return dispatcher


async def ban(made: Installation, *rows: RowName) -> None:
    for row in rows:
        await made.statuses.set(ADMIN, [row], Status.BANNED, "security")


async def free(made: Installation, *rows: RowName) -> None:
    for row in rows:
        await made.statuses.set(ADMIN, [row], Status.ACTIVE, "all is well")


async def test_an_action_that_fails_delays_no_other(grid: Grid) -> None:
    async with grid.open() as made:
        bad, good = Listener([Unreachable("x", "nobody is there")] * 9), Listener()
        dispatcher = await dispatching(made, bad=bad, good=good)
        await sync(made)
        await ban(made, CE1)
        assert not await dispatcher.deliver()
        assert (good.keys, bad.keys) == (["revision-1", "revision-2", "revision-3"], [])


async def test_an_action_that_hangs_is_cut_off_and_delays_no_other(grid: Grid) -> None:
    async with grid.open() as made:
        good = Listener()
        dispatcher = await dispatching(made, Rules(limit=timedelta(seconds=0.05)), slow=Slow(), good=good)
        await sync(made)
        assert not await dispatcher.deliver()
        assert good.keys == ["revision-1", "revision-2"]
        (state, _) = sorted(await made.deliveries.list(ADMIN), key=lambda one: one.name != "slow")
        assert state.failing == "It took more than 0.05 s."


async def test_what_is_refused_is_a_dead_letter_at_once_and_what_follows_is_told(grid: Grid) -> None:
    async with grid.open() as made:
        picky = Listener([Refused("there", "answered with HTTP status 404")])
        dispatcher = await dispatching(made, picky=picky)
        await sync(made)
        assert await dispatcher.deliver()
        assert picky.keys == ["revision-2"]
        (letter,) = await made.deliveries.failed(ADMIN)
        assert (letter.key, letter.state, letter.trouble) == ("revision-1", "dead", "refused")


async def test_who_fails_too_often_on_one_thing_is_told_the_next(grid: Grid) -> None:
    async with grid.open() as made:
        poor = Listener([NotTold("x", "boom"), NotTold("x", "boom")])
        dispatcher = await dispatching(made, NO_CHANCE, poor=poor)
        await sync(made)
        assert not await dispatcher.deliver()
        grid.clock.advance(minutes=1)
        assert await dispatcher.deliver()
        assert poor.keys == ["revision-2"]
        assert [letter.failure for letter in await made.deliveries.failed(ADMIN)] == ["x: boom"]


async def test_that_nobody_is_there_is_no_reason_to_give_up_before_it_is_old(grid: Grid) -> None:
    async with grid.open() as made:
        away = Listener([Unreachable("x", "nobody is there")] * 10)
        dispatcher = await dispatching(made, NO_CHANCE, away=away)
        await sync(made)
        for _ in range(10):
            assert not await dispatcher.deliver()
            grid.clock.advance(hours=1)
        assert [letter.state for letter in await made.deliveries.failed(ADMIN)] == ["waiting"]
        assert await dispatcher.deliver()
        assert away.keys == ["revision-1", "revision-2"]


async def test_who_asks_to_be_told_later_is_told_no_sooner(grid: Grid) -> None:
    async with grid.open() as made:
        busy = Listener([Deferred("x", "later", wait=3600)])
        dispatcher = await dispatching(made, busy=busy)
        await sync(made)
        for minutes in (0, 30, 29):
            grid.clock.advance(minutes=minutes)
            assert not await dispatcher.deliver()
        grid.clock.advance(minutes=1)
        assert await dispatcher.deliver()


async def test_a_dead_letter_is_told_once_a_person_says_so(grid: Grid) -> None:
    async with grid.open() as made:
        picky = Listener([Refused("there", "no"), Refused("there", "no")])
        dispatcher = await dispatching(made, picky=picky)
        await sync(made)
        await dispatcher.deliver()
        assert await made.deliveries.retry(ADMIN, "picky", ["revision-1"], "mended") == ("revision-1",)
        assert await dispatcher.deliver()
        assert picky.keys == ["revision-1"]
        assert [letter.key for letter in await made.deliveries.failed(ADMIN)] == ["revision-2"]
        (entry,) = await made.audit.list(ADMIN, Wanted(action="actions retried"))
        assert (entry.comment, entry.details) == ("picky: mended", {"action": "picky", "keys": ["revision-1"]})


async def test_what_is_dropped_is_never_told_and_holds_nothing_up(grid: Grid) -> None:
    async with grid.open() as made:
        away = Listener([Unreachable("x", "nobody is there")])
        dispatcher = await dispatching(made, away=away)
        await sync(made)
        await dispatcher.deliver()
        assert await made.deliveries.drop(ADMIN, "away", None, "of no use") == ("revision-1",)
        assert await dispatcher.deliver()
        assert (away.keys, await made.deliveries.failed(ADMIN)) == (["revision-2"], ())
        assert len(await made.audit.list(ADMIN, Wanted(action="actions dropped"))) == 1


async def test_nothing_is_decided_about_what_has_not_failed(grid: Grid) -> None:
    async with grid.open() as made:
        await dispatching(made, ours=Listener())
        with pytest.raises(NotKnown, match=r"no action called 'hours'\. Did you mean 'ours'"):
            await made.deliveries.retry(ADMIN, "hours", None, "x")
        with pytest.raises(NotKnown, match="no failure of ours called 'revision-1'"):
            await made.deliveries.drop(ADMIN, "ours", ["revision-1"], "x")


async def test_a_new_action_begins_at_the_present_and_one_that_is_gone_holds_nothing_up(grid: Grid) -> None:
    async with grid.open() as made:
        old = Listener([Unreachable("x", "nobody is there")])
        await (await dispatching(made, old=old)).deliver()
        await sync(made)
        new = Listener()
        dispatcher = await dispatching(made, new=new)
        await ban(made, CE1)
        assert await dispatcher.deliver()
        assert new.keys == ["revision-3"]
        grid.clock.advance(days=8)
        await ban(made, CE2)
        assert await dispatcher.deliver()
        assert (await made.housekeeping.tidy()).dropped["outbox"] == 3


async def test_what_an_action_has_yet_to_be_told_is_kept(grid: Grid) -> None:
    async with grid.open() as made:
        away, good = Listener([Refused("x", "no"), Unreachable("x", "nobody is there")]), Listener()
        dispatcher = await dispatching(made, away=away, good=good)
        await sync(made)
        await ban(made, CE1)
        await dispatcher.deliver()
        grid.clock.advance(days=8)
        assert (await made.housekeeping.tidy()).dropped["outbox"] == 0
        await made.deliveries.drop(ADMIN, "away", None, "x")
        assert (await made.housekeeping.tidy()).dropped["outbox"] == 2


async def test_of_two_processes_one_tells_at_a_time(grid: Grid) -> None:
    async with grid.open() as made:
        ears = Listener()
        one, two = await dispatching(made, ours=ears), await dispatching(made, ours=ears)
        await sync(made)
        await ban(made, CE1)
        await asyncio.gather(one.deliver(), two.deliver(), one.deliver(), two.deliver())
        assert ears.keys == ["revision-1", "revision-2", "revision-3"]


async def test_what_a_process_that_died_was_about_to_tell_is_told_by_another_once_its_time_is_over(grid: Grid) -> None:
    async with grid.open() as made:
        ears = Listener()
        dispatcher = await dispatching(made, ours=ears)
        await sync(made)
        term = Rules().term
        await made.database.change(lambda c, _: deliveries.claim(c, "ours", "who died", grid.clock(), term))
        assert not await dispatcher.deliver()
        grid.clock.now += term
        assert await dispatcher.deliver()
        assert ears.keys == ["revision-1", "revision-2"]


async def test_an_action_is_told_what_its_condition_asks_for_and_of_nothing_else(grid: Grid) -> None:
    async with grid.open() as made:
        ears, on = Listener(), Conditions(severity=("lost",), match={"name": "CE*"})
        dispatcher = Dispatcher(made.database, made.clock, [Subscription("ours", "test", ears, on.condition())])
        await dispatcher.register()
        await sync(made)
        await ban(made, CE1)
        await free(made, CE1)
        assert await dispatcher.deliver()
        (news,) = ears.heard
        (change,) = news.changes
        assert (change.element.site, change.severity, change.after) == ("SITE", Severity.LOST, Status.BANNED)
        assert [reason.text for reason in change.reasons] == ["security"]


class Alarm:
    """Wants to be woken each hour, and is told many things at once."""

    def __init__(self) -> None:
        self.woken: list[datetime] = []
        self.told: list[list[str]] = []

    async def tell(self, news: News) -> None:
        raise AssertionError(news)

    async def tell_all(self, news: Sequence[News]) -> None:
        self.told.append([item.key for item in news])

    async def wake(self, now: datetime) -> datetime:
        self.woken.append(now)
        return now + timedelta(hours=1)


async def test_an_action_is_woken_when_it_wants_to_be_and_told_all_at_once(grid: Grid) -> None:
    async with grid.open() as made:
        alarm = Alarm()
        dispatcher = await dispatching(made, alarm=alarm)
        await sync(made)
        await dispatcher.deliver()
        await dispatcher.deliver()
        assert (alarm.told, len(alarm.woken)) == ([["revision-1", "revision-2"]], 1)
        grid.clock.advance(minutes=60)
        await dispatcher.deliver()
        assert len(alarm.woken) == 2


async def test_what_is_too_old_is_given_up_whatever_the_trouble_is(grid: Grid) -> None:
    async with grid.open() as made:
        away = Listener([Unreachable("x", "nobody is there")] * 3)
        dispatcher = await dispatching(made, away=away)
        await sync(made)
        assert not await dispatcher.deliver()
        grid.clock.advance(days=3)
        await dispatcher.deliver()
        assert [letter.state for letter in await made.deliveries.failed(ADMIN)] == ["dead", "dead"]


async def test_who_was_silent_for_so_long_that_another_took_over_notes_nothing(grid: Grid) -> None:
    async with grid.open() as made:

        class Outlived(Listener):
            async def tell(self, news: News) -> None:
                grid.clock.now += Rules().term
                later = grid.clock()
                await made.database.change(lambda c, _: deliveries.claim(c, "ours", "another", later, Rules().term))
                await super().tell(news)

        ears = Outlived()
        dispatcher = await dispatching(made, ours=ears)
        await sync(made)
        assert not await dispatcher.deliver()
        async with made.database.reading() as connection:
            work = await deliveries.work(connection, "ours", grid.clock())
        assert work is not None
        assert (ears.keys, work.position) == (["revision-1", "revision-2"], 0)

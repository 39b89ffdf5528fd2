"""What people do with rows and with automation, in the books of every database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import Conflict, InvalidRequest, StaleWrite
from gridmask.domain.status import Status
from gridmask.service.review import Doubt
from gridmask.service.selection import ElementName, RowName, elements_that_match, rows_that_match
from gridmask.service.tokens import Wanted
from gridmask.store import elements, rulings
from gridmask.store.ledger import REMINDER
from gridmask.store.tables import changes, decisions, outbox
from tests import osg
from tests.clocks import Clock, at
from tests.contract import books
from tests.contract.store.test_ledger import whatever_fails
from tests.grid import ADMIN, CMS, Grid, catch_up, outage, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.service.selection import Chosen

SHIFTER = Actor.administrator("shifter")
LASTING = Wanted(lasting=True)
DAY = timedelta(days=1)


def rows(*names: str, vo: str = "all") -> list[Chosen]:
    return [RowName(ElementName(name), vo=vo) for name in names]


async def reminders(made: Installation) -> list[dict[str, Any]]:
    async with made.database.reading() as connection:
        return list(await connection.scalars(select(outbox.c.payload).where(outbox.c.topic == REMINDER).order_by(outbox.c.id)))


async def until(clock: Clock, made: Installation, hours: float) -> None:
    clock.advance(hours=hours)
    await catch_up(made)


# --- Tokens


@pytest.mark.parametrize("use", ["set", "take"])
async def test_what_would_be_over_when_its_turn_comes_is_refused(grid: Grid, use: str) -> None:
    wanted = Wanted(at(hours=1))
    async with grid.open() as made:
        await sync(made)
        async with made.database.writing():
            deed = {
                "set": made.statuses.set(ADMIN, rows("CE2"), Status.BANNED, "smoke", wanted=wanted),
                "take": made.tokens.take(ADMIN, rows("CE2"), "mine", wanted),
            }
            waiting = asyncio.create_task(deed.pop(use))
            next(iter(deed.values())).close()
            for _ in range(20):
                await asyncio.sleep(0)
            assert not waiting.done()
            grid.clock.advance(hours=2)
        with pytest.raises(InvalidRequest, match="is over already"):
            await waiting


async def test_its_owner_is_told_once_of_all_that_ends_together(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.tokens.take(ADMIN, rows("CE2", "CE3"), "mine")
        await made.tokens.take(SHIFTER, rows("CE1"), "mine")
        await made.tokens.take(CMS, rows("CE1", vo="cms"), "ours", LASTING)
        await until(grid.clock, made, 11.9)
        assert await reminders(made) == []
        for _ in range(2):
            await until(grid.clock, made, 0.2)
            told = sorted(await reminders(made), key=lambda one: str(one["owner"]))
            assert [(one["owner"], one["rows"]) for one in told] == [
                ("admin", ["ComputingElement CE2 for all", "ComputingElement CE3 for all"]),
                ("shifter", ["ComputingElement CE1 for all"]),
            ]


async def test_what_only_follows_a_row_of_all_is_not_told_of(grid: Grid) -> None:
    ban = '[policy.own]\ntype = "always"\narguments = { status = "Banned" }\n'
    async with grid.open(policies=toml_policies(grid.folder, cms=ban)) as made:
        await sync(made)
        await made.tokens.take(ADMIN, rows("CE2"), "mine")
        await made.vos.add(ADMIN, "lhcb")
        await until(grid.clock, made, 12)
        assert [one["rows"] for one in await reminders(made)] == [["ComputingElement CE2 for all"]]


async def test_a_reminder_is_no_revision_and_is_lost_with_its_transaction_alone(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.tokens.take(ADMIN, rows("CE2"), "mine")
        before = await books.counts(made.database, "changes", "audit")
        grid.clock.advance(hours=12)

        async def look(made: Installation) -> None:
            await made.inspector.catch_up()

        assert await whatever_fails(made, look) >= 2
        assert (len(await reminders(made)), await books.counts(made.database, "changes", "audit")) == (1, before)


async def test_history_tells_from_whom_a_row_was_taken(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.tokens.take(ADMIN, rows("CE2"), "mine")
        await made.tokens.take(SHIFTER, rows("CE2"), "no, mine", LASTING)
        await made.statuses.set(ADMIN, rows("CE2"), Status.BANNED, "smoke", wanted=Wanted(agreed=True))
        await made.tokens.release(SHIFTER, rows("CE2"))
        told = [(c.kind, c.token_owner, c.token_from) for c in await made.statuses.history(RowName(ElementName("CE2")))]
        assert told[:4][::-1] == [
            ("token", "admin", None),
            ("token", "shifter", "admin"),
            ("status", "admin", "shifter"),
            ("status", None, "admin"),
        ]


async def test_a_token_survives_as_it_is(grid: Grid) -> None:
    wanted = Wanted(at(days=3), agreed=True, review_at=at(days=1))
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, rows("CE1"), Status.ACTIVE, "tried", wanted=wanted)
    async with grid.open() as made:
        [held] = await made.tokens.list()
        token = held.token
        assert token is not None
        assert (token.owner, token.expires_at, token.agreed) == ("admin", at(days=3), True)
        assert (token.review_at, token.notice_at) == (at(days=1), at(days=3, hours=-12))


async def test_who_holds_what_is_listed_by_what_ends_first(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.tokens.take(ADMIN, rows("CE1"), "x", LASTING)
        await made.tokens.take(CMS, rows("CE2", vo="cms"), "x", Wanted(at(days=2)))
        await made.tokens.take(ADMIN, rows("CE3"), "x")
        names = [held.key.element.name for held in await made.tokens.list()]
        assert names == ["CE3", "CE2", "CE1"]
        assert [held.key.vo for held in await made.tokens.list(vo="CMS")] == ["cms"]
        assert [held.key.element.name for held in await made.tokens.list(owner="admin", before=at(days=2))] == ["CE3"]
        grid.clock.advance(days=1)
        assert len(await made.tokens.list()) == 2


async def test_all_rows_are_dealt_with_or_none(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        outcome, _ = await made.tokens.take(ADMIN, rows("CE1", "CE2"), "x")
        await made.tokens.take(SHIFTER, rows("CE2"), "x")
        before = await books.read(made.database)
        with pytest.raises(Conflict, match="held by shifter"):
            await made.tokens.extend(ADMIN, [rows_that_match({"name": "CE[12]"})], Wanted(at(days=9)))
        for deal in (made.tokens.take, made.tokens.release):
            with pytest.raises(StaleWrite):
                await deal(ADMIN, rows("CE1", "CE2"), "x", seen=outcome.revision)
        assert await books.read(made.database) == before


async def test_what_binds_every_vo_does_so_until_it_is_released_unless_told_otherwise(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        with pytest.raises(InvalidRequest, match="until somebody releases it"):
            await made.statuses.set(ADMIN, rows("CE2"), Status.BANNED, "x", wanted=Wanted(agreed=True), binding=True)
        await made.statuses.set(ADMIN, rows("CE2"), Status.BANNED, "x", binding=True)
        await made.statuses.set(ADMIN, rows("CE3"), Status.BANNED, "x", wanted=Wanted(at(days=1)), binding=True)
        await until(grid.clock, made, 24)
        assert [held.key.element.name for held in await made.tokens.list()] == ["CE2"]


REASONS = ["x" * 4000, "Ünïcode 漢字 🎉 \\ ' \" % {} \x01", "two\nlines"]


@pytest.mark.parametrize("reason", REASONS, ids=["long", "strange", "lines"])
async def test_a_reason_is_kept_as_it_was_said(grid: Grid, reason: str) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.tokens.take(ADMIN, rows("CE2"), reason)
        await made.tokens.take(SHIFTER, rows("CE2"), reason)
        await made.automation.rule(ADMIN, [ElementName("CE2")], "all", Mode.OFF, reason)
        [held] = await made.tokens.list()
        assert held.reasons[-1].text == f"{reason} (taken over from admin)"
        assert (await made.automation.list())[0].ruling.reason == reason


@pytest.mark.parametrize(("reason", "said"), [("x" * 16_001, "16,000 are allowed"), ("a\udcffb", "cannot be written")])
async def test_a_reason_that_cannot_be_kept_is_refused_with_all_that_was_asked(grid: Grid, reason: str, said: str) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        for attempt in (
            made.tokens.take(ADMIN, rows("CE2"), reason),
            made.statuses.set(ADMIN, rows("CE2"), Status.BANNED, reason),
            made.tokens.release(ADMIN, rows("CE2"), reason),
            made.automation.rule(ADMIN, [ElementName("CE2")], "all", Mode.OFF, reason),
        ):
            with pytest.raises(InvalidRequest, match=said):
                await attempt
        assert await books.read(made.database) == before


# --- Rulings


async def ruled(made: Installation) -> dict[tuple[str, str], Mode]:
    async with made.database.reading() as connection:
        known = await rulings.load(connection)
    return {(key.name, vo): ruling.mode for key, by_vo in known.items() for vo, ruling in by_vo.items()}


async def test_rulings_are_kept_replaced_and_dropped(grid: Grid) -> None:
    ces = [ElementName("CE1"), ElementName("CE2")]
    async with grid.open() as made:
        await sync(made)
        await made.automation.rule(ADMIN, ces, "all", Mode.OFF, "x")
        await made.automation.rule(ADMIN, ces[:1], "all", Mode.EXCLUDE_ONLY, "y")
        await made.automation.rule(CMS, ces[:1], "CMS", Mode.FULL, "z")
        assert await ruled(made) == {("CE1", "all"): "exclude-only", ("CE1", "cms"): "full", ("CE2", "all"): "off"}
        [ours] = await made.automation.list("cms")
        assert (ours.ruling.by, ours.ruling.reason, ours.ruling.at) == ("shifter", "z", grid.clock())
        await made.automation.rule(ADMIN, ces, "all", None, "over")
        assert await ruled(made) == {("CE1", "cms"): "full"}


async def test_many_rulings_take_few_statements(grid: Grid) -> None:
    grid.publish(osg.group("SITE", *(osg.resource(f"X{n}", "CE") for n in range(200))))
    async with grid.open() as made:
        await sync(made)
        for mode in (Mode.EXCLUDE_ONLY, None):
            with books.counted(made.database) as statements:
                _, keys = await made.automation.rule(ADMIN, [elements_that_match({"name": "X*"})], "all", mode, "x")
            assert (len(keys), sum("rulings" in statement for statement in statements) <= 4) == (200, True)


async def test_rulings_of_a_part_are_those_of_its_elements(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.automation.rule(ADMIN, [ElementName("CE1"), ElementName("CE2")], "all", Mode.OFF, "x")
        async with made.database.reading() as connection:
            numbers = await elements.ids(connection, [ElementKey("Resource", "ComputingElement", "CE2")])
            assert [key.name for key in await rulings.load(connection, numbers.values())] == ["CE2"]
            assert len(await rulings.load(connection, [])) == 0


async def test_a_ruling_outlasts_the_absence_of_its_element(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.automation.rule(ADMIN, [ElementName("CE3")], "all", Mode.OBSERVE_ONLY, "x")
        grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2"))))
        await sync(made, "osg", force=True)
        grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2", "CE3"))))
        grid.announce(*(outage(record, name, at(hours=-1), at(hours=1)) for record, name in (("1", "CE1"), ("2", "CE3"))))
        await sync(made)
        [told] = await made.statuses.why(RowName(ElementName("CE3")))
        assert (told.seen.row.status, told.seen.row.opinion, told.mode) == (Status.ACTIVE, Status.BANNED, Mode.OBSERVE_ONLY)


async def test_a_vo_that_leaves_takes_its_rulings_along(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.automation.rule(ADMIN, [ElementName("CE3")], "cms", Mode.OFF, "x")
        await made.automation.rule(ADMIN, [ElementName("CE3")], "atlas", Mode.OFF, "x")
        await made.vos.retire(ADMIN, "cms", "done")
        assert await ruled(made) == {("CE3", "atlas"): "off"}


# --- Decisions


async def test_a_decision_keeps_what_it_rests_on(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        async with made.database.reading() as connection:
            kept = list(await connection.execute(select(decisions).where(decisions.c.status == Status.BANNED)))
        [banned] = kept
        [used] = banned.evidence
        assert (used.source, used.kind, used.vo, used.value) == ("feed", "downtime", "all", None)
        assert banned.due == at(hours=1)
        [told] = await made.statuses.why(RowName(ElementName("CE1")))
        assert told.evidence == banned.evidence


async def test_a_token_alone_is_no_decision(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.counts(made.database, "decisions", "changes")
        await made.tokens.take(ADMIN, rows("CE2"), "x")
        after = await books.counts(made.database, "decisions", "changes")
        assert (after["decisions"], after["changes"]) == (before["decisions"], before["changes"] + 1)
        async with made.database.reading() as connection:
            assert await connection.scalar(select(changes.c.token_owner).order_by(changes.c.id.desc()).limit(1)) == "admin"


# --- Bans to look at


async def doubts(made: Installation, *, every: bool = False) -> dict[tuple[str, str], tuple[str, list[Doubt]]]:
    found = await made.reviews.bans(every=every)
    return {(ban.row.key.element.name, ban.row.key.vo): (ban.owner, list(ban.doubts)) for ban in found}


async def test_a_ban_that_policies_support_is_listed_only_if_all_are(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        assert await doubts(made) == {}
        assert await doubts(made, every=True) == {("CE1", "all"): ("declared-downtimes of all", [])}


async def test_a_persons_ban_that_nothing_asks_for_is_to_be_looked_at_and_so_is_its_review(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, rows("CE2"), Status.BANNED, "x", wanted=Wanted(lasting=True, review_at=at(days=1)))
        assert await doubts(made) == {("CE2", "all"): ("admin", [Doubt.UNSUPPORTED])}
        await until(grid.clock, made, 24)
        assert (await doubts(made))["CE2", "all"] == ("admin", [Doubt.UNSUPPORTED, Doubt.OVERDUE])


async def test_a_ban_that_automation_may_not_end_is_its_reasons_and_overdue_when_these_are_over(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.automation.rule(ADMIN, [ElementName("CE1")], "all", Mode.EXCLUDE_ONLY, "x")
        await until(grid.clock, made, 2)
        assert await doubts(made) == {("CE1", "all"): ("feed", [Doubt.RESTRAINED, Doubt.OVERDUE])}


async def test_a_ban_that_nobody_judges_is_to_be_looked_at(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.automation.rule(ADMIN, [ElementName("CE1")], "all", Mode.OFF, "x")
        assert await doubts(made) == {("CE1", "all"): ("feed", [Doubt.UNWATCHED])}
        await made.automation.rule(ADMIN, [ElementName("CE2")], "all", Mode.OFF, "x")
        await made.statuses.set(SHIFTER, rows("CE2"), Status.BANNED, "smoke")
        await until(grid.clock, made, 25)
        assert (await doubts(made))["CE2", "all"] == ("shifter", [Doubt.UNWATCHED, Doubt.OVERDUE])


async def test_a_vos_row_whose_token_is_over_is_looked_at_on_its_own(grid: Grid) -> None:
    ban = '[policy.own]\ntype = "always"\narguments = { status = "Active" }\n'
    async with grid.open(policies=toml_policies(grid.folder, cms=ban)) as made:
        await sync(made)
        await made.automation.rule(ADMIN, [ElementName("CE2")], "cms", Mode.OBSERVE_ONLY, "x")
        await made.statuses.set(ADMIN, [*rows("CE2"), *rows("CE2", vo="cms")], Status.BANNED, "smoke")
        await until(grid.clock, made, 25)
        assert (await doubts(made))["CE2", "cms"] == ("admin", [Doubt.RESTRAINED, Doubt.OVERDUE])

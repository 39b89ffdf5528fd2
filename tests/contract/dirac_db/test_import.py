"""What becomes of DIRAC's statuses and their history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.bootstrap import visit
from gridmask.dirac_db.report import About
from gridmask.dirac_db.source import Source
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import Conflict, Forbidden
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.status import Status
from gridmask.domain.takeover import Past
from gridmask.service.dirac_import import DiracImport
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store import imported
from gridmask.store.database import Database
from tests.dirac_db import NEVER, START, DiracDb, layout
from tests.dirac_db import row as said
from tests.grid import ADMIN, CMS, sync, toml_policies
from tests.moving import Move, row, told

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

CE1 = RowName(ElementName("CE1"))
PAST = [said("CE1", "Active", 1), said("CE1", "Banned", 5), said("CE1", "Active", 9)]


async def test_a_row_goes_on_as_it_was_in_dirac(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Degraded", 3, Reason="half of it"))
    async with move.open() as made:
        report = await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert (taken.status, taken.standing.since) == (Status.DEGRADED, datetime(2026, 1, 1, 0, 3, tzinfo=UTC))
    assert ([reason.text for reason in taken.reasons], taken.token) == (["half of it"], None)
    assert (report.rows, report.tokens) == (1, 0)


async def test_what_was_banned_owes_its_probing(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned"))
    async with move.open() as made:
        await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.standing.owes_probing
    assert taken.due == move.clock()


async def test_a_person_goes_on_holding_a_row(move: Move) -> None:
    until = datetime(2026, 7, 1)  # noqa: DTZ001 - DIRAC's times are naive
    held = said("CE1", "Banned", TokenOwner="expert", TokenExpiration=until)
    endless = said("SE1", "Active", StatusType="ReadAccess", ElementType="StorageElement", TokenOwner="expert")
    await move.dirac.add("ResourceStatus", held, endless)
    async with move.open() as made:
        report = await move.take(made)
        ce, se = await row(made, "CE1"), await row(made, "SE1", "ReadAccess")

    assert ce is not None
    assert ce.token is not None
    assert se is not None
    assert se.token is not None
    assert (ce.token.owner, ce.token.expires_at) == ("expert", until.replace(tzinfo=UTC))
    assert (se.token.owner, se.token.expires_at) == ("expert", None)
    assert report.tokens == 2


async def test_a_token_that_is_over_is_no_more(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", TokenOwner="expert", TokenExpiration=START))
    async with move.open() as made:
        report = await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.token is None
    assert report.counts[About.EXPIRED_TOKEN] == 1


async def test_a_name_that_dirac_cut_can_be_mended(move: Move) -> None:
    cut = "averyveryverylon"
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", TokenOwner=cut))
    async with move.open() as made:
        await move.take(made, **{cut: "averyveryverylongname"})
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.token is not None
    assert taken.token.owner == "averyveryverylongname"


async def test_the_past_is_told_before_all_that_happened_here(move: Move) -> None:
    await move.dirac.add("ResourceHistory", *PAST[:2])
    await move.dirac.add("ResourceLog", said("CE1", "Banned", 6), PAST[2], said("CE1", "Active", 10))
    await move.dirac.add("ResourceStatus", PAST[2])
    async with move.open() as made:
        report = await move.take(made)
        history = await told(made, "CE1")

    assert history[:3] == [" 00:01 None>4  dirac", " 00:05 4>1  dirac", " 00:09 1>4  dirac"]
    assert history[3:] == ["r 00:00 None>4  gridmask"]
    assert (report.kept["ResourceHistory"], report.kept["ResourceLog"]) == (2, 1)


async def test_the_past_can_be_read_page_by_page(move: Move) -> None:
    await move.dirac.add("ResourceLog", *PAST)
    async with move.open() as made:
        await move.take(made)
        everything = await made.statuses.history(CE1)
        pages, before = [], None
        while page := await made.statuses.history(CE1, before=before, limit=1):
            pages += page
            before = page[-1].id

    assert [change.id for change in pages] == [change.id for change in everything]
    assert len(pages) == 4


async def test_no_revision_tells_of_the_past(move: Move) -> None:
    await move.dirac.add("ResourceLog", *PAST)
    async with move.open() as made:
        before = (await made.vos.roll()).masks
        report = await move.take(made)
        assert (await made.vos.roll()).masks == before

    assert (report.entries, report.revisions) == (3, [])


async def test_twice_gives_the_same(move: Move) -> None:
    await move.dirac.add("ResourceHistory", *PAST[:2])
    await move.dirac.add("ResourceLog", PAST[2])
    await move.dirac.add("ResourceStatus", PAST[2], said("Gone", "Banned", VO="lhcb"))
    async with move.open() as made:
        await move.take(made)
        history, taken = await told(made, "CE1"), await row(made, "CE1")
        move.clock.advance(hours=1)
        again = await move.take(made)

        assert (await told(made, "CE1"), await row(made, "CE1")) == (history, taken)
    assert (again.entries, again.rows, again.revisions, again.elements) == (0, 0, [], 0)


async def test_what_became_of_a_row_here_is_not_undone_by_importing_again(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active", TokenOwner="expert"))
    async with move.open() as made:
        await move.take(made)
        await made.tokens.release(ADMIN, [CE1])
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        again = await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.status is Status.BANNED
    assert again.rows == 0


async def test_what_changed_in_dirac_since_is_taken_by_importing_again(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with move.open() as made:
        await move.take(made)
        await move.dirac.run("UPDATE ResourceStatus SET Status = 'Banned', DateEffective = '2026-01-02 00:00:00'")
        again = await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.status is Status.BANNED
    assert (again.rows, again.entries) == (1, 1)


async def test_a_row_that_a_person_holds_here_is_left_alone(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with move.open() as made:
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        report = await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.status is Status.BANNED
    assert report.counts[About.HELD_HERE] == 1


async def test_what_no_inventory_lists_waits_for_it(move: Move) -> None:
    await move.dirac.add("ResourceLog", *PAST[:2])
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", 5, TokenOwner="expert"))
    async with move.open(listed=False) as made:
        report = await move.take(made)
        mask = await made.masks.mask("all")
        assert "CE1" not in {key.name for key in mask.entries}
        assert len(await told(made, "CE1")) == 3
        await sync(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.token is not None
    assert (taken.status, taken.token.owner) == (Status.BANNED, "expert")
    assert (report.counts[About.NOT_IN_INVENTORY], report.elements) == (1, 1)


async def test_rows_of_one_vo_are_taken_and_orphans_told(move: Move) -> None:
    rows = [said("CE1", "Active", VO="all"), said("CE1", "Banned", VO="LHCb"), said("Old", "Active", VO="cms")]
    await move.dirac.add("ResourceStatus", *rows)
    async with move.open() as made:
        report = await move.take(made)
        own, general = await row(made, "CE1", vo="lhcb"), await row(made, "CE1")

    assert own is not None
    assert general is not None
    assert (own.status, general.status) == (Status.BANNED, Status.ACTIVE)
    assert list(report.named[About.ORPHANED]) == ["ComputingElement Old for cms"]


async def test_a_vo_that_is_not_known_has_its_history_alone_until_it_is(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", VO="biomed", TokenOwner="expert"))
    async with move.open() as made:
        first = await move.take(made)
        await made.vos.add(ADMIN, "biomed")
        second = await move.take(made)
        taken = await row(made, "CE1", vo="biomed")

    assert (first.rows, first.entries, list(first.named[About.UNKNOWN_VO])) == (0, 1, ["biomed"])
    assert (second.rows, second.entries) == (1, 0)
    assert taken is not None
    assert taken.status is Status.BANNED


async def test_a_vo_is_given_no_row_of_what_it_may_not_use(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE-CMS", "Banned", VO="lhcb"))
    async with move.open() as made:
        report = await move.take(made)

    assert (report.rows, report.counts[About.NOT_OFFERED]) == (0, 1)


async def test_blank_and_unknown_statuses_are_usable_for_nobody(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", ""), said("Old", "Bad"))
    async with move.open() as made:
        report = await move.take(made)
        blank, bad = await row(made, "CE1"), await row(made, "Old")

    assert blank is not None
    assert bad is not None
    assert blank.status is bad.status is Status.UNKNOWN
    assert report.counts[About.BLANK_STATUS] == 1
    assert list(report.named[About.UNKNOWN_STATUS]) == ["Bad"]


async def test_a_status_type_that_the_type_does_not_have_is_told(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("SE1", "Banned", ElementType="StorageElement", StatusType="all"))
    async with move.open() as made:
        report = await move.take(made)

    assert (report.rows, list(report.named[About.UNKNOWN_STATUS_TYPE])) == (0, ["StorageElement SE1 all"])


async def test_sites_and_queues_have_types_that_dirac_does_not_name(move: Move) -> None:
    await move.dirac.add("SiteStatus", said("LCG.Here.org", "Probing", ElementType="LCG"))
    await move.dirac.add("NodeStatus", said("long@ce1", "Active", ElementType="Queue"))
    async with move.open() as made:
        await move.take(made)
        site, queue = await row(made, "LCG.Here.org"), await row(made, "long@ce1")

    assert site is not None
    assert queue is not None
    assert (site.status, site.key.element.type) == (Status.PROBING, "Site")
    assert queue.key.element[:2] == ("Node", "Queue")


async def test_what_an_element_is_may_stand_in_its_history_alone(move: Move) -> None:
    await move.dirac.add("ResourceHistory", said("Gone", "Active", 1, ElementType="FTS"))
    await move.dirac.add("ResourceLog", said("Gone", "Banned", 2, ElementType=""), said("Nameless", "Active", ElementType=""))
    async with move.open() as made:
        report = await move.take(made)
        history = await told(made, "Gone")

    assert history == [" 00:01 None>4  dirac", " 00:02 4>1  dirac"]
    assert list(report.named[About.NO_TYPE]) == ["Nameless"]


async def test_a_record_without_a_usable_time_is_told(move: Move) -> None:
    await move.dirac.add("ResourceLog", said("CE1", "Active", DateEffective=NEVER, LastCheckTime=NEVER))
    async with move.open() as made:
        report = await move.take(made)

    assert (report.entries, report.counts[About.NO_TIME]) == (0, 1)


@pytest.mark.mariadb
async def test_the_layout_of_before_the_vo_column_is_everyones(fresh_mariadb: str, tmp_path: Path) -> None:
    dirac = DiracDb(fresh_mariadb)
    await dirac.run(*layout(families=("Site", "Resource"), vo=False))
    await dirac.add("ResourceStatus", said("CE1", "Banned", 5))
    await dirac.add("ResourceLog", *PAST[:2])
    move = Move(dirac, f"sqlite:///{tmp_path / 'gridmask.db'}", tmp_path)
    async with move.open() as made:
        report = await move.take(made)
        taken = await row(made, "CE1")

    assert taken is not None
    assert taken.status is Status.BANNED
    assert (report.entries, report.rows) == (2, 1)


async def test_it_can_go_on_in_every_database(database_url: str, tmp_path: Path) -> None:
    dirac = DiracDb(f"sqlite+aiosqlite:///{tmp_path / 'dirac.db'}")
    await dirac.run(*layout(families=("Resource",), vo=True, file=True))
    await dirac.add("ResourceLog", *PAST)
    await dirac.add("ResourceStatus", said("CE1", "Active", 9, TokenOwner="expert"))
    move = Move(dirac, database_url, tmp_path)
    async with move.open() as made:
        first, second = await move.take(made), await move.take(made)
        assert len(await made.statuses.history(CE1, limit=3)) == 3

    assert (first.entries, first.rows, second.entries, second.rows) == (3, 1, 0, 0)


async def test_where_automation_only_observes_rows_stay_as_they_were_in_dirac(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned"))
    policies = toml_policies(move.folder, '[automation]\nmode = "observe-only"\n')
    async with move.open(policies=policies) as made:
        await move.take(made)
        await made.inspector.catch_up()
        judged = await row(made, "CE1")

    assert judged is not None
    assert (judged.status, judged.opinion) == (Status.BANNED, Status.PROBING)


async def test_nothing_is_known_yet_but_the_schema(move: Move, tmp_path: Path) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned"))
    settings = Settings(database=f"sqlite:///{tmp_path / 'new.db'}")
    async with Database(settings.database) as database:
        await database.upgrade()
    async with visit(settings, clock=move.clock) as made:
        assert (await move.take(made)).rows == 1


async def test_two_imports_do_not_mix(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    await move.dirac.add("ResourceLog", *PAST)
    async with move.open() as made:
        last = imported.last

        async def another(connection: AsyncConnection) -> int:
            return await last(connection) + 1

        async with Source(move.dirac.url) as source:
            making = DiracImport(made.inspector, ADMIN, source)
            ground = await making._ground()
            monkeypatch.setattr(imported, "last", another)
            with pytest.raises(Conflict, match="at the same time"):
                await making._keep([past_of_ce1()], ground)


def past_of_ce1() -> Past:
    key = RowKey(ElementKey("Resource", "ComputingElement", "CE1"), "all", "all")
    return Past(key, ChangeKind.OPENED, START.replace(tzinfo=UTC), None, Status.ACTIVE, Reason(ReasonKind.IMPORTED, "x"))


async def test_only_an_administrator_may_import(move: Move) -> None:
    async with move.open() as made, Source(move.dirac.url) as source:
        with pytest.raises(Forbidden):
            DiracImport(made.inspector, CMS, source)


async def test_automation_goes_on_from_what_was_taken(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned"))
    async with move.open() as made:
        await move.take(made)
        await made.inspector.catch_up()
        judged = await row(made, "CE1")

    assert judged is not None
    assert judged.status is Status.PROBING

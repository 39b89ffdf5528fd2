"""Living beside DIRAC: what is seen here follows what is seen there, import after import."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_db.report import About
from gridmask.domain.row import INHERITED
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.dirac_db import row as said
from tests.grid import ADMIN, toml_policies
from tests.moving import row

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.dirac_db.report import Report
    from tests.moving import Move

CE1, CE1_LHCB = RowName(ElementName("CE1")), RowName(ElementName("CE1"), "all", "lhcb")
OBSERVING = '[automation]\nmode = "observe-only"\n'
STRICTER = '[policy.declared-downtimes]\narguments = { warning = "Banned" }\n'
"""It calls for rows of the VO's own."""

VOS, STEPS = ("all", "lhcb", "cms"), 10

pytestmark = pytest.mark.parametrize("dirac", ["sqlite"], indirect=True)
"""What servers do differently is tried where single rows are taken."""


async def in_dirac(move: Move, status: str, day: int, vo: str = "all", owner: str = "rs_svc") -> None:
    """Have DIRAC say something else of a row."""
    told = f"Status = '{status}', DateEffective = '2026-01-{day:02} 00:00:00', TokenOwner = '{owner}'"
    await move.dirac.run(f"UPDATE ResourceStatus SET {told} WHERE VO = '{vo}'")


async def followed(made: Installation, move: Move) -> Report:
    """Import, and have automation look at what came of it, as a server that runs does."""
    report = await move.take(made)
    await made.inspector.catch_up()
    return report


async def seen(made: Installation, vo: str) -> str:
    """The status of CE1 that readers of ``vo`` see."""
    own = await row(made, "CE1", vo=vo) or await row(made, "CE1")
    assert own is not None
    return own.status.label


class Dirac:
    """What DIRAC has of CE1, and people and agents who change it at random."""

    def __init__(self, move: Move, seed: int) -> None:
        self.move, self.chance = move, Random(seed)
        self.rows: dict[str, tuple[str, str]] = {}
        self.minute = 0

    async def go_on(self) -> None:
        """Change a row, or take it away."""
        self.minute += 1
        vo = self.chance.choice(["all", "lhcb", "cms"]) if self.rows else "all"
        await self.move.dirac.run(f"DELETE FROM ResourceStatus WHERE VO = '{vo}'")
        if self.rows.pop(vo, None) and vo != "all" and self.chance.random() < 0.3:
            return
        self.rows[vo] = self.chance.choice(["Active", "Banned"]), self.chance.choice(["rs_svc", "rs_svc", "expert"])
        status, owner = self.rows[vo]
        at = self.minute if self.chance.random() < 0.7 else 0
        await self.move.dirac.add("ResourceStatus", said("CE1", status, at, VO=vo, TokenOwner=owner))

    def seen(self, vo: str) -> str:
        """The status that readers of ``vo`` see there, by what DIRAC's documentation means."""
        return self.rows.get(vo, self.rows["all"])[0]


@pytest.mark.parametrize("seed", [4, 117])
async def test_whatever_happens_in_dirac_after_an_import_the_same_is_seen_here(move: Move, seed: int) -> None:
    dirac, policies = Dirac(move, seed), toml_policies(move.folder, OBSERVING, cms=STRICTER)
    async with move.open(policies=policies) as made:
        for _ in range(STEPS):
            await dirac.go_on()
            move.clock.advance(minutes=1)
            reports = [await followed(made, move) for _ in range(2)]
            assert {vo: await seen(made, vo) for vo in VOS} == {vo: dirac.seen(vo) for vo in VOS}
            assert reports[1].rows == 0


async def test_a_row_that_a_vo_has_here_alone_becomes_what_its_readers_saw_in_dirac(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned"))
    policies = toml_policies(move.folder, OBSERVING, lhcb=STRICTER)
    async with move.open(policies=policies) as made:
        await move.take(made)
        first = await row(made, "CE1", vo="lhcb")
        await move.dirac.run("UPDATE ResourceStatus SET Status = 'Degraded', DateEffective = '2026-01-02 00:00:00'")
        await move.take(made)
        second = await row(made, "CE1", vo="lhcb")
        assert (await move.take(made)).rows == 0

    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (Status.BANNED, Status.DEGRADED)


async def test_what_became_of_such_a_row_here_is_not_undone_either(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with move.open() as made:
        await move.take(made)
        await made.statuses.set(ADMIN, [CE1_LHCB], Status.BANNED, "Not for them.")
        again = await move.take(made)
        taken = await row(made, "CE1", vo="lhcb")

    assert taken is not None
    assert (taken.status, again.rows) == (Status.BANNED, 0)


async def test_a_row_that_ended_as_it_said_what_all_did_is_taken_again_once_it_does_not(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", VO="all"), said("CE1", "Banned", 1, VO="lhcb"))
    async with move.open(policies=toml_policies(move.folder, OBSERVING)) as made:
        await followed(made, move)
        assert await row(made, "CE1", vo="lhcb") is None
        await in_dirac(move, "Active", 2)
        reports = [await followed(made, move) for _ in range(3)]
        assert (await seen(made, "all"), await seen(made, "lhcb")) == ("Active", "Banned")

    assert [(report.rows, report.entries) for report in reports] == [(2, 1), (0, 0), (0, 0)]


async def test_a_row_that_people_set_before_it_ended_is_not_taken_again(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active", VO="all"), said("CE1", "Banned", VO="lhcb"))
    async with move.open(policies=toml_policies(move.folder, OBSERVING)) as made:
        await followed(made, move)
        await made.statuses.set(ADMIN, [CE1_LHCB], Status.ACTIVE, "It works for them.")
        await made.tokens.release(ADMIN, [CE1_LHCB])
        await made.inspector.catch_up()
        assert await row(made, "CE1", vo="lhcb") is None
        await in_dirac(move, "Degraded", 2)
        await followed(made, move)

        assert (await seen(made, "all"), await seen(made, "lhcb")) == ("Degraded", "Degraded")


async def test_what_people_did_with_all_holds_for_those_whose_row_ended(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active", VO="all"), said("CE1", "Active", 1, VO="lhcb"))
    async with move.open(policies=toml_policies(move.folder, OBSERVING)) as made:
        await followed(made, move)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        await in_dirac(move, "Degraded", 2)
        report = await followed(made, move)

        assert (report.rows, await seen(made, "all"), await seen(made, "lhcb")) == (0, "Banned", "Banned")


async def test_what_automation_ends_time_and_again_is_taken_once(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Degraded", VO="all"), said("CE1", "Active", 1, VO="lhcb"))
    stricter = '[policy.never]\ntype = "always"\narguments = { status = "Degraded" }\n'
    async with move.open(policies=toml_policies(move.folder, stricter)) as made:
        reports = [await followed(made, move) for _ in range(3)]

    assert [report.rows for report in reports] == [2, 0, 0]


async def test_a_row_that_says_just_what_all_does_is_not_made_one_of_its_own(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", VO="all"), said("CE1", "Banned", VO="lhcb"))
    async with move.open() as made:
        report = await move.take(made)
        assert await row(made, "CE1", vo="lhcb") is None

    assert (report.rows, report.unchanged, report.entries) == (1, 1, 2)


async def test_who_holds_all_in_dirac_holds_what_follows_it_by_that_alone(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", TokenOwner="expert"))
    async with move.open(policies=toml_policies(move.folder, OBSERVING, lhcb=STRICTER)) as made:
        await move.take(made)
        held = await row(made, "CE1", vo="lhcb")
        await made.tokens.release(ADMIN, [CE1])
        released = await row(made, "CE1", vo="lhcb")
        assert (await move.take(made)).rows == 0

    assert held is not None
    assert released is not None
    assert (held.token is not None, INHERITED in held.reasons, released.token) == (True, True, None)


async def test_a_row_that_began_under_a_hold_of_dirac_is_released_with_it(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", VO="all", TokenOwner="expert"))
    async with move.open(policies=toml_policies(move.folder, OBSERVING)) as made:
        await followed(made, move)
    async with move.open(policies=toml_policies(move.folder, OBSERVING, lhcb=STRICTER)) as made:
        await made.inspector.catch_up()
        began = await row(made, "CE1", vo="lhcb")
        await in_dirac(move, "Banned", 1)
        report = await followed(made, move)
        released = await row(made, "CE1", vo="lhcb")

    assert began is not None
    assert released is not None
    assert (began.token is not None, released.token, report.counts[About.HELD_HERE]) == (True, None, 0)


async def test_who_holds_all_here_keeps_what_would_follow_it_in_dirac(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with move.open(policies=toml_policies(move.folder, OBSERVING, lhcb=STRICTER)) as made:
        await followed(made, move)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        await in_dirac(move, "Degraded", 2, owner="expert")
        report = await followed(made, move)

        assert (await seen(made, "all"), await seen(made, "lhcb")) == ("Banned", "Active")
    assert (report.rows, report.counts[About.HELD_HERE]) == (0, 2)

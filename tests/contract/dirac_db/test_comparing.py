"""How what DIRAC says differs from what is said here, now and over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.dirac_db.report import About
from gridmask.dirac_db.source import Source
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.status import Status
from gridmask.service.comparison import Comparisons, PastComparison
from gridmask.service.dirac_reading import DiracReading
from gridmask.service.selection import ElementName, RowName
from tests.dirac_db import START
from tests.dirac_db import row as said
from tests.grid import ADMIN, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.comparison import Comparison, Difference
    from tests.moving import Move

CE1, CE1_LHCB = RowName(ElementName("CE1"), "all"), RowName(ElementName("CE1"), "all", "lhcb")
SE = {"ElementType": "StorageElement"}


async def compared(made: Installation, move: Move, vo: str | None = None, **how: Any) -> Comparison:  # noqa: ANN401
    async with Source(move.dirac.url) as source, source.one_moment():
        return await Comparisons(made.inspector, **how).now(await DiracReading(made.inspector, source).present(), vo)


async def disputed(made: Installation, move: Move, vo: str | None = None, days: float = 200, **how: Any) -> PastComparison:  # noqa: ANN401
    async with Source(move.dirac.url) as source, source.one_moment():
        past = await DiracReading(made.inspector, source).past()
        return await Comparisons(made.inspector, **how).over_time(past, vo, move.clock() - timedelta(days=days))


def told(*differences: Difference) -> list[str]:
    return [
        f"{one.row.element.name}/{one.row.vo} {one.theirs.label if one.theirs else '-'} {one.ours.label if one.ours else '-'}"
        for one in differences
    ]


async def test_after_an_import_they_say_the_same_of_what_both_have(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", VO="all"), said("CE1", "Active", VO="lhcb"))
    async with move.open() as made:
        await move.take(made)
        made_of_it = await compared(made, move)

    assert (told(*made_of_it.differences), made_of_it.agreeing, made_of_it.is_equal) == (["CE-CMS/all - Active"], 2, False)
    assert made_of_it.not_there == {"Site": 1, "StorageElement": 4}


async def test_what_differs_is_told_with_both_reasons(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active", 5, TokenOwner="expert"), said("CE-CMS", "Active"))
    async with move.open() as made:
        await move.take(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        [difference] = (await compared(made, move)).mattering

    assert difference.theirs is not None
    assert difference.ours is not None
    assert (difference.theirs.reason, difference.ours.reason) == ("Active said (held by expert)", "It eats jobs.")
    assert (difference.theirs.since, difference.ours.since) == (datetime(2026, 1, 1, 0, 5, tzinfo=UTC), move.clock())


async def test_a_vo_sees_its_own_rows_of_both(move: Move) -> None:
    await move.dirac.add("ResourceStatus", *(said(name, "Active", VO="all") for name in ("CE1", "CE-CMS")))
    await move.dirac.add("ResourceStatus", said("CE1", "Banned", VO="LHCb"))
    async with move.open() as made:
        await made.statuses.set(ADMIN, [CE1], Status.ACTIVE, "It works.")
        lhcb, cms, each = [await compared(made, move, vo) for vo in ("LHCB", "cms", None)]

    assert told(*lhcb.mattering) == ["CE1/lhcb Banned Active"]
    assert told(*each.mattering) == ["CE1/lhcb Banned Active"]
    assert cms.is_equal


async def test_what_is_not_offered_is_no_difference_and_what_is_gone_is_one(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"), said("CE-CMS", "Active"), said("Gone", "Active"))
    async with move.open() as made:
        await move.take(made)
        found = await compared(made, move, "lhcb")

    assert told(*found.differences) == ["Gone/lhcb Active -"]
    assert {key.name for key in found.not_offered} == {"CE-CMS"}


async def test_what_there_are_no_words_for_is_remarked_on(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Bad", VO="all"), said("CE1", "Active", VO="biomed"))
    async with move.open() as made, Source(move.dirac.url) as source:
        reading = DiracReading(made.inspector, source)
        await reading.present()

    assert reading.report.counts == {About.UNKNOWN_STATUS: 1, About.UNKNOWN_VO: 1}


async def test_in_the_shadow_of_dirac_opinions_are_compared(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"), said("CE-CMS", "Banned"))
    policies = toml_policies(
        move.folder,
        """
        [automation]
        mode = "observe-only"
        [policy.no]
        type = "always"
        arguments = { status = "Banned" }
        match = { name = "CE1" }
        """,
    )
    async with move.open(policies=policies) as made:
        await move.take(made)
        await made.inspector.catch_up()
        in_force, opinions = await compared(made, move), await compared(made, move, opinions=True)
        move.clock.advance(hours=2)
        past = await disputed(made, move, opinions=True)

    assert in_force.differences == ()
    assert told(*opinions.mattering) == ["CE1/all Active Banned"]
    assert [(one.row.element.name, one.length) for one in past.disputes] == [("CE1", timedelta(hours=2))]


async def test_the_hours_of_disagreement_are_told_with_what_was_said_then(move: Move) -> None:
    async with move.open() as made:
        await made.statuses.set(ADMIN, [CE1], Status.ACTIVE, "It works.")
        began = (move.clock() + timedelta(hours=1)).replace(tzinfo=None) - START
        minutes = began.total_seconds() / 60
        await move.dirac.add("ResourceLog", said("CE1", "Active", 1), said("CE1", "Banned", minutes))
        await move.dirac.add("ResourceStatus", said("CE1", "Active", minutes + 180))
        move.clock.advance(hours=9)
        past = await disputed(made, move)

    [dispute] = past.disputes
    [spell] = dispute.spells
    assert (spell.theirs.reason, spell.ours.reason) == ("Banned said", "It works.")
    assert (dispute.length, dispute.stricter_there) == (timedelta(hours=3), timedelta(hours=3))


async def test_over_time_a_vo_follows_all_until_it_has_a_row_of_its_own(move: Move) -> None:
    await move.dirac.add("ResourceStatus", said("CE1", "Active"))
    async with move.open() as made:
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "It eats jobs.")
        move.clock.advance(hours=2)
        await made.statuses.set(ADMIN, [CE1_LHCB], Status.ACTIVE, "Not theirs.")
        move.clock.advance(hours=3)
        found = {vo: (await disputed(made, move, vo)).disputes for vo in ("lhcb", "cms")}

    assert {vo: one.length for vo, (one,) in found.items()} == {"lhcb": timedelta(hours=2), "cms": timedelta(hours=5)}


async def test_where_nothing_can_be_compared_nothing_is_equal(move: Move) -> None:
    async with move.open() as made:
        assert not (await compared(made, move)).is_equal
        assert not (await disputed(made, move)).is_equal


async def test_neither_the_future_nor_an_unknown_vo_can_be_compared(move: Move) -> None:
    async with move.open() as made:
        with pytest.raises(InvalidRequest, match="still to come"):
            await disputed(made, move, days=-1)
        with pytest.raises(NotKnown):
            await compared(made, move, "biomed")

"""What OSG's server really answered, with half of it cut away: where a developer has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.grid import ADMIN, Grid, said, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from gridmask.service.sources import Health

GROUP = re.compile(rb"<ResourceGroup>.*?</ResourceGroup>", re.DOTALL)


@pytest.fixture(scope="module")
def whole(shared_data: Path) -> bytes:
    return (shared_data / "osg-topology" / "served_rgsummary.xml").read_bytes()


@pytest.fixture
async def made(whole: bytes, tmp_path: Path) -> AsyncIterator[Installation]:
    grid = Grid(tmp_path)
    grid.inventory.write_bytes(whole)
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        yield made


def without(whole: bytes, nth: int) -> bytes:
    """All groups but every ``nth``."""
    groups = GROUP.findall(whole)
    kept = b"".join(group for n, group in enumerate(groups) if n % nth)
    return whole[: whole.index(groups[0])] + kept + whole[whole.rindex(groups[-1]) + len(groups[-1]) :]


def say(made: Installation, body: bytes) -> None:
    [source] = made.sources.chosen(["osg"])
    Path(source.url.removeprefix("file://")).write_bytes(body)


async def answers(made: Installation, body: bytes) -> Health:
    """OSG answers that. Returns how it fares then."""
    say(made, body)
    made.inspector.clock.advance(minutes=10)  # type: ignore[attr-defined]  # it is the tests' own
    await sync(made, "osg")
    [osg] = [one for one in await made.sources.health() if one.noted.name == "osg"]
    return osg


async def test_half_of_osg_is_not_believed_until_somebody_accepts_it(made: Installation, whole: bytes) -> None:
    before = said(await made.masks.mask("cms"))
    osg = await answers(made, without(whole, 2))
    assert (osg.state, osg.in_force, said(await made.masks.mask("cms")) == before) == ("quarantined", 1644, True)
    assert osg.held is not None
    gone = osg.held.upheaval.removed
    assert osg.held.upheaval.problem == f"take out {gone} of 1,644 ({gone / 1644:.0%}), more than the 20% allowed"
    assert 700 < gone < 950
    report = await made.sources.accept(ADMIN, "osg", osg.held.sha256, "They have left.")
    assert (report.removed, report.records) == (gone, 1644 - gone)
    assert len(said(await made.masks.mask("cms"))) < len(before)


async def test_what_osg_says_all_over_again_clears_it(made: Installation, whole: bytes) -> None:
    assert (await answers(made, without(whole, 2))).state == "quarantined"
    osg = await answers(made, whole)
    assert (osg.state, osg.held, osg.in_force) == ("good", None, 1644)


async def test_a_tenth_less_is_believed_and_a_tenth_more_the_same_day_is_not(made: Installation, whole: bytes) -> None:
    less = without(whole, 10)
    assert (await answers(made, less)).state == "good"
    osg = await answers(made, without(less, 8))
    assert osg.state == "quarantined"
    assert osg.held is not None
    assert "with what went of late" in osg.held.upheaval.problem


@pytest.mark.parametrize(
    ("pattern", "by", "problem"),
    [
        (rb"<FQDN>[^<]*</FQDN>", b"<FQDN></FQDN>", "change the offer or the names of"),
        (rb"<Active>true</Active>", b"<Active>false</Active>", "take out"),
        (rb"<Active>false</Active>", b"<Active>true</Active>", "put back into service"),
        (rb"<GroupName>[^<]*</GroupName>", b"<GroupName>ONE</GroupName>", "take out"),
    ],
)
async def test_what_says_something_else_of_much_is_not_believed(
    made: Installation, whole: bytes, pattern: bytes, by: bytes, problem: str
) -> None:
    osg = await answers(made, re.sub(pattern, by, whole))
    assert osg.held is not None, osg.noted.failure
    assert problem in osg.held.upheaval.problem

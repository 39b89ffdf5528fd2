"""Two VOs with opposite policies on the same elements never influence each other (promises V2, V5).

What happens to one of them, through every door by which something can happen to a VO, leaves each row of the other as it was.
"""

from __future__ import annotations

import json
import os
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gridmask.domain.actor import Actor
from gridmask.domain.downtime import MANUAL
from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.store.tables import elements, statuses
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, Grid, catch_up, said, sync, toml_policies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.domain.decision import Reason

VOS = ("cms", "atlas")
CES = tuple(f"CE{number}" for number in range(1, 7))
TICKS = count(1)

INSTALLATION = """
[guard]
number = 2
declared_number = 2
"""
STRICT = """
[policy.probes]
type = "probe"
match = { type = "ComputingElement" }

[policy.opinion]
type = "always"
match = { name = "CE6" }
arguments = { status = "Banned" }

[policy.sites]
type = "propagation"
match = { family = "Site" }
arguments = { types = ["ComputingElement"], active_share = 0.9 }
"""
LENIENT = """
[policy.probes]
type = "probe"
match = { type = "ComputingElement" }
arguments = { critical = "Active", warning = "Active" }

[policy.opinion]
type = "always"
match = { name = "CE6" }
arguments = { status = "Degraded" }

[policy.declared-downtimes]
arguments = { outage = "Degraded" }
"""
"""Just the other way round."""
MORE = '[policy.more]\ntype = "always"\nmatch = { name = "CE5" }\narguments = { status = "Banned" }\n'


def operator(vo: str) -> Actor:
    """Somebody who may change what is of ``vo`` alone."""
    return Actor.operator(f"operator of {vo}", vo)


OF_VOS = {"cms": STRICT, "atlas": LENIENT}


def layers(folder: Path, **vos: str) -> Path:
    """The installation's policies, and those of ``vos``; what there is of others stays."""
    written = toml_policies(folder, INSTALLATION, **vos)
    for path in written.rglob("*.toml"):
        os.utime(path, ns=(next(TICKS), 0))
    return written


def probing(result: str, *names: str) -> Callable[[Installation, Grid, str], Awaitable[object]]:
    """A report that the probes of a VO found this."""

    async def act(made: Installation, grid: Grid, vo: str) -> object:
        told = {
            "kind": "probe",
            "value": {"metric": "submit", "result": result},
            "vo": vo,
            "observed_at": f"{grid.clock():%FT%TZ}",
        }
        about = ({"about": {"type": "ComputingElement", "name": name}} for name in names)
        listed = [msgspec.Raw(json.dumps(told | one).encode()) for one in about]
        return await made.evidence.report(operator(vo), f"probes-of-{vo}", listed)

    return act


def row(vo: str, name: str = "CE2") -> RowName:
    """A row of ``vo``."""
    return RowName(ElementName(name), vo=vo)


async def bans(made: Installation, _: Grid, vo: str) -> object:
    """A person bans."""
    return await made.statuses.set(operator(vo), [row(vo)], Status.BANNED, "smoke")


async def frees(made: Installation, _: Grid, vo: str) -> object:
    """A person declares to be fine what is not."""
    return await made.statuses.set(operator(vo), [row(vo, "CE6")], Status.ACTIVE, "tried it")


async def takes(made: Installation, _: Grid, vo: str) -> object:
    """A person takes rows out of the loop."""
    return await made.tokens.take(operator(vo), [row(vo, "CE3"), row(vo, "SITE")], "looking at it")


async def releases(made: Installation, _: Grid, vo: str) -> object:
    """A person gives rows back."""
    return await made.tokens.release(operator(vo), [row(vo, name) for name in ("CE2", "CE3", "CE6", "SITE")], "done")


async def declares(made: Installation, _: Grid, vo: str) -> object:
    """A person declares a downtime of most of it, which is held."""
    names = tuple(map(ElementName, CES[:5]))
    return await made.downtimes.add(operator(vo), Declaration(names, at(hours=-1), at(days=9), "OUTAGE", "network", vo))


async def declares_one(made: Installation, _: Grid, vo: str) -> object:
    """A person declares a downtime of one element."""
    return await made.downtimes.add(
        operator(vo), Declaration((ElementName("CE4"),), at(hours=-1), at(days=9), "OUTAGE", "fan", vo)
    )


async def rewrites(made: Installation, grid: Grid, vo: str) -> object:
    """The policies of a VO become others."""
    layers(grid.folder, **{vo: OF_VOS[vo] + MORE})
    return await made.reloading.look()


async def confirms(made: Installation, _: Grid, vo: str) -> object:
    """A person lets through what is held of a VO."""
    return [await made.batches.confirm(ADMIN, b.id, "so be it") for b in await made.batches.list() if b.vos == {vo}]


async def drops(made: Installation, _: Grid, vo: str) -> object:
    """A person throws away what is held of a VO."""
    return [await made.batches.drop(ADMIN, b.id, "nonsense") for b in await made.batches.list() if b.vos == {vo}]


ACTS: dict[str, Callable[[Installation, Grid, str], Awaitable[object]]] = {
    "probes fail": probing("CRITICAL", "CE1"),
    "probes warn": probing("WARNING", "CE2"),
    "a person bans": bans,
    "a person frees": frees,
    "a person takes": takes,
    "a downtime of one": declares_one,
    "a downtime of most": declares,
    "it is dropped": drops,
    "all probes fail": probing("CRITICAL", *CES),
    "it is confirmed": confirms,
    "probes are fine": probing("OK", *CES),
    "a person gives back": releases,
    "other policies": rewrites,
}


async def rows_of(made: Installation, vo: str) -> dict[tuple[str, str], Any]:
    """The rows of ``vo``, with all that they rest on and nothing that only tells when they were looked at."""
    columns = statuses.c
    wanted = select(elements.c.name, columns.status_type, columns.status, columns.since, columns.opinion, columns.reasons)
    wanted = wanted.add_columns(columns.owes_probing, columns.token_owner, columns.hold, columns.penalty)
    async with made.database.reading() as connection:
        found = await connection.execute(wanted.join_from(statuses, elements).where(columns.vo == vo))
        # a downtime that is declared gets a name by chance, and so does the batch in which it is held
        return {(r[0], r[1]): (*r[2:5], _texts(r.reasons), *r[6:8], bool(r.hold), r.penalty) for r in found}


def _texts(reasons: Sequence[Reason]) -> list[str]:
    return [reason.text for reason in reasons if reason.source != MANUAL]


async def everything_of(made: Installation, vo: str) -> object:
    """What ``vo`` is told, and the rows that it rests on."""
    return said(await made.masks.mask(vo)), await rows_of(made, vo)


@pytest.fixture
def shared(grid: Grid) -> Grid:
    """A site whose elements both VOs use."""
    fill(grid)
    return grid


def fill(grid: Grid) -> None:
    """Six elements; the last one both VOs have an opinion about."""
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in CES)))
    grid.announce()
    layers(grid.folder, **OF_VOS)


@pytest.mark.parametrize(("acting", "other"), [VOS, VOS[::-1]], ids=["on cms", "on atlas"])
async def test_what_happens_to_one_vo_leaves_every_row_of_the_other_as_it_was(shared: Grid, acting: str, other: str) -> None:
    async with shared.open(policies=shared.folder / "policies") as made:
        await sync(made)
        before, all_before = await everything_of(made, other), await rows_of(made, "all")
        wrong, idle = [], []
        for name, act in ACTS.items():
            own = await rows_of(made, acting)
            await act(made, shared, acting)
            for _ in range(2):
                if (await everything_of(made, other), await rows_of(made, "all")) != (before, all_before):
                    wrong.append(name)
                shared.clock.advance(minutes=3)
                await catch_up(made)
            if own == await rows_of(made, acting):
                idle.append(name)
        assert wrong == []
        assert len(idle) <= 4, idle  # whoever is lenient notices less


async def test_they_are_told_opposite_things_of_the_same_element(shared: Grid) -> None:
    async with shared.open(policies=shared.folder / "policies") as made:
        await sync(made)
        assert [said(await made.masks.mask(vo))["CE6"] for vo in (*VOS, "all")] == ["Banned", "Degraded", "Active"]


async def test_a_downtime_of_most_of_it_for_one_vo_holds_nothing_of_another(shared: Grid) -> None:
    layers(shared.folder, atlas="")
    async with shared.open(policies=shared.folder / "policies") as made:
        await sync(made)
        await declares(made, shared, "cms")
        assert [batch.vos for batch in await made.batches.list()] == [{"cms"}]
        await declares_one(made, shared, "atlas")
        assert said(await made.masks.mask("atlas"))["CE4"] == "Banned"


SCRIPTS = st.lists(st.tuples(st.sampled_from(VOS), st.sampled_from(sorted(ACTS))), min_size=1, max_size=6)


async def played(folder: Path, script: list[tuple[str, str]], vo: str) -> list[object]:
    """What ``vo`` has after each of its own acts in ``script``."""
    grid = Grid(folder)
    fill(grid)
    async with grid.open(policies=grid.folder / "policies") as made:
        await sync(made)
        seen: list[object] = []
        for whom, act in script:
            grid.clock.advance(minutes=1)
            await catch_up(made)
            if whom:
                await ACTS[act](made, grid, whom)
            seen += [await everything_of(made, vo)]
        return seen


@settings(max_examples=3)
@given(script=SCRIPTS, vo=st.sampled_from(VOS))
async def test_a_vo_has_what_it_would_have_if_nothing_happened_to_the_other(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[str, str]], vo: str
) -> None:
    both, by_itself = tmp_path_factory.mktemp("both"), tmp_path_factory.mktemp("alone")
    alone = [(whom if whom == vo else "", act) for whom, act in script]
    assert await played(both, script, vo) == await played(by_itself, alone, vo)

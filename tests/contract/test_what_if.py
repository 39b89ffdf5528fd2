"""What other policies and other evidence would make of the rows, on every database; and nothing is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask import bootstrap
from gridmask.domain.element import RESOURCE, ElementKey
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import TICKETS, Tickets
from gridmask.domain.status import Status
from gridmask.policies.files import load
from gridmask.service.what_if import what_if
from tests.contract import books
from tests.grid import sync, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from tests.grid import Grid

B, D = Status.BANNED, Status.DEGRADED
COMPLAINTS = '[policy.complaints]\ntype = "tickets"\n'
CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments.status = "Degraded"\n'


def tickets(name: str, grid: Grid) -> Evidence:
    key = EvidenceKey("what-if", "1", ElementKey(RESOURCE, "ComputingElement", name))
    return Evidence(key, TICKETS, Tickets(1), grid.clock())


async def test_policies_and_evidence_are_tried_and_nothing_is_kept(grid: Grid, tmp_path: Path) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        policies, document = load(toml_policies(tmp_path, COMPLAINTS, cms=CLOSED))
        async with bootstrap.visit(grid.settings(), clock=grid.clock, trying=True) as trying:
            found = await what_if(trying.inspector, policies, document, [tickets("CE3", grid)])
        assert {(w.after.key.element.name, w.after.key.vo, w.after.status) for w in found} == {
            ("CE2", "cms", D),
            ("CE3", "all", D),
        }
        assert await books.read(made.database) == before


async def test_where_nothing_would_be_otherwise_nothing_is_told(grid: Grid, tmp_path: Path) -> None:
    async with grid.open() as made:
        await sync(made)
        policies, document = load(toml_policies(tmp_path, COMPLAINTS))
        async with bootstrap.visit(grid.settings(), clock=grid.clock, trying=True) as trying:
            assert await what_if(trying.inspector, policies, document) == []


async def test_a_vo_that_would_follow_all_again_is_told_so(grid: Grid, tmp_path: Path) -> None:
    async with grid.open(policies=toml_policies(tmp_path, "", cms=CLOSED)) as made:
        await sync(made)
        (tmp_path / "other").mkdir()
        policies, document = load(toml_policies(tmp_path / "other", ""))
        async with bootstrap.visit(grid.settings(), clock=grid.clock, trying=True) as trying:
            [would] = await what_if(trying.inspector, policies, document)
    assert would.before is not None
    assert would.ends
    assert (would.key.vo, would.before.status, would.after.status) == ("cms", D, Status.ACTIVE)

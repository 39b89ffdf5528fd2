"""Verdicts that several checks have to confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.grid import ADMIN, said, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

POLICY = """
[policy.probes]
type = "probe"
match = { type = "ComputingElement" }
confirm = { worse = "2 of 3", better = "2 of 2" }
"""


async def probe(made: Installation, grid: Grid, result: str) -> str:
    """What the mask says after a probe had this ``result``, ten minutes after the one before."""
    grid.clock.advance(minutes=10)
    item: dict[str, Any] = {
        "kind": "probe",
        "about": {"type": "ComputingElement", "name": "CE1"},
        "value": {"metric": "submit", "result": result},
        "observed_at": grid.clock.now.isoformat(),
    }
    await made.evidence.report(ADMIN, "script", [msgspec.Raw(msgspec.json.encode(item))])
    await made.inspector.sweep(100)
    return said(await made.masks.mask("cms"))["CE1"]


async def test_one_bad_probe_is_not_enough_and_two_are(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    async with grid.open(policies=toml_policies(grid.folder, POLICY)) as made:
        await sync(made)
        course = [await probe(made, grid, result) for result in ("OK", "CRITICAL", "OK", "CRITICAL")]
        assert course == ["Active", "Active", "Active", "Banned"]
        assert [await probe(made, grid, result) for result in ("OK", "OK")] == ["Banned", "Probing"]


async def test_why_tells_what_is_on_its_way(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    async with grid.open(policies=toml_policies(grid.folder, POLICY)) as made:
        await sync(made)
        await probe(made, grid, "OK")
        await probe(made, grid, "CRITICAL")
        [explanation] = await made.statuses.why(RowName(ElementName("CE1")))
        texts = [reason.text for verdict in explanation.seen.row.verdicts for reason in verdict.reasons]
        assert "Banned is not confirmed yet: 1 of 1 checks say so." in texts

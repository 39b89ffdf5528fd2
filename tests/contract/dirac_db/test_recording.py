"""What DIRAC remembers, as a recording: replayed as it was, it gives DIRAC's masks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_db.report import Report
from gridmask.dirac_db.source import Source
from gridmask.domain.errors import InvalidRequest
from gridmask.recording import file
from gridmask.replay.importers import dirac as importer
from gridmask.replay.masks import masks_at
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together
from tests.clocks import NOW
from tests.dirac_db import START
from tests.dirac_db import row as said
from tests.grid import said as names

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.recording.recording import Recording
    from tests.dirac_db import DiracDb

BEGAN = START.replace(tzinfo=NOW.tzinfo)


async def recorded(dirac: DiracDb) -> Recording:
    async with Source(dirac.url) as source:
        return await importer.recorded(source, NOW, Report())


async def test_dirac_masks_are_what_they_were(dirac: DiracDb, tmp_path: Path) -> None:
    await dirac.add("ResourceLog", said("CE1", "Active", 1), said("CE1", "Banned", 5), said("CE1", "Active", 9))
    await dirac.add("ResourceLog", said("CE2", "Active", 2, VO="all"), said("CE2", "Banned", 3, VO="cms", TokenOwner="ann"))
    await dirac.add("ResourceStatus", said("CE1", "Active", 9), said("CE2", "Active", 2))
    file.write(tmp_path / "dirac.gz", await recorded(dirac))
    plan = planning.planned(tmp_path / "dirac.gz")
    plans.save(plan, tmp_path)
    sums = together.run(tmp_path, plan, lambda: False, lambda _: None)
    assert sums is not None
    assert (sums.differing, sums.refused, sums.happened) == (0, 0, 5)
    seen = [masks_at(together.lines(tmp_path, plan), BEGAN + timedelta(minutes=minutes)) for minutes in (2, 6, 10)]
    assert [names(masks.of("cms")) for masks in seen] == [
        {"CE1": "Active", "CE2": "Active"},
        {"CE1": "Banned", "CE2": "Banned"},
        {"CE1": "Active", "CE2": "Banned"},
    ]
    assert names(seen[1].of("all")) == {"CE1": "Banned", "CE2": "Active"}


async def test_a_database_that_remembers_nothing_is_told(dirac: DiracDb) -> None:
    with pytest.raises(InvalidRequest, match="remembers nothing"):
        await recorded(dirac)

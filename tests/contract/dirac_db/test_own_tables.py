"""The tables as DIRAC itself makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_db.report import About, Report
from gridmask.dirac_db.source import Source
from gridmask.service.dirac_caches import Caches
from tests import dirac_own
from tests.dirac_db import DiracDb
from tests.dirac_db import row as said
from tests.grid import ADMIN
from tests.moving import Move, told

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.mariadb


async def test_statuses_and_history_are_read_from_them(fresh_mariadb: str, tmp_path: Path) -> None:
    dirac = DiracDb(fresh_mariadb)
    await dirac.run(*dirac_own.tables("ResourceStatusDB"))
    await dirac.add("ResourceLog", said("CE1", "Active", 1), said("CE1", "", 2, TokenOwner="shifter"))
    await dirac.add("ResourceStatus", said("CE1", "Active", 1, TokenOwner="shifter", VO="all"))
    move = Move(dirac, f"sqlite:///{tmp_path / 'gridmask.db'}", tmp_path)
    async with move.open() as made:
        report = await move.take(made)
        assert (await told(made, "CE1"))[:2] == [" 00:01 None>4  dirac", " 00:02 4>4 shifter dirac"]

    assert (report.entries, report.rows, report.tokens) == (2, 1, 1)


async def test_so_are_downtimes_and_occupancy(fresh_mariadb: str, tmp_path: Path) -> None:
    dirac = DiracDb(fresh_mariadb)
    made_by_dirac = dirac_own.tables("ResourceManagementDB")
    await dirac.run(*made_by_dirac)
    move = Move(dirac, f"sqlite:///{tmp_path / 'gridmask.db'}", tmp_path)
    soon = (move.clock() + timedelta(hours=1)).replace(tzinfo=None)
    now = move.clock().replace(tzinfo=None)
    times = {"StartDate": now, "EndDate": soon, "DateEffective": now, "LastCheckTime": now}
    named = {"DowntimeID": "1 x", "Name": "LCG.Here.org", "Element": "Site", "Severity": "OUTAGE", "Description": "power"}
    await dirac.add("DowntimeCache", {**named, **times})
    of_old = {"Endpoint": "Deprecated"} if any("Endpoint" in statement for statement in made_by_dirac) else {}
    await dirac.add("SpaceTokenOccupancyCache", {"Token": "SE1", "Free": 1, "Total": 2, "LastCheckTime": now, **of_old})
    async with move.open() as made, Source(fresh_mariadb) as source:
        await Caches(made.inspector, ADMIN, source, report := Report()).run()

    assert (report.downtimes, report.measurements, list(report.named[About.NOT_TAKEN])) == (1, 1, ["PolicyResult"])

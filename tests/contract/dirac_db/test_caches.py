"""What becomes of downtimes and occupancy that DIRAC remembers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_db.report import About, Report
from gridmask.dirac_db.source import Source
from gridmask.domain.measurements import Space
from gridmask.domain.naming import handle
from gridmask.service.dirac_caches import Caches
from gridmask.service.downtimes import When
from gridmask.store import evidence
from tests.dirac_db import MANAGEMENT, DiracDb
from tests.grid import ADMIN
from tests.moving import Move

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
async def move(request: pytest.FixtureRequest, tmp_path: Path) -> Move:
    file = f"sqlite+aiosqlite:///{tmp_path / 'management.db'}"
    caches = DiracDb(file if request.param == "sqlite" else request.getfixturevalue("fresh_mariadb"))
    await caches.run(*(one.format(endpoint="Endpoint VARCHAR(128) NOT NULL DEFAULT 'Deprecated',") for one in MANAGEMENT))
    return Move(caches, f"sqlite:///{tmp_path / 'gridmask.db'}", tmp_path)


async def taken(made: Installation, move: Move) -> Report:
    report = Report()
    async with Source(move.dirac.url) as source:
        await Caches(made.inspector, ADMIN, source, report).run()
    return report


def downtime(identifier: str, start: float, end: float, **columns: object) -> dict[str, object]:
    said = {"DowntimeID": identifier, "Name": "LCG.Here.org", "Element": "Site", "GOCDBServiceType": None}
    said |= {"Severity": "OUTAGE", "Description": "power", "Link": None}
    times = {"StartDate": start, "EndDate": end, "DateEffective": start - 1, "LastCheckTime": start}
    naive = {name: (NOW + timedelta(hours=hours)).replace(tzinfo=None) for name, hours in times.items()}
    return {**said, **naive, **columns}


async def test_a_downtime_that_is_over_is_history(move: Move) -> None:
    await move.dirac.add("DowntimeCache", downtime("1 here", -9, -5))
    async with move.open() as made:
        report = await taken(made, move)
        [version] = await made.downtimes.list(When.ALL)
        again = await taken(made, move)

    assert (version.downtime.key.source, version.known_from) == ("dirac", NOW - timedelta(hours=10))
    assert (report.downtimes, again.downtimes) == (1, 0)


async def test_a_downtime_that_is_not_over_can_be_cancelled_by_people(move: Move) -> None:
    await move.dirac.add("DowntimeCache", downtime("1 here", -1, 5))
    async with move.open() as made:
        assert (await taken(made, move)).downtimes == 1
        await made.downtimes.cancel(ADMIN, "1 here", "It is over.")
        assert (await taken(made, move)).downtimes == 0


async def test_it_bans_as_any_other(move: Move) -> None:
    await move.dirac.add("DowntimeCache", downtime("1 here", -1, 5))
    async with move.open() as made:
        await taken(made, move)
        mask = await made.masks.mask("all")
        [site] = [entry for key, entry in mask.entries.items() if key.name == "LCG.Here.org"]

    assert [status.label for _, status in site.statuses] == ["Banned"]


async def test_occupancy_is_a_measurement_in_bytes(move: Move) -> None:
    checked = (NOW - timedelta(hours=1)).replace(tzinfo=None)
    full = {"Token": "SE1", "Free": 1.0, "Total": 2.0, "LastCheckTime": checked}
    await move.dirac.add(
        "SpaceTokenOccupancyCache", full, {**full, "Token": "old", "LastCheckTime": checked - timedelta(days=9)}
    )
    async with move.open() as made:
        report, again = await taken(made, move), await taken(made, move)
        async with made.database.reading() as connection:
            [item] = (await evidence.of_source(connection, "dirac")).values()

    assert (handle(item.key.about), item.value) == ("SE1", Space(total=2**21, free=2**20))
    assert (report.measurements, again.measurements, report.counts[About.STALE]) == (1, 0, 1)


async def test_that_there_is_no_such_database_is_told(move: Move) -> None:
    async with move.open() as made, Source("mysql://nobody@127.0.0.1:1/ResourceManagementDB") as source:
        await Caches(made.inspector, ADMIN, source, report := Report()).run()

    assert report.counts[About.NOT_TAKEN] == 1

"""What DIRAC's other database, ResourceManagementDB, remembers of downtimes and of space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gridmask.dirac_db import translate
from gridmask.dirac_db.report import About, Report
from gridmask.dirac_db.timeline import SOURCE
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import RESOURCE, SITE, ElementKey
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import SPACE, Space
from gridmask.domain.naming import HostedService

if TYPE_CHECKING:
    from gridmask.domain.naming import Target

NAME = "ResourceManagementDB"
"""What it is called."""

DOWNTIMES, OCCUPANCY, VERDICTS = "DowntimeCache", "SpaceTokenOccupancyCache", "PolicyResult"
"""Tables: downtimes as GOCDB announced them or people added them, the last occupancy, and the last verdict of each policy."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    DOWNTIMES: (
        *("DowntimeID", "Name", "Element", "GOCDBServiceType", "Severity", "Description", "Link"),
        *("StartDate", "EndDate", "DateEffective"),
    ),
    OCCUPANCY: ("Token", "Free", "Total", "LastCheckTime"),
}
"""What is read of each. What else there is differs between versions."""

MEGABYTE = 2**20
OCCUPANCY_COUNTS = timedelta(hours=6)
"""For so long DIRAC keeps an occupancy that is not measured anew."""

Said = Mapping[str, Any]


def downtimes(rows: Iterable[Said], now: datetime, report: Report) -> Iterator[tuple[Downtime, datetime]]:
    """The downtimes, and since when DIRAC knew of each."""
    for row in rows:
        start, end = translate.moment(row["StartDate"]), translate.moment(row["EndDate"])
        target = _target(row)
        if start is None or target is None:
            report.remark(About.NO_TIME if start is None else About.NO_TYPE, f"{DOWNTIMES} {row['DowntimeID']}")
            continue
        downtime = Downtime(
            DowntimeKey(SOURCE, row["DowntimeID"]),
            frozenset({target}),
            Interval(start, end),
            row["Severity"],
            description=row["Description"],
            url=row["Link"] or "",
        )
        yield downtime, min(translate.moment(row["DateEffective"]) or now, now)


def _target(row: Said) -> Target | None:
    name = row["Name"].strip()
    if row["Element"] == SITE:
        return ElementKey(SITE, SITE, name) if name else None
    host = (urlsplit(name).hostname if "://" in name else name.lower()) or ""
    return HostedService(host, (row["GOCDBServiceType"] or "").strip().lower()) if host else None


def spaces(rows: Iterable[Said], now: datetime, report: Report) -> Iterator[Evidence]:
    """The occupancy of storage elements, as far as it still counts. DIRAC counts in MB of 2^20 bytes."""
    for row in rows:
        name, checked = row["Token"].strip(), translate.moment(row["LastCheckTime"])
        space = Space(row["Total"] * MEGABYTE, row["Free"] * MEGABYTE)
        if checked is None or not now - OCCUPANCY_COUNTS < checked <= now or space.flaw:
            report.remark(About.STALE, f"{OCCUPANCY} {name}")
            continue
        about = ElementKey(RESOURCE, "StorageElement", name)
        yield Evidence(EvidenceKey(SOURCE, name, about), SPACE, space, checked, checked + OCCUPANCY_COUNTS)

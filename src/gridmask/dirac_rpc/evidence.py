"""Records of DIRAC's caches as evidence, and evidence as such records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridmask.dirac_db.management import MEGABYTE, OCCUPANCY_COUNTS
from gridmask.dirac_db.timeline import SOURCE
from gridmask.dirac_rpc.encoding import aware, naive
from gridmask.dirac_rpc.rows import joined
from gridmask.dirac_rpc.tables import FOREVER
from gridmask.domain.downtime import Downtime, DowntimeKey, Impact, Interval
from gridmask.domain.element import RESOURCE, SITE, ElementKey
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import METRIC, SPACE, TICKETS, Metric, Space, Tickets
from gridmask.domain.naming import HostedService
from gridmask.domain.vo import ALL
from gridmask.rules.downtime import SEVERITIES

if TYPE_CHECKING:
    from gridmask.dirac_rpc.selection import Record
    from gridmask.domain.naming import Target
    from gridmask.store.dirac_views.names import Names
    from gridmask.store.downtimes import Version
    from gridmask.store.journal import Written

Said = dict[str, Any]


# --- Downtimes


def downtime(said: Said, before: Said | None, now: datetime, names: Names) -> Downtime:
    """The downtime that a record of ``DowntimeCache`` tells of; what it leaves out is as ``before``.

    Raises:
        InvalidRequest: it says too little, or nothing that can be.
    """
    whole = {**(before or {}), **said}
    for column in ("DowntimeID", "Name", "StartDate"):
        if not whole.get(column):
            raise InvalidRequest(f"A downtime needs a {column}.")
    ends = whole.get("EndDate")
    if ends is not None and ends < whole["StartDate"]:
        raise InvalidRequest(f"The downtime {whole['DowntimeID']} would end before it begins.")
    return Downtime(
        DowntimeKey(SOURCE, whole["DowntimeID"]),
        frozenset({_target(whole, names)}),
        Interval(aware(whole["StartDate"]), None if ends is None or ends.year == FOREVER.year else aware(ends)),
        whole.get("Severity") or "OUTAGE",
        description=whole.get("Description") or "",
        url=whole.get("Link") or "",
        created_at=aware(whole["DateEffective"]) if whole.get("DateEffective") else now,
    )


def _target(said: Said, names: Names) -> Target:
    name = said["Name"].strip()
    if said.get("Element") == SITE:
        return ElementKey(SITE, SITE, name)
    if key := names.found(RESOURCE, name):
        return key
    return HostedService(name.lower(), (said.get("GOCDBServiceType") or "").strip().lower())


def downtime_records(versions: Iterable[Version], names: Names) -> list[Record]:
    """The records of ``DowntimeCache`` about downtimes: one for each thing that is down."""
    found = []
    for version in versions:
        told, targets = version.downtime, sorted(version.downtime.targets, key=tuple)
        for target in targets:
            is_host = isinstance(target, HostedService)
            name = target.host if isinstance(target, HostedService) else names.of(target)
            found.append(
                (
                    told.key.record if told.key.source == SOURCE or len(targets) == 1 else f"{told.key.record} {name}",
                    name,
                    RESOURCE if is_host or target[0] != SITE else SITE,
                    target.service if isinstance(target, HostedService) else "",
                    _severity(told.severity),
                    told.description,
                    told.url,
                    naive(told.interval.start),
                    FOREVER if told.interval.end is None else naive(told.interval.end),
                    naive(told.created_at or version.known_from),
                    naive(version.known_from),
                )
            )
    return found


def _severity(published: str) -> str:
    """What DIRAC calls a severity that registries publish; one that means neither is told as it was published."""
    impact = SEVERITIES.get(published.upper(), Impact.NONE)
    return published if impact is Impact.NONE else impact.name


# --- Measurements


def occupancy(said: Said, names: Names) -> tuple[Evidence, ...]:
    """What a record of ``SpaceTokenOccupancyCache`` says of a storage element. DIRAC counts in MB of 2^20 bytes."""
    space = Space(said["Total"] * MEGABYTE, said["Free"] * MEGABYTE)
    if space.flaw:
        raise InvalidRequest(f"The occupancy of {said['Token']}: {space.flaw}.")
    about = _about("StorageElement", said["Token"], names)
    return (_measured(about, said["Token"], SPACE, space, said),)


def tickets(said: Said, names: Names) -> tuple[Evidence, ...]:
    """What a record of ``GGUSTicketsCache`` says of a site."""
    del names
    told = Tickets(int(said["OpenTickets"]), tuple(filter(None, [said["Link"]])))
    if told.flaw:
        raise InvalidRequest(f"The tickets of {said['GocSite']}: {told.flaw}.")
    return (_measured(ElementKey(SITE, SITE, said["GocSite"]), said["GocSite"], TICKETS, told, said),)


def pilots(said: Said, names: Names) -> tuple[Evidence, ...]:
    """What a record of ``PilotCache`` says, as a number: it does not tell how many pilots there were."""
    is_site = said["CE"] in {"", "Multiple"}
    about = ElementKey(SITE, SITE, said["Site"]) if is_site else _about("ComputingElement", said["CE"], names)
    record = f"{PILOTS_RECORD}{said['Site']}/{said['CE']}/{said['VO']}"
    told = Metric("PilotJobEff", float(said["PilotJobEff"]), "%")
    return (_measured(about, record, METRIC, told, said, said["VO"]),)


def jobs(said: Said, names: Names) -> tuple[Evidence, ...]:
    """What a record of ``JobCache`` says of a site, as a number likewise."""
    del names
    about, told = ElementKey(SITE, SITE, said["Site"]), Metric("JobEfficiency", float(said["Efficiency"]), "%")
    return (_measured(about, f"{JOBS_RECORD}{said['Site']}", METRIC, told, said),)


def _about(type_: str, called: str, names: Names) -> ElementKey:
    key = names.found(RESOURCE, called)
    return key if key is not None and key.type == type_ else ElementKey(RESOURCE, type_, called)


PILOTS_RECORD, JOBS_RECORD = "pilots/", "jobs/"


def _measured(about: Target, record: str, kind: str, value: object, said: Said, vo: str = ALL) -> Evidence:
    seen = aware(said["LastCheckTime"])
    if seen.year == FOREVER.year:
        raise InvalidRequest("LastCheckTime is a time to come; nothing was taken.")
    return Evidence(EvidenceKey(SOURCE, record, about), kind, value, seen, seen + OCCUPANCY_COUNTS, vo)


def occupancy_records(measured: Iterable[Evidence], names: Names) -> list[Record]:
    """The records of ``SpaceTokenOccupancyCache`` about what was measured."""
    return [("", _called(item.key.about, names), 0.0, *_free_and_total(item)) for item in measured]


def _called(about: Target, names: Names) -> str:
    return names.of(about) if isinstance(about, ElementKey) else about.host


def _free_and_total(item: Evidence) -> tuple[float, float, datetime]:
    assert isinstance(item.value, Space)
    return item.value.free / MEGABYTE, item.value.total / MEGABYTE, naive(item.observed_at)


def ticket_records(measured: Iterable[Evidence]) -> list[Record]:
    """The records of ``GGUSTicketsCache`` about what was measured of sites."""
    return [
        (item.key.about.name, "", item.value.open, item.value.urls[0] if item.value.urls else "", naive(item.observed_at))
        for item in measured
        if isinstance(item.value, Tickets) and isinstance(item.key.about, ElementKey)
    ]


# --- Verdicts


def verdict_records(written: Iterable[Written], names: Names) -> list[Record]:
    """The records of ``PolicyResult``: what each policy says of each row."""
    return [
        (
            verdict.policy,
            one.row.key.status_type,
            one.row.key.element.family,
            names.of(one.row.key.element),
            verdict.status.label,
            joined(verdict.reasons),
            naive(one.row.standing.since),
            naive(one.at or one.row.standing.since),
            one.row.key.vo,
        )
        for one in written
        for verdict in one.row.verdicts
    ]
